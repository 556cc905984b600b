// SPDX-License-Identifier: Apache-2.0
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

TEST(Shots, AVideoWithoutFramesHasNone) {
  EXPECT_TRUE(shots_of(TimelineBuilder().timeline()).empty());
}

TEST(Shots, OneFrameIsOneShot) {
  const auto shots = shots_of(TimelineBuilder().add(scene(1)).timeline());
  ASSERT_EQ(shots.size(), 1u);
  EXPECT_EQ(shots[0].start_frame, 0);
  EXPECT_EQ(shots[0].end_frame, 1);
  EXPECT_EQ(shots[0].end_s, 0.04);
  EXPECT_EQ(shots[0].transition_in, Transition::start);
}

TEST(Shots, ACutBeginsANewShot) {
  EXPECT_EQ(boundaries(TimelineBuilder().pan(1, 40).pan(2, 40).timeline()), "40 cut");
}

TEST(Shots, FollowEachOtherWithoutAGap) {
  TimelineBuilder builder;
  for (unsigned i = 0; i < 12; ++i) builder.pan(i, 20 + static_cast<int>(i));
  const auto& timeline = builder.timeline();
  const auto shots = shots_of(timeline);
  ASSERT_EQ(shots.size(), 12u);
  EXPECT_EQ(shots.front().start_frame, 0);
  EXPECT_EQ(shots.back().end_frame, timeline.size());
  EXPECT_EQ(shots.back().end_s, timeline.end_s());
  for (std::size_t i = 1; i < shots.size(); ++i) {
    EXPECT_EQ(shots[i].start_frame, shots[i - 1].end_frame);
    EXPECT_EQ(shots[i].start_s, shots[i - 1].end_s);
    EXPECT_EQ(shots[i].start_s, timeline.start_s(shots[i].start_frame));
  }
}

TEST(Shots, MotionAloneIsNoCut) {
  for (const int speed : {0, 1, 3, 8})
    EXPECT_EQ(boundaries(TimelineBuilder().pan(3, 60, speed).timeline()), "") << speed;
}

TEST(Shots, MotionOfWhichEveryPictureIsShownFiveTimesIsNoCut) {
  TimelineBuilder builder;
  for (int i = 0; i < 20; ++i) builder.add(scene(3, 6 * i), 5);
  EXPECT_EQ(boundaries(builder.timeline(), {{"dissolves", "false"}}), "");
}

TEST(Shots, ACameraThatJumpsIsNoCut) {
  for (unsigned number = 1; number <= 8; ++number)
    for (const int pixels : {16, 24, 32}) {
      TimelineBuilder builder;
      builder.pan(number, 40);
      for (int i = 40; i < 80; ++i) builder.add(scene(number, pixels + i));
      EXPECT_EQ(boundaries(builder.timeline()), "") << number << " by " << pixels;
    }
}

TEST(Shots, ACutBehindABandThatStaysIsFound) {
  const auto with_band = [](test::Image image) {
    image = test::with_box(std::move(image), 0, 48, 128, 24, 250);
    for (int x = 8; x < 120; x += 16) image = test::with_box(std::move(image), x, 54, 8, 12, 5);
    return image;
  };
  for (const unsigned number : {1u, 3u, 5u, 10u, 12u})
    EXPECT_EQ(boundaries(TimelineBuilder()
                             .add(with_band(scene(number)), 40)
                             .add(with_band(scene(number + 1)), 40)
                             .timeline()),
              "40 cut")
        << number;
}

TEST(Shots, ACutBetweenMovingShotsIsFound) {
  EXPECT_EQ(boundaries(TimelineBuilder().pan(1, 40, 3).pan(2, 40, 3).timeline()), "40 cut");
}

TEST(Shots, ACutBetweenStillPicturesIsFound) {
  EXPECT_EQ(boundaries(TimelineBuilder().add(scene(1), 40).add(scene(2), 40).timeline()), "40 cut");
}

