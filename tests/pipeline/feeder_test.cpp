// SPDX-License-Identifier: Apache-2.0
#include "pipeline/feeder.h"

#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

class Decide : public ::testing::Test {
 protected:
  Decide() {
    spec_.analysis_hash = "analysis";
    known_.bytes = file_.bytes = 100;
    known_.mtime_ns = file_.mtime_ns = 5;
    known_.analysis_hash = "analysis";
    known_.state = VideoState::done;
  }
  Decision decision(LastEnd last_end = LastEnd::orderly) const {
    return decide(file_, known_, spec_, last_end);
  }
  PipelineSpec spec_;
  VideoFile file_;
  KnownVideo known_;
};

TEST_F(Decide, ANewVideoIsProcessed) {
  EXPECT_EQ(decide(file_, std::nullopt, spec_, LastEnd::orderly), Decision::process);
}
TEST_F(Decide, ADoneVideoIsSkipped) {
  EXPECT_EQ(decision(), Decision::skip);
}
TEST_F(Decide, AnotherSizeRunsAgain) {
  file_.bytes = 101;
  EXPECT_EQ(decision(), Decision::process);
}
TEST_F(Decide, AnotherTimeRunsAgain) {
  file_.mtime_ns = 6;
  EXPECT_EQ(decision(), Decision::process);
}
TEST_F(Decide, AnotherConfigurationRunsAgain) {
  spec_.analysis_hash = "other";
  EXPECT_EQ(decision(), Decision::process);
}
TEST_F(Decide, AQuarantinedVideoStaysUntilItIsAskedForOrChanges) {
  known_.state = VideoState::quarantined;
  EXPECT_EQ(decision(), Decision::stays_quarantined);
  file_.bytes = 7;
  EXPECT_EQ(decision(), Decision::process);
}
TEST_F(Decide, PendingUploadsAreSentWithoutDecoding) {
  known_.state = VideoState::uploads_pending;
  EXPECT_EQ(decision(), Decision::upload);
}
TEST_F(Decide, AfterTwoCrashesItRunsAlone) {
  known_.state = VideoState::unfinished;
  known_.crashes = 1;
  EXPECT_EQ(decision(LastEnd::crashed), Decision::process);
  known_.crashes = 2;
  EXPECT_EQ(decision(LastEnd::crashed), Decision::process_alone);
}
TEST_F(Decide, ACrashAloneIsItsOwnFault) {
  known_.state = VideoState::unfinished;
  known_.crashes = 3;
  known_.ran_alone = true;
  EXPECT_EQ(decision(LastEnd::crashed), Decision::crashed);
}
TEST_F(Decide, AKillFromOutsideSaysNothingOfTheVideo) {
  known_.state = VideoState::unfinished;
  known_.crashes = 3;
  known_.ran_alone = true;
  EXPECT_EQ(decision(LastEnd::stopped), Decision::process_alone);
}

TEST(LeaveOutGone, WhatWasMadeOfAListedFileThatIsGoneStays) {
  const test::TempFolder out;
  auto ledger = Ledger::open(out.path());
  ASSERT_THAT(ledger, testing::IsOk());
  const VideoFile done{"/in/done.mp4", "done.mp4", 9, 5}, fresh{"/in/new.mp4", "new.mp4", 0, 0},
      there{"/in/there.mp4", "there.mp4", 3, 3};
  (*ledger)->record_analyzed({done, "h", "done", 1, "sha", {}, {}}, nullptr);
  (*ledger)->record_analyzed({there, "h", "done", 1, "sha", {}, {}}, nullptr);
  ASSERT_THAT((*ledger)->flush(), testing::IsOk());
  SourceListing listing;
  listing.videos = {{done.path, done.key, 0, 0}, fresh, there};
  listing.gone = {done.path, fresh.path};
  ASSERT_THAT(leave_out_gone(listing, **ledger), testing::IsOk());
  ASSERT_EQ(listing.videos.size(), 2u);
  EXPECT_EQ(listing.videos[0].path, fresh.path);
  EXPECT_EQ(listing.videos[1].path, there.path);
  ASSERT_EQ(listing.notes.size(), 1u);
}

}  // namespace
}  // namespace reelmill
