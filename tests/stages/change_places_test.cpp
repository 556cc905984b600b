// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/change_places.h"

#include <gtest/gtest.h>

#include "stages/decode/group_rhythm.h"

namespace reelmill {
namespace {

PacketGroup group_of(std::initializer_list<std::int64_t> bytes) {
  PacketGroup group;
  for (const auto size : bytes)
    group.packets.push_back({static_cast<std::int64_t>(group.packets.size()), size});
  group.next_key_bytes = group.packets.front().bytes;
  return group;
}

/// A key frame of 1000 bytes, then frames of `usual` bytes but for those of [from, to).
PacketGroup group_with(std::int64_t usual, std::int64_t from, std::int64_t to, std::int64_t bytes) {
  PacketGroup group = group_of({1000});
  for (std::int64_t i = 1; i < 100; ++i)
    group.packets.push_back({i, i >= from && i < to ? bytes : usual});
  return group;
}

TEST(ChangePlaces, APacketFarLargerThanItsNeighboursIsASuddenChange) {
  const auto places = find_change_places(group_with(50, 40, 41, 700), Expectation::change);
  ASSERT_EQ(places.size(), 1);
  EXPECT_TRUE(places.front().is_sudden);
  EXPECT_EQ(places.front().begin, 40);
  EXPECT_EQ(places.front().end, 40);
}

TEST(ChangePlaces, APacketThatCostsLittleIsNone) {
  EXPECT_TRUE(find_change_places(group_with(50, 40, 41, 190), Expectation::change).empty());
}

TEST(ChangePlaces, APacketNoLargerThanOthersOfItsKindIsNone) {
  EXPECT_TRUE(find_change_places(group_with(400, 40, 41, 700), Expectation::change).empty());
}

TEST(ChangePlaces, FramesShownBeforeOthersThatCameFirstAreNotOfItsKind) {
  // P-frames of 300 bytes with B-frames of 20 between them: no packet stands out.
  PacketGroup group = group_of({1000});
  for (std::int64_t i = 1; i < 100; i += 3) {
    group.packets.push_back({i + 2, 300});
    group.packets.push_back({i, 20});
    group.packets.push_back({i + 1, 20});
  }
  EXPECT_TRUE(find_change_places(group, Expectation::change).empty());
}

TEST(ChangePlaces, WhereNoChangeIsExpectedMoreMustTellOfOne) {
  const auto group = group_with(50, 40, 41, 300);
  EXPECT_FALSE(find_change_places(group, Expectation::change).empty());
  EXPECT_TRUE(find_change_places(group, Expectation::none).empty());
}

TEST(ChangePlaces, AStretchThatCostsAPictureMoreIsAGradualChange) {
  const auto places = find_change_places(group_with(10, 40, 52, 150), Expectation::change);
  ASSERT_FALSE(places.empty());
  for (const auto& place : places) {
    EXPECT_FALSE(place.is_sudden);
    EXPECT_LE(place.begin, 52);
    EXPECT_GE(place.end, 40);
  }
  EXPECT_TRUE(find_change_places(group_with(10, 40, 52, 60), Expectation::change).empty());
}

TEST(ChangePlaces, BesideABlankPictureTheOtherKeyFrameTellsWhatOneCosts) {
  auto group = group_with(50, 40, 41, 190);
  group.next_key_bytes = 100;  // black
  EXPECT_FALSE(find_change_places(group, Expectation::change).empty());
  group.is_beside_blank = true;
  EXPECT_TRUE(find_change_places(group, Expectation::change).empty());
}

TEST(ChangePlaces, BoostedFramesAreNotTakenForChanges) {
  PacketGroup group = group_of({1000});
  for (std::int64_t i = 1; i < 130; ++i) group.packets.push_back({i, i % 10 == 0 ? 400 : 40});
  EXPECT_FALSE(find_change_places(group, Expectation::change).empty());
  group.has_boosted_frames = true;
  EXPECT_TRUE(find_change_places(group, Expectation::change).empty());
}

TEST(ChangePlaces, AGroupOfOneFrameHasNone) {
  EXPECT_TRUE(find_change_places(group_of({1000}), Expectation::change).empty());
}

TEST(GroupRhythm, TellsKeyFramesAtTheGreatestDistanceFromThoseThatComeEarly) {
  using Length = GroupRhythm::Length;
  GroupRhythm rhythm;
  EXPECT_EQ(rhythm.next(50), Length::unknown);
  EXPECT_EQ(rhythm.next(50), Length::regular);
  EXPECT_EQ(rhythm.next(49), Length::regular);
  EXPECT_EQ(rhythm.next(20), Length::early);
  EXPECT_EQ(rhythm.next(30), Length::regular) << "makes up for the one before";
  EXPECT_EQ(rhythm.next(20), Length::early);
  EXPECT_EQ(rhythm.next(50), Length::regular);
  EXPECT_EQ(rhythm.next(250), Length::unknown);
}

}  // namespace
}  // namespace reelmill
