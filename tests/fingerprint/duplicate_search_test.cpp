// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/duplicate_search.h"

#include <gtest/gtest.h>

#include "fingerprint/duplicate_groups.h"
#include "tests/fingerprint/pictures.h"

namespace reelmill {
namespace {

using test::print_of;

std::vector<unsigned> scenes(unsigned from, unsigned to) {
  std::vector<unsigned> numbers;
  for (unsigned i = from; i < to; ++i) numbers.push_back(i);
  return numbers;
}

std::vector<Match> search(const std::vector<Fingerprint>& prints, double min_overlap_s = 2) {
  DuplicateSearch search({.threads = 2, .min_overlap_s = min_overlap_s});
  for (const auto& print : prints) search.add(print);
  return search
      .find([&](std::uint32_t video) { return std::make_shared<const Fingerprint>(prints[video]); })
      .matches;
}

/// Pictures that nothing else looks like.
void append_random(Fingerprint& print, std::uint32_t slots, std::mt19937_64& random) {
  for (std::uint32_t i = 0; i < slots; ++i)
    print.whole.push_back({static_cast<std::uint32_t>(print.whole.size()), {random(), 0}});
  print.duration_s = static_cast<double>(print.whole.size()) * Fingerprint::kSlot_s;
}

// As if played at another speed: each slot shows what the original shows at that time.
Fingerprint at_speed(const Fingerprint& original, double speed) {
  Fingerprint print;
  print.duration_s = original.duration_s / speed;
  for (std::uint32_t slot = 0; slot + 1 < print.duration_s / Fingerprint::kSlot_s; ++slot)
    print.whole.push_back(
        {slot, original.whole.at(static_cast<std::size_t>((slot + 0.5) * speed)).hash});
  return print;
}

std::vector<std::uint32_t> random_items(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint32_t> items(count);
  for (auto& item : items) item = static_cast<std::uint32_t>(random());
  return items;
}

TEST(DuplicateSearch, ACopyIsFoundFromStartToEnd) {
  const auto matches =
      search({print_of(scenes(0, 10)), print_of(scenes(50, 60)), print_of(scenes(0, 10))});
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_EQ(matches[0].a, 0u);
  EXPECT_EQ(matches[0].b, 2u);
  EXPECT_EQ(matches[0].basis, MatchBasis::picture);
  EXPECT_NEAR(matches[0].overlap.a_start_s, 0, 0.01);
  EXPECT_NEAR(matches[0].overlap.a_end_s, 20, 0.01);
  EXPECT_NEAR(matches[0].overlap.similarity, 1, 0.01);
}

TEST(DuplicateSearch, UnrelatedVideosDoNotMatch) {
  std::vector<Fingerprint> prints;
  for (unsigned i = 0; i < 60; ++i) prints.push_back(print_of(scenes(i * 12, i * 12 + 12)));
  EXPECT_TRUE(search(prints).empty());
}

TEST(DuplicateSearch, APartIsFoundWithItsPlaceInBoth) {
  const auto matches = search({print_of(scenes(0, 30)), print_of(scenes(10, 20))});
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_NEAR(matches[0].overlap.a_start_s, 20, 0.6);
  EXPECT_NEAR(matches[0].overlap.a_end_s, 40, 0.6);
  EXPECT_NEAR(matches[0].overlap.b_start_s, 0, 0.6);
  EXPECT_NEAR(matches[0].overlap.b_end_s, 20, 0.6);
}

TEST(DuplicateSearch, TwoPartsInAnotherOrderAreTwoOverlaps) {
  auto order = scenes(20, 30);
  for (const auto number : scenes(0, 10)) order.push_back(number);
  const auto matches = search({print_of(scenes(0, 30)), print_of(order)});
  ASSERT_EQ(matches.size(), 2u);
  const double first = std::min(matches[0].overlap.a_start_s, matches[1].overlap.a_start_s);
  const double second = std::max(matches[0].overlap.a_start_s, matches[1].overlap.a_start_s);
  EXPECT_NEAR(first, 0, 0.6);
  EXPECT_NEAR(second, 40, 0.6);
}

TEST(DuplicateSearch, SpeedsWithinFourPercentAreFoundAndMeasured) {
  const auto original = print_of(scenes(0, 60), 3);  // 90 s
  for (const double speed : {0.96, 0.98, 1.02, 1.04}) {
    const auto matches = search({original, at_speed(original, speed)});
    ASSERT_EQ(matches.size(), 1u) << speed;
    EXPECT_NEAR(1 / matches[0].overlap.speed, speed, 0.008);
    EXPECT_GT(matches[0].overlap.a_end_s - matches[0].overlap.a_start_s, 85) << speed;
  }
}

TEST(DuplicateSearch, BlackVideosDoNotMatch) {
  Fingerprint black;
  black.duration_s = 60;
  EXPECT_TRUE(search({black, black, black}).empty());
}

TEST(DuplicateSearch, OneStillThatManyVideosShareIsNoOverlap) {
  std::vector<Fingerprint> prints;
  for (unsigned i = 0; i < 20; ++i) {
    auto order = scenes(100 * i, 100 * i + 10);
    order.insert(order.begin() + 3, 9999);
    prints.push_back(print_of(order, 8));
  }
  EXPECT_TRUE(search(prints).empty());
}

TEST(DuplicateSearch, TheInsideOfBarsMatchesThePictureWithoutThem) {
  auto barred = print_of(scenes(500, 510));
  barred.inside = test::shown(scenes(0, 10));
  const auto matches = search({print_of(scenes(0, 10)), barred});
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_NEAR(matches[0].overlap.a_end_s - matches[0].overlap.a_start_s, 20, 0.6);
}

TEST(DuplicateSearch, ShortOverlapsAreListedWhereAskedFor) {
  const std::vector<Fingerprint> prints = {
      print_of(scenes(0, 30), 1),
      print_of({900, 901, 902, 903, 904, 905, 906, 907, 5, 6, 7, 8, 9, 10, 11, 908, 909, 910, 911},
               1)};  // 3.5 s shared
  EXPECT_EQ(search(prints, 2).size(), 1u);
  EXPECT_EQ(search(prints, 5).size(), 0u);
}

TEST(DuplicateSearch, TheSameSoundIsFoundUnderOtherPictures) {
  auto a = print_of(scenes(0, 20)), b = print_of(scenes(100, 120));
  a.sound = random_items(320, 1);
  b.sound.assign(a.sound.begin() + 80, a.sound.begin() + 240);
  std::mt19937 random(2);
  for (auto& item : b.sound)
    if (random() % 2 == 0) item ^= 1U << (random() % 32);
  b.sound_start_s = 1;
  const auto matches = search({a, b});
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_EQ(matches[0].basis, MatchBasis::sound);
  EXPECT_NEAR(matches[0].overlap.a_start_s, 80 * Fingerprint::kSoundItem_s, 0.2);
  EXPECT_NEAR(matches[0].overlap.b_start_s, 1, 0.2);
}

TEST(DuplicateSearch, SilenceAndLastingTonesDoNotMatch) {
  auto a = print_of(scenes(0, 20)), b = print_of(scenes(100, 120));
  for (const std::uint32_t item : {627964279U, 0U, 0xDEADBEEFU, 8U}) {
    a.sound.assign(320, item);
    b.sound.assign(320, item);
    EXPECT_TRUE(search({a, b}).empty()) << item;
  }
}

TEST(DuplicateSearch, AVideoThatRepeatsItselfIsNoPairWithItself) {
  auto order = scenes(0, 10);
  for (const auto number : scenes(0, 10)) order.push_back(number);
  EXPECT_TRUE(search({print_of(order)}).empty());
}

// In a thousand videos with a common opening there are half a million pairs.
TEST(DuplicateSearch, AnOpeningThatVeryManyShareCostsNoPairOfThemAndStillJoinsAll) {
  constexpr std::uint32_t kVideos = 1000;
  std::mt19937_64 random(1);
  Fingerprint opening;
  append_random(opening, 40, random);
  const auto jingle = random_items(160, 3);
  std::vector<Fingerprint> prints(kVideos, opening);
  for (auto& print : prints) {
    append_random(print, 20, random);
    print.sound = random_items(240, static_cast<unsigned>(random()));
    std::copy(jingle.begin(), jingle.end(), print.sound.begin());
  }
  // Two that share the rest as well.
  std::copy_n(prints[700].whole.begin(), 60, prints[900].whole.begin());
  DuplicateSearch search({.threads = 2});
  for (const auto& print : prints) search.add(print);
  std::int64_t loads = 0;
  const auto found = search.find([&](std::uint32_t video) {
    ++loads;
    return std::shared_ptr<const Fingerprint>(std::shared_ptr<void>(), &prints[video]);
  });
  EXPECT_LT(loads, 60'000);
  EXPECT_LT(found.matches.size(), 20'000u);
  EXPECT_GT(found.thinned, 900);
  const auto groups = duplicate_groups(found.matches, std::vector<double>(kVideos, 30),
                                       [](std::uint32_t) { return true; });
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].size(), kVideos);
  const auto whole = std::find_if(found.matches.begin(), found.matches.end(), [](const Match& m) {
    return m.a == 700 && m.b == 900 && m.basis == MatchBasis::picture;
  });
  ASSERT_NE(whole, found.matches.end());
  EXPECT_NEAR(whole->overlap.a_start_s, 0, 0.01) << "a pair that shares more is seen in full";
  EXPECT_NEAR(whole->overlap.a_end_s, 30, 0.01);
}

TEST(DuplicateSearch, CopiesThatDifferFromEachOtherAreNoCrowdTooLargeEither) {
  // Each copy of the opening with signs of its own turned: near all others, and sure of none.
  constexpr std::uint32_t kVideos = 600;
  std::mt19937_64 random(1);
  Fingerprint opening;
  append_random(opening, 40, random);
  std::vector<Fingerprint> prints(kVideos, opening);
  for (auto& print : prints) {
    for (auto& entry : print.whole)
      for (int i = 0; i < 4; ++i) entry.hash.signs ^= std::uint64_t{1} << (random() % 64);
    append_random(print, 20, random);
  }
  DuplicateSearch search({.threads = 2});
  for (const auto& print : prints) search.add(print);
  std::int64_t loads = 0;
  const auto found = search.find([&](std::uint32_t video) {
    ++loads;
    return std::shared_ptr<const Fingerprint>(std::shared_ptr<void>(), &prints[video]);
  });
  EXPECT_LT(loads, 2 * 20'000) << "of 179,700 pairs";
  const auto groups = duplicate_groups(found.matches, std::vector<double>(kVideos, 30),
                                       [](std::uint32_t) { return true; });
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].size(), kVideos);
}

TEST(DuplicateSearch, ASoundThatManyShareCostsNoPairOfThemEither) {
  constexpr std::uint32_t kVideos = 400;
  const auto jingle = random_items(240, 3);
  std::vector<Fingerprint> prints;
  for (std::uint32_t i = 0; i < kVideos; ++i) {
    Fingerprint print;
    print.duration_s = 50;
    print.sound = random_items(400, 10 + i);
    std::copy(jingle.begin(), jingle.end(), print.sound.begin());
    prints.push_back(std::move(print));
  }
  DuplicateSearch search({.threads = 2});
  for (const auto& print : prints) search.add(print);
  const auto found = search.find([&](std::uint32_t video) {
    return std::shared_ptr<const Fingerprint>(std::shared_ptr<void>(), &prints[video]);
  });
  EXPECT_LT(found.matches.size(), 4000u);
  EXPECT_GT(found.thinned, 300);
  const auto groups = duplicate_groups(found.matches, std::vector<double>(kVideos, 50),
                                       [](std::uint32_t) { return false; });
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].size(), kVideos);
}

