// SPDX-License-Identifier: Apache-2.0
// Group commit keeps the promise of one transaction an item: nobody is told that an item is
// recorded before the log that holds it has been flushed. Read from a system-call trace.
#include <cstdlib>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "pipeline/ledger.h"
#include "tests/support/syscall_trace.h"
#include "tests/support/temp_folder.h"

namespace reelmill::test {
namespace {
namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kItems = 400;
constexpr const char* kFolder = "REELMILL_LEDGER_COMMIT_FOLDER";

std::string mark_of(int item) {
  return fmt::format("item-{:04}-end", item);
}

// What the trace is of: run by the tests below, in a process of its own.
TEST(LedgerCommit, DISABLED_WritesALineForEveryAcknowledgement) {
  const char* folder = std::getenv(kFolder);
  ASSERT_NE(folder, nullptr);
  auto ledger = Ledger::open(folder);
  ASSERT_TRUE(ledger) << ledger.error().message;
  const int acks = ::open((fs::path(folder) / "acks").c_str(), O_WRONLY | O_CREAT, 0666);
  ASSERT_GE(acks, 0);
  for (int i = 0; i < kItems; ++i)
    (*ledger)->mark_in_flight({"/videos/" + mark_of(i), mark_of(i), 1, 1}, InFlight::with_others,
                              [acks, line = mark_of(i) + "\n"](Status status) {
                                if (!status || ::write(acks, line.data(), line.size()) < 0)
                                  std::abort();
                              });
  ASSERT_TRUE((*ledger)->flush());
  EXPECT_LT((*ledger)->activity().commits, kItems / 4) << "nothing was grouped";
  ::close(acks);
}

/// Items that were acknowledged before a flush of the log that holds them had ended.
std::vector<std::string> too_early(const std::vector<SystemCall>& calls, const fs::path& folder) {
  std::vector<std::string> found;
  const auto wal = folder / "ledger.sqlite-wal";
  for (int i = 0; i < kItems; ++i) {
    const auto mark = mark_of(i);
    const SystemCall* written = nullptr;
    bool is_flushed = false, is_acknowledged = false;
    for (const auto& call : calls) {
      if (written == nullptr && call.path == wal && call.data.find(mark) != call.data.npos)
        written = &call;
      if (call.path == folder / "acks" && call.data.find(mark) != call.data.npos) {
        is_acknowledged = true;
        for (const auto& flush : calls)
          is_flushed = is_flushed || ((flush.name == "fsync" || flush.name == "fdatasync") &&
                                      flush.path == wal && written != nullptr &&
                                      flush.begun > written->ended && flush.ended < call.begun);
      }
    }
    if (!is_acknowledged || !is_flushed) found.push_back(mark);
  }
  return found;
}

TEST(LedgerCommit, NoAcknowledgementPrecedesTheFlushOfItsCommit) {
  const TempFolder folder;
  Command child{.arguments = {fs::read_symlink("/proc/self/exe").string(),
                              "--gtest_filter=LedgerCommit.DISABLED_*",
                              "--gtest_also_run_disabled_tests"}};
  child.environment = {{kFolder, folder.path().string()}};
  const TempFolder elsewhere;
  const auto result = run(traced(child, elsewhere / "trace"));
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  auto calls = parse_trace(read_file(elsewhere / "trace"));
  EXPECT_THAT(too_early(calls, folder.path()), IsEmpty());

  // The judge, judged: a ledger that forgot to flush would be noticed for every item.
  std::erase_if(calls, [](const SystemCall& call) {
    return call.name == "fsync" || call.name == "fdatasync";
  });
  EXPECT_THAT(too_early(calls, folder.path()), SizeIs(kItems));
}

}  // namespace
}  // namespace reelmill::test