TEST(Shots, SlidesOfAFilmWithFewFramesASecondAreFound) {
  for (const int frames : {3, 5, 8}) {
    TimelineBuilder slides(1);
    for (unsigned i = 0; i < 12; ++i) slides.add(scene(i), frames);
    EXPECT_EQ(shots_of(slides.timeline()).size(), 12u) << frames << " frames each";
  }
  TimelineBuilder faster(5);
  for (unsigned i = 0; i < 12; ++i) faster.add(scene(i), 5);
  EXPECT_EQ(shots_of(faster.timeline()).size(), 12u);
}

TEST(Shots, MotionOfAFilmWithFewFramesASecondIsNoCut) {
  for (const int fps : {1, 2, 5})
    for (const int speed : {3, 8, 20})
      EXPECT_EQ(boundaries(TimelineBuilder(fps).pan(3, 40, speed).timeline()), "")
          << fps << " a second, " << speed << " pixels each";
}

TEST(Shots, ACutThatIsBlendedOverOneFrameIsFound) {
  const auto text = boundaries(
      TimelineBuilder().pan(1, 40).blend(scene(1, 40), scene(2), 1).pan(2, 40).timeline());
  EXPECT_TRUE(text == "40 cut" || text == "41 cut") << text;
}

TEST(Shots, AFlashIsNoCut) {
  for (const int frames : {1, 2, 3, 5}) {
    TimelineBuilder builder;
    builder.pan(1, 40).add(lit(scene(1, 40), 120), frames);
    for (int i = 0; i < 40; ++i) builder.add(scene(1, 41 + i));
    EXPECT_EQ(boundaries(builder.timeline()), "") << frames << " frames";
  }
}

TEST(Shots, AWhiteFlashBetweenTwoShotsIsOneCut) {
  const auto text =
      boundaries(TimelineBuilder().pan(1, 40).add(flat(255), 2).pan(2, 40).timeline());
  EXPECT_TRUE(text == "40 cut" || text == "42 cut") << text;
}

TEST(Shots, ADamagedFrameIsNoCut) {
  TimelineBuilder builder;
  builder.pan(1, 30).add(scene(9));
  for (int i = 0; i < 30; ++i) builder.add(scene(1, 31 + i));
  EXPECT_EQ(boundaries(builder.timeline()), "");
}

TEST(Shots, ALightThatIsSwitchedOnIsNoCut) {
  EXPECT_EQ(
      boundaries(
          TimelineBuilder().add(lit(scene(4), -30), 40).add(lit(scene(4), 20), 40).timeline()),
      "");
}

TEST(Shots, ACaptionIsNoCut) {
  const auto caption = test::with_box(scene(5), 10, 54, 100, 14, 250);
  EXPECT_EQ(boundaries(TimelineBuilder().add(scene(5), 40).add(caption, 40).timeline()), "");
}

TEST(Shots, OtherTextOnBlackIsNoCut) {
  const auto first = test::with_box(flat(0), 40, 12, 40, 8, 230);
  const auto second = test::with_box(flat(0), 30, 50, 60, 8, 230);
  EXPECT_EQ(boundaries(TimelineBuilder().add(first, 40).add(second, 40).timeline()), "");
}

TEST(Shots, ACutIsFoundBetweenLetterboxBars) {
  const auto boxed = [](test::Image image) {
    return test::with_box(test::with_box(std::move(image), 0, 0, 128, 14, 0), 0, 58, 128, 14, 0);
  };
  EXPECT_EQ(
      boundaries(TimelineBuilder().add(boxed(scene(1)), 40).add(boxed(scene(2)), 40).timeline()),
      "40 cut");
}

