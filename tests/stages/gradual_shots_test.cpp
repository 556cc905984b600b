// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/shot_text.h"
#include "tests/support/synthetic.h"

namespace reelmill {
namespace {

using test::boundaries;
using test::flat;
using test::lit;
using test::scene;
using test::shots_of;
using test::TimelineBuilder;

/// Boundaries after the first shot that are no cuts: `wipe 40-64` with what they span.
struct Gradual {
  Transition kind;
  std::int64_t at, begin, end;
};
std::vector<Gradual> gradual_in(const Timeline& timeline) {
  std::vector<Gradual> found;
  for (const auto& shot : shots_of(timeline)) {
    if (shot.transition_in == Transition::start) continue;
    EXPECT_NE(shot.transition_in, Transition::cut) << shot.start_frame;
    found.push_back({shot.transition_in, shot.start_frame, shot.transition_start_frame,
                     shot.transition_end_frame});
  }
  return found;
}

TEST(GradualShots, ADissolveBeginsAShotInItsMiddleAndIsMeasured) {
  for (const int frames : {5, 12, 24, 50}) {
    const auto found = gradual_in(TimelineBuilder()
                                      .add(scene(1), 40)
                                      .blend(scene(1), scene(2), frames)
                                      .add(scene(2), 40)
                                      .timeline());
    ASSERT_EQ(found.size(), 1u) << frames;
    EXPECT_EQ(found[0].kind, Transition::dissolve);
    EXPECT_NEAR(static_cast<double>(found[0].begin), 40, 2) << frames;
    EXPECT_NEAR(static_cast<double>(found[0].end), 40 + frames, 2) << frames;
    EXPECT_EQ(found[0].at, found[0].begin + (found[0].end - found[0].begin) / 2);
  }
}

TEST(GradualShots, ADissolveBetweenMovingPicturesIsFound) {
  TimelineBuilder builder;
  builder.pan(1, 40);
  for (int i = 0; i < 24; ++i)
    builder.add(test::mix(scene(1, 40 + i), scene(2, i), (i + 1) / 25.0));
  for (int i = 24; i < 64; ++i) builder.add(scene(2, i));
  const auto found = gradual_in(builder.timeline());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, Transition::dissolve);
  EXPECT_NEAR(static_cast<double>(found[0].at), 52, 4);
}

TEST(GradualShots, ADissolveIsFoundAtTwiceTheFrameRate) {
  const auto found = gradual_in(TimelineBuilder(60)
                                    .add(scene(1), 90)
                                    .blend(scene(1), scene(2), 60)
                                    .add(scene(2), 90)
                                    .timeline());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(static_cast<double>(found[0].begin), 90, 4);
  EXPECT_NEAR(static_cast<double>(found[0].end), 150, 4);
}

TEST(GradualShots, TheTimesOfADissolveAreThoseOfItsFrames) {
  TimelineBuilder builder;
  builder.add(scene(1), 40).blend(scene(1), scene(2), 24).add(scene(2), 40);
  const auto shots = shots_of(builder.timeline());
  ASSERT_EQ(shots.size(), 2u);
  EXPECT_EQ(shots[1].transition_start_s,
            builder.timeline().start_s(shots[1].transition_start_frame));
  EXPECT_EQ(shots[1].transition_end_s, builder.timeline().start_s(shots[1].transition_end_frame));
  const auto json = to_json(shots[1]);
  EXPECT_EQ(json["transition_start_frame"], shots[1].transition_start_frame);
  EXPECT_FALSE(to_json(shots[0]).contains("transition_start_frame"));
}

/// `to` over `from` up to so much of the width.
test::Image wiped(const test::Image& from, const test::Image& to, double share) {
  auto image = from;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width * share; ++x) {
      const auto at = static_cast<std::size_t>(y * image.width + x);
      image.luma[at] = to.luma[at];
    }
  return image;
}

TEST(GradualShots, AWipeIsAWipe) {
  TimelineBuilder builder;
  builder.add(scene(1), 40);
  for (int i = 1; i <= 24; ++i) builder.add(wiped(scene(1), scene(2), i / 25.0));
  const auto found = gradual_in(builder.add(scene(2), 40).timeline());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, Transition::wipe);
  EXPECT_NEAR(static_cast<double>(found[0].begin), 40, 5);
  EXPECT_NEAR(static_cast<double>(found[0].end), 64, 5);
}

TEST(GradualShots, AWipeBetweenMovingPicturesIsFoundByItsEdge) {
  for (const unsigned number : {1u, 3u, 9u, 10u, 11u}) {
    TimelineBuilder builder;
    builder.pan(number, 40);
    for (int i = 0; i < 24; ++i)
      builder.add(wiped(scene(number, 40 + i), scene(number + 1, i), (i + 1) / 25.0));
    for (int i = 24; i < 64; ++i) builder.add(scene(number + 1, i));
    const auto found = gradual_in(builder.timeline());
    ASSERT_EQ(found.size(), 1u) << number;
    EXPECT_EQ(found[0].kind, Transition::wipe) << number;
    EXPECT_NEAR(static_cast<double>(found[0].at), 52, 5) << number;
  }
}

TEST(GradualShots, APanThatBringsNewContentIsNoWipe) {
  TimelineBuilder builder;
  builder.add(scene(33), 20).pan(33, 31, 2).add(scene(33, 60), 20);
  EXPECT_EQ(boundaries(builder.timeline()), "");
}

TEST(GradualShots, DissolvesCanBeLeftOutAndAreNoHardCuts) {
  TimelineBuilder builder;
  builder.pan(1, 40).blend(scene(1, 40), scene(2), 24).pan(2, 40);
  EXPECT_EQ(boundaries(builder.timeline(), {{"dissolves", "false"}}), "");
}