TEST(DuplicateSearch, WhatSixtyFourShareIsListedPairByPair) {
  std::mt19937_64 random(1);
  Fingerprint print;
  append_random(print, 20, random);
  const std::vector<Fingerprint> prints(64, print);
  EXPECT_EQ(search(prints).size(), 64u * 63 / 2);
}

TEST(DuplicateSearch, ThreadsChangeNothing) {
  std::mt19937_64 random(1);
  std::vector<Fingerprint> prints;
  for (int i = 0; i < 40; ++i) {
    prints.emplace_back();
    append_random(prints.back(), 20, random);
  }
  // Each shares with each of the next three, in two places of its own order.
  for (std::size_t i = 0; i < prints.size(); ++i)
    for (std::size_t k = 1; k <= 3; ++k) {
      auto& next = prints[(i + k) % prints.size()].whole;
      for (std::size_t slot = 0; slot < 6; ++slot)
        next[(3 * k + slot) % 20].hash = prints[i].whole[(5 * k + slot) % 20].hash;
    }
  const auto with = [&](int threads) {
    DuplicateSearch search({.threads = threads});
    for (const auto& print : prints) search.add(print);
    std::vector<std::tuple<std::uint32_t, std::uint32_t, double, double, double, double>> found;
    const auto load = [&](std::uint32_t video) {
      return std::shared_ptr<const Fingerprint>(std::shared_ptr<void>(), &prints[video]);
    };
    for (const auto& match : search.find(load).matches)
      found.emplace_back(match.a, match.b, match.overlap.a_start_s, match.overlap.b_start_s,
                         match.overlap.evidence, match.overlap.similarity);
    return found;
  };
  const auto alone = with(1);
  EXPECT_GT(alone.size(), 40u);
  for (const int threads : {2, 3, 8}) EXPECT_EQ(with(threads), alone) << threads;
}