TEST(Shots, KeepTheirTransitionsWhenWrittenAndReadAgain) {
  Shot dissolve{50, 90, 2, 3.6, Transition::dissolve, 40, 60, 1.6, 2.4};
  Shot wipe{90, 120, 3.6, 4.8, Transition::wipe, 85, 95, 3.4, 3.8};
  Findings findings;
  findings.set_shots({{0, 50, 0, 2}, dissolve, wipe});
  const auto read = findings_from_json(to_json(findings));
  EXPECT_EQ(to_json(read), to_json(findings));
  EXPECT_EQ(read.shots()->at(1).transition_end_frame, 60);
  EXPECT_EQ(read.shots()->at(2).transition_in, Transition::wipe);
}

TEST(Shots, BarsThatComeAndGoAreNoCuts) {
  const auto boxed = [](test::Image image) {
    return test::with_box(test::with_box(std::move(image), 0, 0, 128, 14, 0), 0, 58, 128, 14, 0);
  };
  TimelineBuilder builder;
  builder.add(scene(1), 40).add(boxed(scene(1)), 40).add(scene(1), 40);
  EXPECT_EQ(boundaries(builder.timeline()), "");
}

TEST(Shots, AnotherSizeOfTheSamePictureIsNoCut) {
  const auto image = scene(3);
  test::Image small;
  small.width = 64;
  small.height = 36;
  small.luma.clear();
  for (int y = 0; y < small.height; ++y)
    for (int x = 0; x < small.width; ++x)
      small.luma.push_back(image.luma[static_cast<std::size_t>(2 * y * image.width + 2 * x)]);
  EXPECT_EQ(boundaries(TimelineBuilder().add(image, 40).add(small, 40).timeline()), "");
}

TEST(Shots, OfFramesOfOnePixelAreOne) {
  test::Image pixel;
  pixel.width = pixel.height = 1;
  TimelineBuilder builder;
  for (int i = 0; i < 60; ++i) {
    pixel.luma = {static_cast<std::uint8_t>(100 + i)};
    builder.add(pixel);
  }
  EXPECT_EQ(shots_of(builder.timeline()).size(), 1u);
}

TEST(Shots, OfFramesWithoutLumaAreOne) {
  TimelineBuilder builder;
  for (int i = 0; i < 60; ++i) builder.add(test::Image{.width = 0, .height = 0, .luma = {}});
  EXPECT_EQ(shots_of(builder.timeline()).size(), 1u);
}

TEST(Shots, ACutAmongFramesWithTheSameTimeIsFound) {
  TimelineBuilder builder;
  for (int i = 0; i < 40; ++i) builder.add_for(scene(1, i), 40);
  for (int i = 0; i < 40; ++i) builder.add_for(scene(2, i), i % 4 == 0 ? 160 : 0);
  const auto shots = shots_of(builder.timeline());
  ASSERT_EQ(shots.size(), 2u);
  EXPECT_EQ(shots[1].start_frame, 40);
}

TEST(Shots, ACutIsFoundWhereTimeJumps) {
  TimelineBuilder builder;
  builder.pan(1, 40).add_for(scene(1, 40), 3'600'000).pan(2, 40);
  EXPECT_EQ(boundaries(builder.timeline()), "41 cut");
}

TEST(Shots, AreOneWhereAllFramesHaveTheSameTime) {
  TimelineBuilder builder;
  for (int i = 0; i < 80; ++i) builder.add_for(scene(1, i), 0);
  EXPECT_EQ(shots_of(builder.timeline()).size(), 1u);
}

TEST(Shots, AFadeThroughBlackBeginsAShotInTheMiddleOfTheBlack) {
  EXPECT_EQ(boundaries(TimelineBuilder()
                           .add(scene(1), 40)
                           .blend(scene(1), flat(0), 20)
                           .add(flat(0), 10)
                           .blend(flat(0), scene(2), 20)
                           .add(scene(2), 40)
                           .timeline()),
            "65 fade");
}

TEST(Shots, ABlackThatFlickersIsOneFade) {
  EXPECT_EQ(boundaries(TimelineBuilder()
                           .add(scene(1), 40)
                           .blend(scene(1), flat(0), 20)
                           .add(flat(0), 6)
                           .add(flat(50), 2)
                           .add(flat(0), 6)
                           .blend(flat(0), scene(2), 20)
                           .add(scene(2), 40)
                           .timeline()),
            "62 fade");
}

