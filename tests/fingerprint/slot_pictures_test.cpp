// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/slot_pictures.h"

#include <map>

#include <gtest/gtest.h>

namespace reelmill {
namespace {

using Stored = std::array<std::uint16_t, 576>;

Stored plain(int level) {
  Stored picture;
  picture.fill(static_cast<std::uint16_t>(level * 256));
  return picture;
}

// Level of the first cell by slot.
class Slots {
 public:
  Slots& add(double start_s, double end_s, int level) {
    pictures_.add(start_s, end_s, plain(level));
    return *this;
  }
  std::map<std::uint32_t, float> levels() {
    pictures_.finish();
    return levels_;
  }

 private:
  std::map<std::uint32_t, float> levels_;
  SlotPictures pictures_{[this](std::uint32_t slot, const SlotPictures::Picture& picture) {
    EXPECT_TRUE(levels_.emplace(slot, picture[0]).second) << "slot " << slot << " came twice";
  }};
};

TEST(SlotPictures, AFrameCountsByHowLongItIsShown) {
  const auto levels = Slots().add(0, 0.1, 100).add(0.1, 0.5, 200).add(0.5, 1, 50).levels();
  ASSERT_EQ(levels.size(), 2u);
  EXPECT_NEAR(levels.at(0), 180, 0.01);
  EXPECT_NEAR(levels.at(1), 50, 0.01);
}

TEST(SlotPictures, DoNotDependOnTheFrameRate) {
  for (const int fps : {1, 5, 24, 60}) {
    Slots slots;
    for (int i = 0; i < 4 * fps; ++i)
      slots.add(static_cast<double>(i) / fps, (i + 1.0) / fps, i < 2 * fps ? 40 : 160);
    const auto levels = slots.levels();
    ASSERT_EQ(levels.size(), 8u) << fps;
    for (const auto& [slot, level] : levels) EXPECT_NEAR(level, slot < 4 ? 40 : 160, 0.1) << fps;
  }
}

TEST(SlotPictures, AFrameThatClaimsToLastForYearsCountsForTenSeconds) {
  EXPECT_EQ(Slots().add(0, 1e12, 9).levels().size(), 20u);
  EXPECT_TRUE(Slots().add(1e300, 1e301, 9).levels().empty());
  EXPECT_TRUE(Slots().add(-5, -4, 9).levels().empty());
  EXPECT_EQ(Slots().add(1e8, 1e8 + 0.5, 9).levels().size(), 1u);
}

TEST(SlotPictures, AFrameWithoutDurationIsSeen) {
  EXPECT_EQ(Slots().add(3, 3, 77).levels(), (std::map<std::uint32_t, float>{{6, 77}}));
}

}  // namespace
}  // namespace reelmill
