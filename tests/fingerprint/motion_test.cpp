// SPDX-License-Identifier: Apache-2.0
// Videos in which the picture says too little: fixed cameras and stills.
#include <gtest/gtest.h>

#include "fingerprint/duplicate_search.h"
#include "fingerprint/stills.h"
#include "fingerprint/track_hasher.h"
#include "tests/fingerprint/pictures.h"

namespace reelmill {
namespace {

using test::Level;
using test::scene;
using test::shrunk;

/// A scene with fine grain, which differs by `grain`. Leaves room for what is brighter.
Level grained(unsigned number, unsigned grain = 1) {
  const auto picture = scene(number);
  return [=](double x, double y) {
    constexpr unsigned kMix = 2654435761U;  // Knuth's multiplicative hash
    const auto cell = static_cast<unsigned>(x * 32) * 18 + static_cast<unsigned>(y * 18);
    return 40 + 0.5 * picture(x, y) + ((cell * kMix ^ grain * 40503U) * kMix >> 31 ? 20 : -20);
  };
}

/// A bright spot before a scene that does not change, at places of its own for each `walk`. Sizes
/// are shares of the picture's width and height.
Level with_spot(const Level& background, unsigned walk, double size, double at_s) {
  std::mt19937 random(walk);
  std::uniform_real_distribution<double> phase(0, 6.28), rate(0.3, 0.9);
  const double rate_x = rate(random), rate_y = rate(random);
  const double x0 = 0.5 + 0.4 * std::sin(rate_x * at_s + phase(random));
  const double y0 = 0.5 + 0.4 * std::sin(rate_y * at_s + phase(random));
  return [=](double x, double y) {
    const double dx = (x - x0) / size, dy = (y - y0) / (1.3 * size);
    return std::fmin(255, background(x, y) + 60 * std::exp(-(dx * dx + dy * dy)));
  };
}

struct Recording {
  unsigned background = 1, walk = 1;
  double from_s = 0, length_s = 16;
  double size = 0.12;  ///< of what moves
};

/// Recordings one after the other.
Fingerprint film_of(const std::vector<Recording>& recordings,
                    const std::function<Level(const Level&)>& change = {}) {
  TrackHasher track{PictureHasher()};
  Fingerprint print;
  std::uint32_t next = 0;
  for (const auto& recording : recordings) {
    const auto slots = static_cast<std::uint32_t>(recording.length_s / Fingerprint::kSlot_s);
    const auto background = grained(recording.background);
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
      const double at_s = recording.from_s + slot * Fingerprint::kSlot_s;
      const auto picture = with_spot(background, recording.walk, recording.size, at_s);
      track.add(next++, shrunk(change ? change(picture) : picture));
    }
    print.duration_s += recording.length_s;
  }
  print.whole = track.take();
  print.whole_detail = track.detail();
  return print;
}

Fingerprint print_of(const Recording& recording,
                     const std::function<Level(const Level&)>& change = {}) {
  return film_of({recording}, change);
}

Fingerprint still_of(const Level& picture, double length_s) {
  TrackHasher track{PictureHasher()};
  for (std::uint32_t slot = 0; slot < length_s / Fingerprint::kSlot_s; ++slot)
    track.add(slot, shrunk(picture));
  Fingerprint print;
  print.whole = track.take();
  print.whole_detail = track.detail();
  print.duration_s = length_s;
  return print;
}

std::vector<Match> search(const std::vector<Fingerprint>& prints) {
  DuplicateSearch search({.threads = 2});
  for (const auto& print : prints) search.add(print);
  return search
      .find([&](std::uint32_t video) { return std::make_shared<const Fingerprint>(prints[video]); })
      .matches;
}

Level brighter(const Level& picture) {
  return [=](double x, double y) { return 10 + 0.9 * picture(x, y); };
}

TEST(Motion, KnowsNothingOfWhatStandsStill) {
  const auto one = print_of({.background = 1}), other = print_of({.background = 2});
  ASSERT_EQ(one.whole.size(), other.whole.size());
  for (std::size_t i = Fingerprint::kMotionSlots; i < one.whole.size(); ++i) {
    const auto apart = distance(one.whole[i].motion, other.whole[i].motion);
    EXPECT_LT(apart.rate(), 0.05) << i;
    EXPECT_GT(distance(one.whole[i].hash, other.whole[i].hash).rate(), 0.2) << i;
  }
}

TEST(Motion, IsNotToldWhereThePictureBeforeIsUnknown) {
  TrackHasher track{PictureHasher()};
  for (const std::uint32_t slot : {0U, 1U, 2U, 9U, 10U, 11U}) track.add(slot, shrunk(scene(slot)));
  const auto slots = track.take();
  ASSERT_EQ(slots.size(), 6u);
  for (const auto& entry : slots)
    EXPECT_EQ(entry.motion.strong_bits() > 0, entry.slot == 2 || entry.slot == 11) << entry.slot;
}

TEST(Motion, StandsStillWhereNothingMoves) {
  for (const auto& entry : still_of(grained(1), 8).whole) EXPECT_EQ(entry.motion.strong_bits(), 0);
}

TEST(FixedCamera, ACopyIsFound) {
  const auto matches = search(
      {print_of({}), print_of({.background = 5, .walk = 5}), print_of({}, [](const Level& picture) {
         return test::cropped(picture, 0.025, 0.025, 0.975, 0.975);
       })});
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_EQ(matches[0].b, 2u);
  EXPECT_NEAR(matches[0].overlap.a_end_s - matches[0].overlap.a_start_s, 16, 1.1);
}

TEST(FixedCamera, APartIsFoundWithItsPlace) {
  const auto matches =
      search({print_of({.length_s = 40}), print_of({.from_s = 20, .length_s = 10}, brighter)});
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_NEAR(matches[0].overlap.a_start_s, 20, 1.1);
  EXPECT_NEAR(matches[0].overlap.a_end_s, 30, 1.1);
}

// Its picture is looked up every 16 s although it stands still.
TEST(FixedCamera, APartOfALongRecordingIsFound) {
  const auto matches = search({print_of({.length_s = 280, .size = 0.06}),
                               print_of({.from_s = 150, .length_s = 30, .size = 0.06}, brighter)});
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_NEAR(matches[0].overlap.a_start_s, 150, 1.1);
  EXPECT_NEAR(matches[0].overlap.a_end_s, 180, 1.1);
}

TEST(FixedCamera, OtherRecordingsOfTheSameSceneAreOthers) {
  for (const double size : {0.12, 0.25, 0.4}) {
    std::vector<Fingerprint> prints;
    for (unsigned walk = 1; walk <= 16; ++walk)
      prints.push_back(print_of({.walk = walk, .size = size}));
    for (const auto& match : search(prints))
      ADD_FAILURE() << size << ": " << match.a << " and " << match.b << ", "
                    << match.overlap.a_start_s << " to " << match.overlap.a_end_s << ", "
                    << match.overlap.evidence << " bits";
  }
}

// What is bright for two seconds and dark for two shows two pictures and one motion, however long.
TEST(Evidence, OfWhatComesAgainIsCountedOnce) {
  const auto evidence_of = [](std::uint32_t slots) {
    TrackHasher track{PictureHasher()};
    const auto dark = grained(1);
    const Level bright = [&](double x, double y) {
      return x < 0.35 && y < 0.45 ? 250 : dark(x, y);
    };
    for (std::uint32_t slot = 0; slot < slots; ++slot)
      track.add(slot, shrunk(slot / 4 % 2 == 0 ? dark : bright));
    const auto blinking = track.take();
    return compare_pictures(blinking, blinking, Alignment{}, 0)->evidence;
  };
  EXPECT_NEAR(evidence_of(80), evidence_of(12), 1e-9);
}

TEST(FixedCamera, AnotherTimeOfTheSameWalkIsAnother) {
  EXPECT_TRUE(search({print_of({}), print_of({.from_s = 100})}).empty());
}

// One scene says too little by its picture, but here the camera is not fixed.
TEST(Motion, APartOfAFilmIsFoundByWhatMovesInIt) {
  const Recording shared{.background = 3, .walk = 3, .length_s = 8};
  const auto matches = search(
      {film_of(
           {{.background = 1, .length_s = 8}, shared, {.background = 2, .walk = 2, .length_s = 8}}),
       film_of({{.background = 4, .walk = 4, .length_s = 8},
                {.background = 5, .walk = 5, .length_s = 8},
                shared})});
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_TRUE(matches[0].overlap.is_by_motion);
  EXPECT_NEAR(matches[0].overlap.a_start_s, 8, 0.6);
  EXPECT_NEAR(matches[0].overlap.b_start_s, 16, 0.6);
}

TEST(Still, ACopyOfTheSameLengthIsFound) {
  const auto matches = search(
      {still_of(grained(1), 10), still_of(grained(2), 10), still_of(brighter(grained(1)), 10.4)});
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_EQ(matches[0].a, 0u);
  EXPECT_EQ(matches[0].b, 2u);
  EXPECT_NEAR(matches[0].overlap.a_end_s, 10, 0.01);
  EXPECT_NEAR(matches[0].overlap.b_end_s, 10.4, 0.01);
}

TEST(Still, OfAnotherLengthIsAnotherUseOfThePicture) {
  EXPECT_TRUE(search({still_of(grained(1), 10), still_of(grained(1), 14)}).empty());
}

TEST(Still, AGlimpseIsNothingToGoBy) {
  EXPECT_TRUE(search({still_of(grained(1), 2), still_of(grained(1), 2)}).empty());
}

// Cards of one design: the same picture in the large, others in detail.
TEST(Still, AnotherDetailIsAnotherPicture) {
  const auto one = still_of(grained(1, 1), 10), other = still_of(grained(1, 2), 10);
  EXPECT_LT(distance(one.whole[0].hash, other.whole[0].hash).rate(), 0.22);
  EXPECT_TRUE(search({one, other}).empty());
  EXPECT_EQ(search({one, still_of(brighter(grained(1, 1)), 10)}).size(), 1u);
}

TEST(Still, ACardBeforeBlackIsNoVideo) {
  auto one = still_of(grained(1), 3), other = one;
  one.duration_s = other.duration_s = 12;
  EXPECT_TRUE(search({one, other}).empty());
}

TEST(Still, IsNoVideoInWhichThePictureChanges) {
  EXPECT_TRUE(is_still(still_of(grained(1), 10).whole, 10));
  EXPECT_FALSE(is_still(test::print_of({1, 2}).whole, 4));
  EXPECT_FALSE(is_still({}, 10)) << "black all the time";
  EXPECT_FALSE(is_still(still_of(grained(1), 3).whole, 12)) << "a card, and then black";
}

TEST(Evidence, GrowsWithTheCollectionAndHasBounds) {
  EXPECT_EQ(evidence_needed(0), 36);
  EXPECT_EQ(evidence_needed(1000), 36);
  EXPECT_NEAR(evidence_needed(1 << 16), 42, 1e-9);
  EXPECT_EQ(evidence_needed(10'000'000), 46);
}

// A door that opens in a hall: 10 of 64 signs change, once.
TEST(Evidence, OfAChangedPictureIsInProportionToTheChange) {
  constexpr std::uint64_t kHall = 0x123456789ABCDEF0;
  std::vector<SlotHash> hall;
  for (std::uint32_t slot = 0; slot < 20; ++slot)
    hall.push_back({slot, {kHall ^ (slot < 10 ? 0U : 0x3FFU), 0}, {}});
  const auto overlap = compare_pictures(hall, hall, Alignment{}, 30);
  ASSERT_TRUE(overlap);
  const double whole_picture = 0.35 * 64;
  EXPECT_NEAR(overlap->evidence, whole_picture * (1 + 10.0 / 64 / 0.3), 1e-9);
  EXPECT_FALSE(compare_pictures(hall, hall, Alignment{}, 36));
}

}  // namespace
}  // namespace reelmill