TEST(GradualShots, APictureThatBrightensSlowlyIsNoDissolve) {
  EXPECT_EQ(boundaries(TimelineBuilder()
                           .add(lit(scene(4), -40), 40)
                           .blend(lit(scene(4), -40), lit(scene(4), 30), 30)
                           .add(lit(scene(4), 30), 40)
                           .timeline()),
            "");
}

/// A sky, dark above at first and light to the right at last, with a bird so far on its way.
test::Image sky(double share, int bird) {
  test::Image image;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      image.luma[static_cast<std::size_t>(y * image.width + x)] =
          static_cast<std::uint8_t>(std::lround(
              std::lerp(50 + 40.0 * y / image.height, 110 + 50.0 * x / image.width, share)));
  return test::with_box(image, 40 + bird, 20 + bird / 2, 14, 8, 240);
}

TEST(GradualShots, AnEvenBackgroundThatChangesItsLightIsNoDissolve) {
  for (const int frames : {8, 18, 28}) {
    TimelineBuilder builder;
    for (int i = 0; i < 40; ++i) builder.add(sky(0, i / 4));
    for (int i = 1; i <= frames; ++i)
      builder.add(sky(static_cast<double>(i) / (frames + 1), 10 + 20 * i / frames));
    for (int i = 0; i < 40; ++i) builder.add(sky(1, 30 + i / 4));
    EXPECT_EQ(boundaries(builder.timeline()), "") << frames;
  }
}

/// Six objects before a sky that changes its light for so many frames; meanwhile all but the first
/// ones move.
const Timeline& objects_in_changing_light(TimelineBuilder& builder, unsigned number, int still,
                                          int frames) {
  struct Object {
    int x, y, width, height, level, across, down;
  };
  std::mt19937 random(number);
  const auto pick = [&](unsigned count) { return static_cast<int>(random() % count); };
  std::vector<Object> objects;
  for (int i = 0; i < 6; ++i)
    objects.push_back({pick(100), pick(60), 6 + pick(20), 4 + pick(14), pick(2) != 0 ? 245 : 10,
                       i < still ? 0 : pick(61) - 30, i < still ? 0 : pick(41) - 20});
  for (int frame = -30; frame < frames + 30; ++frame) {
    const double share = std::clamp(static_cast<double>(frame) / frames, 0.0, 1.0);
    test::Image image;
    for (int y = 0; y < image.height; ++y)
      for (int x = 0; x < image.width; ++x)
        image.luma[static_cast<std::size_t>(y * image.width + x)] =
            static_cast<std::uint8_t>(std::lround(
                std::lerp(40 + 60.0 * y / image.height, 150 + 60.0 * x / image.width, share)));
    for (const auto& [x, y, width, height, level, across, down] : objects)
      image = test::with_box(
          image, std::clamp(x + static_cast<int>(across * share), 0, image.width - 1 - width),
          std::clamp(y + static_cast<int>(down * share), 0, image.height - 1 - height), width,
          height, level);
    builder.add(image);
  }
  return builder.timeline();
}

TEST(GradualShots, ObjectsThatMoveKeepTheirTextureAndAreNoDissolve) {
  for (const int frames : {12, 24}) {
    TimelineBuilder one, two;
    EXPECT_EQ(boundaries(objects_in_changing_light(one, 2, 2, frames)), "") << frames;
    EXPECT_EQ(boundaries(objects_in_changing_light(two, 4, 3, frames)), "") << frames;
  }
}

TEST(GradualShots, WhatStaysWhileTheRestMovesIsNoDissolve) {
  for (const int frames : {12, 24}) {
    TimelineBuilder one, two;
    EXPECT_EQ(boundaries(objects_in_changing_light(one, 40, 3, frames)), "") << frames;
    EXPECT_EQ(boundaries(objects_in_changing_light(two, 46, 3, frames)), "") << frames;
  }
}

TEST(GradualShots, ADissolveBetweenPicturesThatMoveAsFastBeforeAndAfterIsFound) {
  TimelineBuilder builder;
  builder.pan(1, 40, 2);
  for (int i = 0; i < 16; ++i)
    builder.add(test::mix(scene(1, 80 + 2 * i), scene(2, 2 * i), (i + 1) / 17.0));
  for (int i = 16; i < 56; ++i) builder.add(scene(2, 2 * i));
  const auto found = gradual_in(builder.timeline());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, Transition::dissolve);
  EXPECT_NEAR(static_cast<double>(found[0].at), 48, 4);
}

TEST(GradualShots, APanFromOneSteadyViewToAnotherIsNoDissolve) {
  for (const int speed : {1, 2, 5}) {
    TimelineBuilder builder;
    builder.add(scene(6), 40);
    for (int i = 1; i <= 24; ++i) builder.add(scene(6, i * speed));
    EXPECT_EQ(boundaries(builder.add(scene(6, 24 * speed), 40).timeline()), "") << speed;
  }
}

TEST(GradualShots, AViewThatOnlyMovedIsNoDissolve) {
  TimelineBuilder builder;
  builder.add(scene(1), 20).pan(1, 60).add(scene(1, 60), 20);
  EXPECT_EQ(boundaries(builder.timeline()), "");
}

TEST(GradualShots, AFadeTellsWhereItBeginsAndEnds) {
  const auto found = gradual_in(TimelineBuilder()
                                    .add(scene(1), 40)
                                    .blend(scene(1), flat(0), 20)
                                    .add(flat(0), 10)
                                    .blend(flat(0), scene(2), 20)
                                    .add(scene(2), 40)
                                    .timeline());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].begin, 40);
  EXPECT_EQ(found[0].end, 90);
}

}  // namespace
}  // namespace reelmill
