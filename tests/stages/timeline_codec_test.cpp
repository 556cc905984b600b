// SPDX-License-Identifier: Apache-2.0
#include "stages/api/timeline_codec.h"

#include <cstring>
#include <random>

#include <gmock/gmock.h>

#include "tests/support/synthetic.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using test::scene;
using test::TimelineBuilder;

bool are_equal(const Timeline& a, const Timeline& b) {
  if (a.size() != b.size() || a.end_s() != b.end_s()) return false;
  auto left = a.read(), right = b.read();
  while (const auto* frame = left.next()) {
    const auto* other = right.next();
    if (frame->pts != other->pts || frame->duration != other->duration ||
        frame->is_key != other->is_key || frame->is_corrupt != other->is_corrupt ||
        std::memcmp(&frame->features, &other->features, sizeof frame->features) != 0 ||
        left.start_s() != right.start_s())
      return false;
  }
  return true;
}

Timeline decoded(const std::string& bytes) {
  auto timeline = decode_timeline(bytes, "/tmp");
  EXPECT_TRUE(timeline) << timeline.error().message;
  return std::move(*timeline);
}

TEST(TimelineCodec, GivesBackEveryFrameExactly) {
  TimelineBuilder builder;
  builder.add(scene(1), 40).pan(2, 300).add_for(scene(3), 700).blend(scene(3), scene(4), 30);
  const auto bytes = encode_timeline(builder.timeline());
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_TRUE(are_equal(decoded(*bytes), builder.timeline()));
}

TEST(TimelineCodec, AnEmptyTimelineStaysEmpty) {
  test::TempFolder scratch;
  const Timeline empty({1, 25}, scratch.path());
  EXPECT_TRUE(decoded(*encode_timeline(empty)).empty());
}

TEST(TimelineCodec, FramesOfAnyContentComeBack) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  test::TempFolder scratch;
  Timeline timeline({1, 90000}, scratch.path());
  for (int i = 0; i < 3000; ++i) {  // more than a timeline keeps in memory
    TimelineFrame frame;
    frame.pts = static_cast<std::int64_t>(random());
    frame.duration = static_cast<std::int64_t>(random() >> 40);
    frame.is_key = random() % 2 == 0;
    frame.is_corrupt = random() % 7 == 0;
    frame.features.mean = static_cast<float>(random() % 255);
    for (auto& cell : frame.features.picture) cell = static_cast<std::uint16_t>(random());
    ASSERT_TRUE(timeline.append(frame));
  }
  EXPECT_TRUE(are_equal(decoded(*encode_timeline(timeline)), timeline));
}

TEST(TimelineCodec, AStillPictureCostsNextToNothing) {
  TimelineBuilder builder;
  builder.add(scene(1), 2560);
  const auto bytes = encode_timeline(builder.timeline());
  EXPECT_LE(bytes->size(), 2560u * 9);  // of 1400 bytes a frame
}

TEST(TimelineCodec, DamageIsRefusedWhereverItIs) {
  TimelineBuilder builder;
  builder.pan(1, 300);
  const auto whole = *encode_timeline(builder.timeline());
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{9}, std::size_t{50}, whole.size() / 2, whole.size() - 1}) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    EXPECT_FALSE(decode_timeline(damaged, "/tmp")) << "byte " << at;
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{20}, whole.size() / 2})
    EXPECT_FALSE(decode_timeline(whole.substr(0, size), "/tmp")) << size << " bytes";
}

}  // namespace
}  // namespace reelmill