TEST(DuplicateGroups, AreWhatMatchesOverHalfOfTheShorterJoin) {
  const auto part = [](std::uint32_t a, std::uint32_t b, double length, MatchBasis basis) {
    return Match{a, b, basis, Overlap{0, length, 0, length, 1, 1, 99}};
  };
  const auto picture = MatchBasis::picture, sound = MatchBasis::sound;
  const std::vector<Match> matches = {part(0, 3, 40, picture), part(1, 2, 20, picture),
                                      part(3, 5, 31, picture), part(4, 6, 60, sound),
                                      part(6, 7, 60, sound),   part(8, 9, 0, MatchBasis::bytes)};
  const auto groups = duplicate_groups(matches, std::vector<double>(10, 60),
                                       [](std::uint32_t video) { return video != 7; });
  EXPECT_EQ(groups, (std::vector<std::vector<std::uint32_t>>{{0, 3, 5}, {6, 7}, {8, 9}}));
}

TEST(DuplicateGroups, SumPartsThatTwoVideosShare) {
  const auto part = [](double from_s) {
    return Match{0, 1, MatchBasis::picture,
                 Overlap{from_s, from_s + 15, from_s, from_s + 15, 1, 1, 99}};
  };
  const auto grouped = [](const std::vector<Match>& matches) {
    return duplicate_groups(matches, {60, 60}, [](std::uint32_t) { return true; }).size();
  };
  EXPECT_EQ(grouped({part(0)}), 0u);
  EXPECT_EQ(grouped({part(0), part(30)}), 1u);
}

