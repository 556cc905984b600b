// SPDX-License-Identifier: Apache-2.0
#include "pipeline/frame_sampler.h"

#include <gmock/gmock.h>

namespace reelmill {
namespace {

using namespace std::chrono_literals;
using Frames = DecoderNeeds::Frames;
using testing::ElementsAre;

/// Times of the frames that are chosen, 25 a second from `from_s` on, every tenth a key frame.
std::vector<double> chosen(const DecoderNeeds& needs, double from_s, int frames) {
  FrameSampler sampler(needs);
  std::vector<double> times;
  for (int i = 0; i < frames; ++i) {
    const double time_s = from_s + i * 0.04;
    if (sampler.choose(i % 10 == 0, time_s)) times.push_back(time_s);
  }
  return times;
}

TEST(FrameSampler, TakesTheFirstFrameOfEveryInterval) {
  EXPECT_THAT(chosen({Frames::every_interval, 500ms}, 0, 50), ElementsAre(0, 0.52, 1.0, 1.52));
}

TEST(FrameSampler, InALaterSegmentTakesItsFirstFrameWithTheIntervalItBelongsTo) {
  FrameSampler sampler({Frames::every_interval, 1s});
  EXPECT_EQ(sampler.choose(false, 7.3), 7);
  EXPECT_EQ(sampler.choose(false, 7.9), std::nullopt);
  EXPECT_EQ(sampler.choose(false, 8.0), 8);
}

TEST(FrameSampler, TakesATimeThatRoundingMadeAFractionTooSmall) {
  FrameSampler sampler({Frames::every_interval, 1s});
  EXPECT_EQ(sampler.choose(false, 3 - 1e-12), 3);
}

TEST(FrameSampler, TakesNoFrameWhereWhichOnesThereAreDependsOnOtherStages) {
  EXPECT_THAT(chosen({Frames::reference, 1s}, 0, 50), testing::IsEmpty());
  EXPECT_THAT(chosen({Frames::around_changes, 1s}, 0, 50), testing::IsEmpty());
}

TEST(FrameSampler, TakesKeyFramesOrAll) {
  EXPECT_EQ(chosen({Frames::key}, 0, 50).size(), 5u);
  EXPECT_EQ(chosen({Frames::all}, 0, 50).size(), 50u);
  EXPECT_EQ(chosen({Frames::none}, 0, 50).size(), 0u);
}

TEST(FrameSampler, PassesOverFramesBeforeTheStart) {
  FrameSampler sampler({Frames::every_interval, 1s});
  EXPECT_EQ(sampler.choose(false, -0.5), std::nullopt);
  EXPECT_EQ(sampler.choose(false, 0), 0);
}

}  // namespace
}  // namespace reelmill
