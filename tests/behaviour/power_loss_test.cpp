// SPDX-License-Identifier: Apache-2.0
// What a power loss may take: nothing that the ledger vouches for. The order of file fsync, rename,
// folder fsync and ledger commit is read from a system-call trace of a real run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "tests/support/syscall_trace.h"
#include "tests/support/tool_run.h"

namespace reelmill::test {
namespace {
namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class PowerLoss : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    state_ = new State;
    const auto& out = state_->out;
    const auto config = state_->folder.write("everything.yaml", analysis_yaml());
    const auto result =
        run(traced(tool_run({sample_clips().native()}, config, out), state_->folder / "trace"));
    ASSERT_EQ(result.exit_code, 0) << result.err;
    state_->calls = parse_trace(read_file(state_->folder / "trace"));
    // The ledger names a file first when it vouches for it.
    for (const auto* kept : {"results", "artifacts", "published"})
      for (const auto& [name, content] : contents(out / kept))
        (kept == std::string_view("published") ? state_->published : state_->written)
            .push_back({out / kept / name, std::string(kept) + "/" + name});
  }
  static void TearDownTestSuite() { delete state_; }

  static std::vector<std::string> gaps(const std::vector<VouchedFile>& files,
                                       const std::vector<SystemCall>& calls) {
    return power_loss_gaps(calls, files, state_->out / "ledger.sqlite-wal");
  }

  /// The trace of a program that forgets some of its calls.
  template <class Forgets>
  static std::vector<SystemCall> without(Forgets forgets) {
    auto calls = state_->calls;
    std::erase_if(calls, forgets);
    return calls;
  }

  struct State {
    TempFolder folder;
    const fs::path out = folder / "out";
    std::vector<SystemCall> calls;
    std::vector<VouchedFile> written, published;
  };
  static inline State* state_ = nullptr;
};

TEST_F(PowerLoss, ResultsAndArtifactsAreOnDiskBeforeTheLedgerSaysSo) {
  ASSERT_THAT(state_->written, Not(IsEmpty()));
  EXPECT_THAT(gaps(state_->written, state_->calls), IsEmpty());
}

TEST_F(PowerLoss, WhatIsPublishedIsOnDiskBeforeTheLedgerSaysSo) {
  ASSERT_THAT(state_->published, SizeIs(state_->written.size()));
  EXPECT_THAT(gaps(state_->published, state_->calls), IsEmpty());
}

TEST_F(PowerLoss, LeavingOutAnyStepIsNoticed) {
  for (const auto* files : {&state_->written, &state_->published}) {
    const auto is_flush = [](const SystemCall& call) {
      return call.name == "fsync" || call.name == "fdatasync";
    };
    const auto& file = files->front().file;
    const auto forgotten = [&](auto forgets) { return gaps(*files, without(forgets)); };
    EXPECT_THAT(forgotten([&](const auto& call) {
                  return is_flush(call) &&
                         fs::path(call.path).filename().native().starts_with(".reelmill-tmp-");
                }),
                SizeIs(files->size()))
        << "no file is flushed";
    EXPECT_THAT(forgotten([&](const auto& call) { return call.to_path == file; }), SizeIs(1))
        << "one file is not renamed";
    EXPECT_THAT(forgotten([&](const auto& call) {
                  return is_flush(call) && call.path == file.parent_path();
                }),
                Not(IsEmpty()))
        << "one folder is not flushed";
    EXPECT_THAT(forgotten([&](const auto& call) {
                  return is_flush(call) && call.path == state_->out / "ledger.sqlite-wal";
                }),
                SizeIs(files->size()))
        << "the ledger is not flushed";
  }
}

/// Runs of one video into an OUT where its files stand already.
class PowerLossAgain : public testing::Test {
 protected:
  ProcessResult go(const std::string& yaml) {
    const auto config = folder_.write("config.yaml", yaml);
    return run(tool_run({(sample_clips() / "b.mkv").native()}, config, out_));
  }
  std::vector<SystemCall> trace_of(const std::string& yaml) {
    const auto config = folder_.write("config.yaml", yaml);
    const auto result = run(
        traced(tool_run({(sample_clips() / "b.mkv").native()}, config, out_), folder_ / "trace"));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return parse_trace(read_file(folder_ / "trace"));
  }
  std::vector<VouchedFile> left_alone(const std::string& folder, const std::string& mark) const {
    std::vector<VouchedFile> files;
    for (const auto& [name, content] : contents(out_ / folder))
      files.push_back({out_ / folder / name, mark.empty() ? folder + "/" + name : mark, true});
    return files;
  }
  std::vector<std::string> gaps(const std::vector<VouchedFile>& files,
                                const std::vector<SystemCall>& calls) const {
    return power_loss_gaps(calls, files, out_ / "ledger.sqlite-wal");
  }

  TempFolder folder_;
  const fs::path out_ = folder_ / "out";
};

TEST_F(PowerLossAgain, FilesThatComeOutTheSameAreLeftAloneAndTheirFoldersFlushed) {
  ASSERT_EQ(go(analysis_yaml()).exit_code, 0);
  // As if that run had died between its renames and the ledger: nobody knows of its flushes.
  for (const auto* name : {"ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"})
    fs::remove(out_ / name);
  fs::remove_all(out_ / "timelines");  // else its artifacts would be taken over
  const auto calls = trace_of(analysis_yaml());
  auto files = left_alone("artifacts", "");
  ASSERT_THAT(files, SizeIs(testing::Ge(3u)));
  for (auto& file : left_alone("results", "")) files.push_back(std::move(file));
  EXPECT_THAT(gaps(files, calls), IsEmpty());
}

TEST_F(PowerLossAgain, ArtifactsThatAreTakenOverGetTheirFolderFlushed) {
  ASSERT_EQ(go(analysis_yaml()).exit_code, 0);
  auto changed = analysis_yaml();
  const std::string black = "use: black, from: frames";
  changed.replace(changed.find(black), black.size(), black + ", with: { min_duration: 40ms }");
  const auto calls = trace_of(changed);
  ASSERT_EQ(report_of(out_)["throughput"]["frames"], 0) << "nothing was taken over";
  // The ledger holds the names since the first run; what it writes anew is the results' digest.
  const auto digest = sha256_hex(read_file(out_ / "results/b.mkv.json"));
  const auto files = left_alone("artifacts", digest);
  ASSERT_THAT(files, SizeIs(testing::Ge(3u)));
  EXPECT_THAT(gaps(files, calls), IsEmpty());
}

}  // namespace
}  // namespace reelmill::test