TEST(Shots, AFadeThroughWhiteBeginsAShot) {
  EXPECT_EQ(boundaries(TimelineBuilder()
                           .add(scene(1), 40)
                           .blend(scene(1), flat(255), 20)
                           .add(flat(255), 10)
                           .blend(flat(255), scene(2), 20)
                           .add(scene(2), 40)
                           .timeline()),
            "65 fade");
}

TEST(Shots, AJumpToBlackThatRisesAgainIsOneFade) {
  EXPECT_EQ(boundaries(TimelineBuilder()
                           .add(scene(1), 40)
                           .add(flat(0), 20)
                           .blend(flat(0), scene(2), 20)
                           .add(scene(2), 40)
                           .timeline()),
            "51 fade");
}

TEST(Shots, JumpsToAndFromBlackAreCuts) {
  EXPECT_EQ(
      boundaries(TimelineBuilder().add(scene(1), 40).add(flat(0), 20).add(scene(2), 40).timeline()),
      "40 cut, 60 cut");
}

TEST(Shots, ATitleThatFadesOnABlackCardIsNoFadeAndItsJumpsAreCuts) {
  const auto title = test::with_box(flat(0), 30, 30, 70, 16, 230);
  EXPECT_EQ(boundaries(TimelineBuilder()
                           .add(scene(1), 40)
                           .add(flat(0), 4)
                           .blend(flat(0), title, 10)
                           .add(title, 20)
                           .blend(title, flat(0), 10)
                           .add(flat(0), 4)
                           .add(scene(2), 40)
                           .timeline()),
            "40 cut, 88 cut");
}

TEST(Shots, BlackAtBothEndsBelongsToTheShotBesideIt) {
  EXPECT_EQ(boundaries(TimelineBuilder()
                           .add(flat(0), 20)
                           .blend(flat(0), scene(1), 10)
                           .add(scene(1), 40)
                           .add(flat(0), 20)
                           .timeline()),
            "");
  EXPECT_EQ(boundaries(TimelineBuilder().add(flat(0), 20).add(scene(1), 40).timeline()), "");
}

TEST(Shots, FadesCanBeLeftOut) {
  TimelineBuilder builder;
  builder.add(scene(1), 40).blend(scene(1), flat(0), 20).add(flat(0), 10);
  builder.blend(flat(0), scene(2), 20).add(scene(2), 40);
  EXPECT_EQ(boundaries(builder.timeline(), {{"fades", "false"}}), "");
}

TEST(Shots, OfBoundariesCloserThanTheLeastLengthTheClearestStays) {
  TimelineBuilder builder;
  builder.add(scene(1), 40).add(scene(2), 10).add(scene(3), 40);
  EXPECT_EQ(boundaries(builder.timeline()), "40 cut, 50 cut");
  const auto fewer = boundaries(builder.timeline(), {{"min_shot", "1s"}});
  EXPECT_TRUE(fewer == "40 cut" || fewer == "50 cut") << fewer;
}

TEST(Shots, CutsAreFoundAtVariableFrameRates) {
  TimelineBuilder builder;
  for (int i = 0; i < 40; ++i) builder.add_for(scene(1, i), 17 + 30 * (i % 3));
  for (int i = 0; i < 40; ++i) builder.add_for(scene(2, i), 100 - i);
  const auto shots = shots_of(builder.timeline());
  ASSERT_EQ(shots.size(), 2u);
  EXPECT_EQ(shots[1].start_frame, 40);
  EXPECT_EQ(shots[1].start_s, builder.timeline().start_s(40));
}

TEST(Shots, AreTheSameWhereTheTimelineWasSpilled) {
  TimelineBuilder builder;
  builder.add(scene(1), 2500).add(scene(2), 2500);
  EXPECT_EQ(boundaries(builder.timeline()), "2500 cut");
}

}  // namespace
}  // namespace reelmill
