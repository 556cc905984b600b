// SPDX-License-Identifier: Apache-2.0
#include "pipeline/ledger.h"

#include <atomic>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

VideoFile video(const std::string& name) {
  return {"/videos/" + name, name, 1000, 123456789};
}

AnalyzedVideo analyzed(const std::string& name, std::vector<UploadClaim> uploads = {}) {
  AnalyzedVideo result;
  result.file = video(name);
  result.analysis_hash = "a1";
  result.status = "done";
  result.frames = 25;
  result.results_sha256 = "5ea";
  result.artifacts = {{"artifacts/" + name + "/1.jpg", 77, "77a"}};
  result.uploads = std::move(uploads);
  return result;
}

UploadClaim claim(const std::string& stage, const std::string& hash, int items) {
  UploadClaim claim{stage, hash, {}};
  for (int i = 0; i < items; ++i) {
    PendingUpload item;
    item.file = "results/a\xff.json";
    item.name = "n" + std::to_string(i);
    item.content_type = "application/json";
    item.bytes = 10;
    item.sha256 = "0f";
    claim.items.push_back(item);
  }
  return claim;
}

class LedgerTest : public ::testing::Test {
 protected:
  test::TempFolder folder;
  std::unique_ptr<Ledger> ledger = open();

  std::unique_ptr<Ledger> open() {
    auto opened = Ledger::open(folder.path());
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  void reopen() {
    ledger.reset();
    ledger = open();
  }
  KnownVideo known(const std::string& name) {
    EXPECT_TRUE(ledger->flush());
    const auto found = ledger->find(video(name).path);
    EXPECT_TRUE(found && *found) << name;
    return found && *found ? **found : KnownVideo{};
  }
  std::vector<PendingUpload> pending() {
    EXPECT_TRUE(ledger->flush());
    return ledger->pending_uploads(0, 1000).value();
  }
  Ledger::Counts counts() {
    EXPECT_TRUE(ledger->flush());
    return ledger->counts().value();
  }
};

TEST_F(LedgerTest, KnowsNothingOfAPathThatWasNeverRecorded) {
  EXPECT_EQ(ledger->find("/videos/a.mp4").value(), std::nullopt);
}

TEST_F(LedgerTest, AVideoWithNothingToSendIsDoneAtOnce) {
  ledger->mark_in_flight(video("a.mp4"), InFlight::with_others, nullptr);
  EXPECT_EQ(known("a.mp4").state, VideoState::in_flight);
  ledger->record_analyzed(analyzed("a.mp4", {claim("publish", "h1", 0)}), nullptr);
  reopen();
  const auto done = known("a.mp4");
  EXPECT_EQ(done.state, VideoState::done);
  EXPECT_EQ(done.key, "a.mp4");
  EXPECT_EQ(done.bytes, 1000u);
  EXPECT_EQ(done.mtime_ns, 123456789);
  EXPECT_EQ(done.analysis_hash, "a1");
  EXPECT_THAT(done.upload_hashes,
              ElementsAre(std::pair<std::string, std::string>("publish", "h1")));
}

TEST_F(LedgerTest, TheLastArrivalMakesAVideoDone) {
  ledger->record_analyzed(analyzed("a.mp4", {claim("publish", "h1", 2)}), nullptr);
  EXPECT_EQ(known("a.mp4").state, VideoState::uploads_pending);
  const auto items = pending();
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_EQ(items[0].video, "a.mp4");
  EXPECT_EQ(items[0].file, "results/a\xff.json");
  EXPECT_EQ(items[0].stage, "publish");
  ledger->record_uploaded(items[0].id, "s3://b/n0", 10, nullptr);
  EXPECT_EQ(known("a.mp4").state, VideoState::uploads_pending);
  ledger->record_uploaded(items[1].id, "s3://b/n1", 10, nullptr);
  EXPECT_EQ(known("a.mp4").state, VideoState::done);
  EXPECT_EQ(counts().uploaded_objects, 2);
  EXPECT_EQ(counts().uploaded_bytes, 20);
  EXPECT_EQ(counts().pending_objects, 0);
}

TEST_F(LedgerTest, AVideoInFlightWhenItsRunDiedCountsACrash) {
  for (int crashes = 1; crashes <= 3; ++crashes) {
    ASSERT_TRUE(ledger->begin_run("run"));
    ledger->mark_in_flight(video("a.mp4"), InFlight::with_others, nullptr);
    reopen();  // without end_run: it died
    EXPECT_THAT(ledger->begin_run("next").value(), ElementsAre("/videos/a.mp4"));
    EXPECT_EQ(known("a.mp4").crashes, crashes);
    EXPECT_FALSE(known("a.mp4").ran_alone);
  }
}

TEST_F(LedgerTest, ACrashWhileAloneIsRememberedAsThat) {
  ledger->mark_in_flight(video("a.mp4"), InFlight::alone, nullptr);
  reopen();
  ASSERT_TRUE(ledger->begin_run("next"));
  EXPECT_TRUE(known("a.mp4").ran_alone);
}

TEST_F(LedgerTest, AReleasedVideoIsUnfinishedAndBlameless) {
  ledger->mark_in_flight(video("a.mp4"), InFlight::with_others, nullptr);
  ledger->release(video("a.mp4"), nullptr);
  reopen();
  EXPECT_THAT(ledger->begin_run("next").value(), IsEmpty());
  EXPECT_EQ(known("a.mp4").state, VideoState::unfinished);
  EXPECT_EQ(known("a.mp4").crashes, 0);
}

TEST_F(LedgerTest, AChangedFileForgetsItsCrashes) {
  ledger->mark_in_flight(video("a.mp4"), InFlight::with_others, nullptr);
  reopen();
  ASSERT_TRUE(ledger->begin_run("next"));
  auto changed = video("a.mp4");
  changed.mtime_ns += 1;
  ledger->mark_in_flight(changed, InFlight::with_others, nullptr);
  EXPECT_EQ(known("a.mp4").crashes, 0);
}

TEST_F(LedgerTest, QuarantineHoldsItsReasonUntilItIsForgotten) {
  ledger->record_quarantined(video("a.mp4"), {"decode", "empty", "a.mp4 is empty"}, nullptr);
  ledger->record_quarantined(video("b.mp4"), {"decode", "stalled", "no packet"}, nullptr);
  reopen();
  EXPECT_EQ(known("a.mp4").state, VideoState::quarantined);
  EXPECT_EQ(ledger->entry("/videos/a.mp4").value()->reason.message, "a.mp4 is empty");
  EXPECT_EQ(ledger->forget_quarantined("stalled").value(), 1);
  EXPECT_EQ(known("b.mp4").state, VideoState::unfinished);
  EXPECT_EQ(known("a.mp4").state, VideoState::quarantined);
  EXPECT_EQ(ledger->forget_quarantined("").value(), 1);
}

TEST_F(LedgerTest, NoTwoVideosShareANameOrLieInEachOthersFolder) {
  ledger->record_analyzed(analyzed("day/a.mp4"), nullptr);
  ASSERT_TRUE(ledger->flush());
  EXPECT_TRUE(ledger->is_key_taken("day/a.mp4", "/elsewhere/a.mp4"));
  EXPECT_TRUE(ledger->is_key_taken("day/a.mp4/inside.mp4", "/elsewhere/inside.mp4"));
  EXPECT_TRUE(ledger->is_key_taken("day", "/elsewhere/day"));
  EXPECT_FALSE(ledger->is_key_taken("day/a.mp4", "/videos/day/a.mp4"));
  EXPECT_FALSE(ledger->is_key_taken("day/a.mp4x", "/elsewhere/a.mp4x"));
}

TEST_F(LedgerTest, ANewClaimReplacesTheStagesOldOneAndNoOther) {
  ledger->record_analyzed(analyzed("a.mp4", {claim("one", "h1", 2), claim("two", "h2", 1)}),
                          nullptr);
  ASSERT_THAT(pending(), SizeIs(3));
  ledger->replace_uploads("/videos/a.mp4", {claim("one", "h1b", 1)}, nullptr);
  const auto items = pending();
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_EQ(items[0].stage, "two");
  EXPECT_EQ(items[1].stage, "one");
  EXPECT_THAT(
      known("a.mp4").upload_hashes,
      testing::UnorderedElementsAre(testing::Pair("one", "h1b"), testing::Pair("two", "h2")));
}

TEST_F(LedgerTest, WhatWaitsForAStageThatIsGoneIsDropped) {
  ledger->record_analyzed(analyzed("a.mp4", {claim("gone", "h1", 2)}), nullptr);
  ASSERT_TRUE(ledger->flush());
  EXPECT_EQ(ledger->drop_uploads_except({"other"}).value(), 2);
  EXPECT_EQ(known("a.mp4").state, VideoState::done);
  EXPECT_THAT(known("a.mp4").upload_hashes, IsEmpty()) << "should it return, it has sent nothing";
}

TEST_F(LedgerTest, ARefusedItemQuarantinesItsVideoAndLeavesTheRest) {
  ledger->record_analyzed(analyzed("a.mp4", {claim("publish", "h1", 2)}), nullptr);
  const auto items = pending();
  ledger->record_upload_refused(items[0].id, {"publish", "upload_refused", "413"}, nullptr);
  EXPECT_EQ(known("a.mp4").state, VideoState::quarantined);
  EXPECT_THAT(pending(), SizeIs(1));
  EXPECT_EQ(ledger->entry("/videos/a.mp4").value()->results_sha256, "5ea");
}

TEST_F(LedgerTest, ASecondWriterIsRefusedWithTheNumberOfTheFirst) {
  const auto second = Ledger::open(folder.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::rejected);
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string(::getpid())));
  EXPECT_EQ(Ledger::writer_of(folder.path()), ::getpid());
  ledger.reset();
  EXPECT_EQ(Ledger::writer_of(folder.path()), std::nullopt);
}

