// SPDX-License-Identifier: Apache-2.0
// What a power loss may take: nothing that the ledger vouches for. The order of file fsync, rename,
// folder fsync and ledger commit is read from a system-call trace of a real run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace reelmill::test