TEST(DuplicateGroups, ACompilationJoinsNoneOfItsParts) {
  const auto whole_of = [](std::uint32_t a, std::uint32_t b, double from_s, double length_s) {
    return Match{a, b, MatchBasis::picture,
                 Overlap{0, length_s, from_s, from_s + length_s, 1, 1, 99}};
  };
  const auto groups = [](const std::vector<Match>& matches) {
    return duplicate_groups(matches, {10, 10, 10, 60}, [](std::uint32_t) { return true; });
  };
  using Groups = std::vector<std::vector<std::uint32_t>>;
  // 3 is put together from 0 and 1; 2 is a copy of 0.
  EXPECT_EQ(groups({whole_of(0, 3, 0, 10), whole_of(1, 3, 30, 10)}), Groups{});
  EXPECT_EQ(groups({whole_of(0, 3, 0, 10)}), (Groups{{0, 3}})) << "a part of it";
  EXPECT_EQ(groups({whole_of(0, 3, 0, 10), whole_of(2, 3, 0, 10), whole_of(0, 2, 0, 10)}),
            (Groups{{0, 2, 3}}))
      << "two copies of one part";
  EXPECT_EQ(groups({whole_of(0, 3, 0, 10), whole_of(2, 3, 0, 10), whole_of(0, 2, 0, 10),
                    whole_of(1, 3, 30, 10)}),
            (Groups{{0, 2}}));
}

}  // namespace
}  // namespace reelmill