TEST_F(LedgerTest, AReaderSeesWhatIsOnDiskWhileAnotherWrites) {
  ledger->record_analyzed(analyzed("a.mp4"), nullptr);
  ASSERT_TRUE(ledger->flush());
  const auto reader = Ledger::open_read_only(folder.path());
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ((*reader)->counts().value().done, 1);
  ledger->record_analyzed(analyzed("b.mp4"), nullptr);
  ASSERT_TRUE(ledger->flush());
  EXPECT_EQ((*reader)->counts().value().done, 2);
  std::promise<Status> refused;
  (*reader)->record_analyzed(analyzed("c.mp4"), [&](Status status) { refused.set_value(status); });
  EXPECT_EQ(refused.get_future().get().error().kind, ErrorKind::denied);
}

TEST_F(LedgerTest, WhatIsNoLedgerIsRefusedAndLeftAsItIs) {
  test::TempFolder other;
  const auto file = other.write("ledger.sqlite", std::string(5000, 'x'));
  const auto opened = Ledger::open(other.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(test::read_file(file), std::string(5000, 'x'));
}

TEST_F(LedgerTest, ManyWritesShareACommitAndEachIsAnsweredAfterIt) {
  constexpr int kWrites = 2000;
  std::atomic<int> answered = 0;
  for (int i = 0; i < kWrites; ++i)
    ledger->record_analyzed(analyzed("v" + std::to_string(i) + ".mp4"), [&](Status status) {
      EXPECT_TRUE(status);
      ++answered;
    });
  ASSERT_TRUE(ledger->flush());
  EXPECT_EQ(answered, kWrites);
  const auto activity = ledger->activity();
  EXPECT_EQ(activity.writes, static_cast<std::uint64_t>(kWrites));
  EXPECT_LT(activity.commits, static_cast<std::uint64_t>(kWrites) / 4);
  EXPECT_EQ(counts().done, kWrites);
}

TEST_F(LedgerTest, AskingAboutAVideoScansNoTable) {
  for (int i = 0; i < 300; ++i)
    ledger->record_analyzed(analyzed("v" + std::to_string(i) + ".mp4", {claim("up", "h", 1)}),
                            nullptr);
  (void)known("v7.mp4");
  (void)ledger->is_key_taken("v8.mp4", "/other/v8.mp4");
  (void)pending();
  EXPECT_EQ(ledger->activity().rows_scanned, 0u);
}

}  // namespace
}  // namespace reelmill
