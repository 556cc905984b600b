// SPDX-License-Identifier: Apache-2.0
// Where a batch becomes one object: its name stands for its content.
#include "pipeline/upload_lane.h"
#include "tests/pipeline/lane_fixture.h"

namespace reelmill::test {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;

using UploadLaneObject = LaneFixture;

TEST_F(UploadLaneObject, ABatchThatMayHaveArrivedIsSentAgainAsItWas) {
  add_videos(10);
  patience = 300ms;
  auto lost = [](auto items) { return all_fail(items, {ErrorKind::timeout, "no answer"}); };
  run_lane(lost, batches_of(4, BatchIdentity::object), three_attempts());
  std::map<std::string, std::vector<std::string>> sent;
  for (const auto& items : call->calls()) {
    std::vector<std::string> names;
    for (const auto& item : items) names.push_back(item.name);
    ASSERT_FALSE(items[0].batch.empty());
    const auto [first, is_new] = sent.emplace(items[0].batch, names);
    EXPECT_EQ(first->second, names) << "the same name for other items";
  }
  EXPECT_THAT(sent, SizeIs(3)) << "4 + 4 + 2";
  EXPECT_EQ(counts().uploads_pending, 10);
}

TEST_F(UploadLaneObject, AResumedBatchHasTheSameNameAndItems) {
  add_videos(6);
  patience = 300ms;
  run_lane([](auto items) { return all_fail(items, {ErrorKind::timeout, "no answer"}); },
           batches_of(4, BatchIdentity::object));
  const auto before = call->calls();
  reopen_ledger();
  patience = 20s;
  run_lane(all_well, batches_of(6, BatchIdentity::object));
  std::map<std::string, std::size_t> sizes;
  for (const auto& items : before) sizes[items[0].batch] = items.size();
  ASSERT_THAT(call->calls(), SizeIs(2));
  for (const auto& items : call->calls()) EXPECT_EQ(sizes.at(items[0].batch), items.size());
  EXPECT_EQ(call->arrived().size(), 6u);
}

TEST_F(UploadLaneObject, ARefusedObjectIsHalvedIntoNewOnes) {
  add_videos(8);
  run_lane(
      [&](auto items) {
        return has(items, "v005") ? all_fail(items, {ErrorKind::invalid_input, "400"})
                                  : all_well(items);
      },
      batches_of(8, BatchIdentity::object));
  expect_all_but("v005", 8);
  std::set<std::string> names;
  for (const auto& items : call->calls()) names.insert(items[0].batch);
  EXPECT_EQ(names.size(), call->calls().size()) << "another content under the same name";
}

TEST_F(UploadLaneObject, AnObjectWithoutOneOfItsFilesGetsAnotherName) {
  add_videos(4);
  run_lane(
      [&](auto items) {
        if (!has(items, "v002")) return all_well(items);
        auto outcomes = all_fail(items, {ErrorKind::cancelled, "another file is amiss"});
        for (std::size_t i = 0; i < items.size(); ++i)
          if (items[i].name == "v002/0")
            outcomes[i] = fail(ErrorKind::invalid_input, "not what it was");
        return outcomes;
      },
      batches_of(4, BatchIdentity::object));
  expect_all_but("v002", 4);
  ASSERT_THAT(call->calls(), SizeIs(2));
  EXPECT_NE(call->calls()[0][0].batch, call->calls()[1][0].batch);
}

TEST_F(UploadLaneObject, FilesOfAVideoStayTogetherWhereTheStageWantsIt) {
  add_videos(300, 3);  // over several pages of the ledger
  auto batching = batches_of(7, BatchIdentity::object);
  batching.unit = CallUnit::video;
  run_lane(all_well, batching, {}, 3);
  std::set<std::string> seen;
  for (const auto& items : call->calls()) {
    EXPECT_EQ(items.size() % 3, 0u);
    for (std::size_t i = 0; i < items.size(); ++i) {
      EXPECT_EQ(items[i].video, items[i - i % 3].video);
      if (i % 3 == 0) {
        EXPECT_TRUE(seen.insert(items[i].video).second) << "in two batches";
      }
    }
  }
  EXPECT_EQ(seen.size(), 300u);
  EXPECT_EQ(counts().done, 300);
}

}  // namespace
}  // namespace reelmill::test
