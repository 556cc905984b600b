// SPDX-License-Identifier: Apache-2.0
// Searches 100,000 simulated fingerprints for planted copies; every twentieth video is of a fixed
// camera, of which there are a hundred. Times building the index and finding,
// from fingerprints in memory; counters say how many of the planted pairs were found and how many
// pairs that were not planted.
#include <random>
#include <set>
#include <thread>

#include <benchmark/benchmark.h>

#include "fingerprint/duplicate_search.h"

namespace reelmill {
namespace {

constexpr std::uint32_t kVideos = 100'000;
constexpr std::uint32_t kSlots = 60;     // half a minute
constexpr std::size_t kItems = 240;      // as much sound
constexpr std::uint32_t kPlanted = 500;  // copies: every one of another video

using Random = std::mt19937_64;

// Signs that are set with a probability of `share`.
std::uint64_t random_signs(Random& random, double share) {
  std::bernoulli_distribution is_set(share);
  std::uint64_t signs = 0;
  for (int bit = 0; bit < 64; ++bit) signs |= static_cast<std::uint64_t>(is_set(random)) << bit;
  return signs;
}

PictureHash random_picture(Random& random, const std::array<double, 64>& frequency) {
  PictureHash hash{0, random_signs(random, 0.12)};
  for (std::size_t bit = 0; bit < 64; ++bit)
    hash.signs |= static_cast<std::uint64_t>(std::bernoulli_distribution(frequency[bit])(random))
                  << bit;
  return hash;
}

// Shots of a few seconds. Within one, little changes from slot to slot; no two signs are equally
// frequent, as in natural pictures.
Fingerprint simulated(Random& random, const std::array<double, 64>& frequency) {
  Fingerprint print;
  print.duration_s = kSlots * Fingerprint::kSlot_s;
  std::bernoulli_distribution is_cut(0.12);
  PictureHash hash;
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    if (slot == 0 || is_cut(random))
      hash = random_picture(random, frequency);
    else
      hash.signs ^= random_signs(random, 0.08);
    print.whole.push_back({slot, hash, {random(), random_signs(random, 0.4)}});
  }
  for (std::size_t i = 0; i < kItems; ++i)
    print.sound.push_back(static_cast<std::uint32_t>(random()));
  return print;
}

// Before a fixed camera: all that differs from other recordings of it is what moves.
void hold_still(Fingerprint& print, const PictureHash& scene, Random& random) {
  for (auto& entry : print.whole)
    entry.hash = {scene.signs ^ random_signs(random, 0.01), scene.weak};
}

// Ten seconds from the middle, with a tenth of all signs and a twentieth of the sound's bits
// turned: always the same of what stands still.
Fingerprint cut_from(const Fingerprint& original, Random& random) {
  constexpr std::uint32_t kFirst = 17, kCount = 20;
  Fingerprint copy;
  copy.duration_s = kCount * Fingerprint::kSlot_s;
  const bool is_still = distinct_hashes(original.whole).size() <= 2;
  const auto turned = random_signs(random, 0.1);
  for (std::uint32_t i = 0; i < kCount; ++i) {
    auto entry = original.whole[kFirst + i];
    entry.slot = i;
    entry.hash.signs ^= is_still ? turned : random_signs(random, 0.1);
    entry.motion.signs ^= random_signs(random, 0.1);
    copy.whole.push_back(entry);
  }
  for (std::size_t i = 70; i < 150; ++i)
    copy.sound.push_back(original.sound[i] ^
                         static_cast<std::uint32_t>(random_signs(random, 0.05)));
  return copy;
}

std::vector<Fingerprint> simulated_collection() {
  Random random(1);
  std::array<double, 64> frequency{};
  for (double& share : frequency) share = std::uniform_real_distribution(0.35, 0.65)(random);
  std::vector<Fingerprint> prints;
  std::vector<PictureHash> scenes;
  for (int i = 0; i < 100; ++i) scenes.push_back(random_picture(random, frequency));
  for (std::uint32_t i = 0; i < kVideos - kPlanted; ++i) {
    prints.push_back(simulated(random, frequency));
    if (i % 20 == 0) hold_still(prints.back(), scenes[i / 20 % scenes.size()], random);
  }
  for (std::uint32_t i = 0; i < kPlanted; ++i) prints.push_back(cut_from(prints[i * 7], random));
  return prints;
}

void DuplicateSearchOf100000(benchmark::State& state) {
  const auto prints = simulated_collection();
  std::set<std::pair<std::uint32_t, std::uint32_t>> found;
  for (auto _ : state) {
    DuplicateSearch search({static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))});
    for (const auto& print : prints) search.add(print);
    const auto duplicates = search.find([&](std::uint32_t video) {
      return std::shared_ptr<const Fingerprint>(std::shared_ptr<void>(), &prints[video]);
    });
    found.clear();
    for (const auto& match : duplicates.matches)
      if (match.basis == MatchBasis::picture) found.emplace(match.a, match.b);
  }
  std::uint32_t planted = 0;
  for (std::uint32_t i = 0; i < kPlanted; ++i)
    planted += static_cast<std::uint32_t>(found.count({i * 7, kVideos - kPlanted + i}));
  state.counters["planted"] = kPlanted;
  state.counters["found"] = planted;
  state.counters["false"] = static_cast<double>(found.size() - planted);
}

BENCHMARK(DuplicateSearchOf100000)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

}  // namespace
}  // namespace reelmill
