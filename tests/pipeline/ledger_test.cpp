// SPDX-License-Identifier: Apache-2.0
#include "pipeline/ledger.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace reelmill
