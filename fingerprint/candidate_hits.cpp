// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/candidate_hits.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <thread>

namespace reelmill {
namespace {

constexpr int kBands = 4, kBandBits = 16;
// A hit: at most so many of the compared signs differ.
constexpr double kHitRate = 0.22;
constexpr int kLeastCompared = 24;
// A strong hit: about one in 10^10 of random pairs.
constexpr double kStrongRate = 0.08;
constexpr int kStrongCompared = 44;
// A hash with fewer strong signs is too unspecific to be looked up.
constexpr int kLeastStrongSigns = 28;
// Larger buckets are divided; what cannot be divided is compared with so many neighbours only.
constexpr std::size_t kLargestBucket = 2048;
constexpr std::size_t kNeighbours = 64;
constexpr double kStandsStill = 0.06;
constexpr std::uint32_t kLongestStill = 32;  // slots

std::uint32_t band_of(std::uint64_t signs, int band) {
  return static_cast<std::uint32_t>(signs >> (kBandBits * band)) & 0xFFFF;
}

}  // namespace

std::vector<SlotHash> distinct_hashes(std::span<const SlotHash> hashes) {
  std::vector<SlotHash> distinct;
  for (const auto& entry : hashes) {
    if (entry.hash.strong_bits() < kLeastStrongSigns) continue;
    if (distinct.empty() || entry.slot - distinct.back().slot >= kLongestStill ||
        distance(entry.hash, distinct.back().hash).rate() > kStandsStill)
      distinct.push_back(entry);
  }
  return distinct;
}

void PictureIndex::add(TrackId track, std::uint32_t video, std::span<const SlotHash> hashes) {
  for (const auto& entry : hashes) entries_.push_back({entry.hash, track, video, entry.slot});
}

void PictureIndex::compare(const Entry& x, const Entry& y, std::vector<Hit>& hits) const {
  const auto apart = distance(x.hash, y.hash);
  if (apart.differing > kHitRate * apart.compared || apart.compared < kLeastCompared) return;
  if (x.video == y.video) return;
  const bool is_strong =
      apart.compared >= kStrongCompared && apart.differing <= kStrongRate * apart.compared;
  if (x.track < y.track)
    hits.push_back({x.track, y.track, x.slot, y.slot, is_strong});
  else
    hits.push_back({y.track, x.track, y.slot, x.slot, is_strong});
}

void PictureIndex::compare_all(std::span<const std::uint32_t> bucket,
                               std::vector<Hit>& hits) const {
  // Side by side in memory, and without a branch until something is near.
  std::array<PictureHash, kLargestBucket> hashes;
  for (std::size_t i = 0; i < bucket.size(); ++i) hashes[i] = entries_[bucket[i]].hash;
  for (std::size_t i = 0; i + 1 < bucket.size(); ++i) {
    const auto hash = hashes[i];
    for (std::size_t j = i + 1; j < bucket.size(); ++j) {
      const std::uint64_t differing =
          (hash.signs ^ hashes[j].signs) & ~(hash.weak | hashes[j].weak);
      constexpr int kMost = static_cast<int>(kHitRate * PictureHash::kBits);
      if (std::popcount(differing) <= kMost)
        compare(entries_[bucket[i]], entries_[bucket[j]], hits);
    }
  }
}

void PictureIndex::compare_bucket(std::span<std::uint32_t> bucket, int band, int depth,
                                  std::vector<Hit>& hits) const {
  if (bucket.size() <= kLargestBucket) return compare_all(bucket, hits);
  if (depth == 12) {
    for (std::size_t i = 0; i < bucket.size(); ++i)
      for (std::size_t j = i + 1; j < std::min(bucket.size(), i + 1 + kNeighbours); ++j)
        compare(entries_[bucket[i]], entries_[bucket[j]], hits);
    return;
  }
  // By four more signs, beginning after this band.
  const auto nibble = [&](std::uint32_t entry) {
    const int shift = (kBandBits * (band + 1) + 4 * depth) % PictureHash::kBits;
    return (entries_[entry].hash.signs >> shift) & 15U;
  };
  std::stable_sort(bucket.begin(), bucket.end(),
                   [&](std::uint32_t x, std::uint32_t y) { return nibble(x) < nibble(y); });
  for (std::size_t from = 0; from < bucket.size();) {
    std::size_t to = from + 1;
    while (to < bucket.size() && nibble(bucket[to]) == nibble(bucket[from])) ++to;
    compare_bucket(bucket.subspan(from, to - from), band, depth + 1, hits);
    from = to;
  }
}

void PictureIndex::find_in_band(int band, std::vector<Hit>& hits) const {
  constexpr std::size_t kKeys = std::size_t{1} << kBandBits;
  std::vector<std::uint32_t> starts(kKeys + 1), order(entries_.size());
  for (const auto& entry : entries_) ++starts[band_of(entry.hash.signs, band) + 1];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  auto next = starts;
  for (std::size_t i = 0; i < entries_.size(); ++i)
    order[next[band_of(entries_[i].hash.signs, band)]++] = static_cast<std::uint32_t>(i);
  for (std::size_t key = 0; key < kKeys; ++key)
    compare_bucket(std::span(order).subspan(starts[key], starts[key + 1] - starts[key]), band, 0,
                   hits);
}

std::vector<Hit> PictureIndex::find(int threads) const {
  std::array<std::vector<Hit>, kBands> of_band;
  {
    std::vector<std::jthread> workers;
    const int count = std::clamp(threads, 1, kBands);
    for (int worker = 0; worker < count; ++worker)
      workers.emplace_back([&, worker] {
        for (int band = worker; band < kBands; band += count)
          find_in_band(band, of_band[static_cast<std::size_t>(band)]);
      });
  }
  std::vector<Hit> hits;
  for (auto& part : of_band) {
    hits.insert(hits.end(), part.begin(), part.end());
    part = {};
  }
  std::sort(hits.begin(), hits.end());
  hits.erase(std::unique(hits.begin(), hits.end()), hits.end());
  return hits;
}

void SoundIndex::add(TrackId track, std::span<const std::uint32_t> items) {
  constexpr std::uint32_t kMix = 2654435761U;  // Knuth's multiplicative hash
  constexpr int kOneInEight = 29;
  for (std::size_t i = 0; i < items.size(); ++i)
    if ((items[i] * kMix) >> kOneInEight == 0 && (i == 0 || items[i] != items[i - 1]))
      entries_.push_back({items[i], track, static_cast<std::uint32_t>(i)});
}

std::vector<Hit> SoundIndex::find() const {
  constexpr std::size_t kTooCommon = 512;  // entries of one value: silence, a test tone
  auto entries = entries_;
  std::sort(entries.begin(), entries.end());
  std::vector<Hit> hits;
  for (std::size_t from = 0; from < entries.size();) {
    std::size_t to = from + 1;
    while (to < entries.size() && entries[to].value == entries[from].value) ++to;
    if (to - from <= kTooCommon)
      for (std::size_t i = from; i < to; ++i)
        for (std::size_t j = i + 1; j < to; ++j)
          if (entries[i].track != entries[j].track)
            hits.push_back({entries[i].track, entries[j].track, entries[i].item, entries[j].item});
    from = to;
  }
  std::sort(hits.begin(), hits.end());
  return hits;
}

}  // namespace reelmill
