// SPDX-License-Identifier: Apache-2.0
#include "pipeline/run_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/config.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

class HowARunEnded : public ::testing::Test {
 protected:
  RunEnd end(std::int64_t unreadable_folders, std::int64_t quarantined, std::int64_t pending = 0) {
    context_.counters.unreadable_folders = unreadable_folders;
    const FinalTally tally{1, quarantined, pending, 0};
    outcome_ = make_report(context_, tally, {}).run.outcome;
    return end_of(context_, tally);
  }

  test::TempFolder folder_;
  std::unique_ptr<Ledger> ledger_ = std::move(*Ledger::open(folder_.path()));
  PipelineSpec spec_ = [this] {
    std::vector<Problem> problems;
    return load_config(folder_.write("c.yaml",
                                     "version: 1\nstages:\n  - { id: frames, use: decode }\n"
                                     "  - { id: black, use: black, from: frames }\n"),
                       {}, problems)
        .value();
  }();
  RunOptions options_;
  Watchdog watchdog_{{}, system_clock()};
  StorageWatch storage_{std::vector<InputRoot>{}};
  RunContext context_{spec_, options_, *ledger_, watchdog_, storage_, system_clock()};
  std::string outcome_;
};

TEST_F(HowARunEnded, AFolderThatCouldNotBeReadIsSaidAndIsNotAllDone) {
  EXPECT_EQ(end(0, 0), RunEnd::done);
  EXPECT_EQ(outcome_, "all done");
  EXPECT_EQ(end(1, 0), RunEnd::quarantined);
  EXPECT_EQ(outcome_, "finished, but 1 folder could not be read");
  EXPECT_EQ(end(2, 3), RunEnd::quarantined);
  EXPECT_EQ(outcome_, "finished, some videos are in quarantine and 2 folders could not be read");
  EXPECT_EQ(end(0, 3), RunEnd::quarantined);
  EXPECT_EQ(outcome_, "finished, some videos are in quarantine");
  EXPECT_EQ(end(2, 0, 1), RunEnd::uploads_pending) << "which says more";
}

}  // namespace
}  // namespace reelmill
