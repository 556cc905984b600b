// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/candidate_hits.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <thread>
#include <utility>

#include "fingerprint/evidence.h"

namespace reelmill {
namespace {

constexpr int kBands = 4, kBandBits = 16;
// A hit: at most so many of the compared signs differ.
constexpr double kHitRate = 0.22;
constexpr int kLeastInHit = 24;
// A strong hit is about one in 10^8 of random pairs: none of 28 signs differ, 1 of 32, 4 of 44, 8
// of 60.
constexpr int kStrongCompared = 28, kStrongStep = 4;
// A hash with fewer strong signs is too unspecific to be looked up.
constexpr int kLeastStrongSigns = 28;
// Larger buckets are divided; what cannot be divided is compared with so many of it only.
constexpr std::size_t kLargestBucket = 2048;
// What more videos share is paired with the first few of them: these many, of which so many are
// surely the same. (Of the unrelated hashes of a full bucket about six are near by chance.)
constexpr int kMostVideos = 64;
/// Where a video shows one picture again and again, so many of its places are enough.
constexpr int kMostOfVideo = 64;
constexpr int kLeaders = 8, kSureLeaders = 4;
constexpr std::uint32_t kLongestStill = 32;  // slots

/// Counts the videos that one hash meets, in ascending order, and marks where its leaders end.
class Crowd {
 public:
  /// Before the hit is put behind `size` others. False: there are too many.
  bool meet(std::uint32_t video, bool is_strong, std::size_t size) {
    if (near_ == 0 || video != last_) {
      if (!leaders_end_ && (strong_ >= kSureLeaders || near_ >= kLeaders)) leaders_end_ = size;
      ++near_;
      last_ = video;
      is_last_strong_ = false;
      of_last_ = 0;
    }
    ++of_last_;
    if (is_strong && !std::exchange(is_last_strong_, true)) ++strong_;
    return near_ <= kMostVideos;
  }
  /// Enough of this video's places were met.
  bool has_enough_of(std::uint32_t video) const {
    return near_ > 0 && video == last_ && of_last_ >= kMostOfVideo;
  }
  /// How many hits are those with leaders, once there are too many.
  std::size_t leaders_end() const { return *leaders_end_; }

 private:
  int near_ = 0, strong_ = 0, of_last_ = 0;
  std::uint32_t last_ = 0;
  bool is_last_strong_ = false;
  std::optional<std::size_t> leaders_end_;
};

void sort_and_unite(Hits& hits) {
  const auto unite = [](auto& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  };
  unite(hits.list);
  unite(hits.crowded);
}

// Those that differ from the one before, of those that are specific enough.
std::vector<SlotHash> distinct(std::span<const SlotHash> entries, PictureHash SlotHash::* which) {
  std::vector<SlotHash> kept;
  for (const auto& entry : entries) {
    const auto& hash = entry.*which;
    if (hash.strong_bits() < kLeastStrongSigns) continue;
    if (kept.empty() || entry.slot - kept.back().slot >= kLongestStill ||
        distance(hash, kept.back().hash).rate() > kStandsStill)
      kept.push_back({entry.slot, hash, {}});
  }
  return kept;
}

std::uint32_t band_of(std::uint64_t signs, int band) {
  return static_cast<std::uint32_t>(signs >> (kBandBits * band)) & 0xFFFF;
}

}  // namespace

std::vector<SlotHash> distinct_hashes(std::span<const SlotHash> hashes) {
  return distinct(hashes, &SlotHash::hash);
}

std::vector<SlotHash> distinct_motions(std::span<const SlotHash> hashes) {
  return distinct(hashes, &SlotHash::motion);
}

void Hits::add(Hits&& others) {
  const auto unite = [](auto& mine, auto& more) {
    const auto end = static_cast<std::ptrdiff_t>(mine.size());
    mine.insert(mine.end(), more.begin(), more.end());
    std::inplace_merge(mine.begin(), mine.begin() + end, mine.end());
    mine.erase(std::unique(mine.begin(), mine.end()), mine.end());
    more = {};
  };
  unite(list, others.list);
  unite(crowded, others.crowded);
}

void PictureIndex::add(TrackId track, std::uint32_t video, std::span<const SlotHash> hashes) {
  for (const auto& entry : hashes) entries_.push_back({entry.hash, track, video, entry.slot});
}

std::optional<Hit> PictureIndex::compare(const Entry& x, const Entry& y) {
  const auto apart = distance(x.hash, y.hash);
  if (apart.differing > kHitRate * apart.compared || apart.compared < kLeastInHit) return {};
  if (x.video == y.video) return {};
  const bool is_strong = apart.compared >= kStrongCompared + kStrongStep * apart.differing;
  return x.track < y.track ? Hit{x.track, y.track, x.slot, y.slot, is_strong}
                           : Hit{y.track, x.track, y.slot, x.slot, is_strong};
}

void PictureIndex::compare_all(std::span<const std::uint32_t> bucket, Hits& hits) const {
  // Side by side in memory, and without a branch until something is near.
  std::array<PictureHash, kLargestBucket> hashes;
  const auto known = std::min(bucket.size(), kLargestBucket);
  for (std::size_t i = 0; i < known; ++i) hashes[i] = entries_[bucket[i]].hash;
  for (std::size_t j = 1; j < bucket.size(); ++j) {
    const Entry& entry = entries_[bucket[j]];
    const auto hash = entry.hash;
    Crowd crowd;
    for (std::size_t i = 0; i < std::min(j, known); ++i) {
      const std::uint64_t differing =
          (hash.signs ^ hashes[i].signs) & ~(hash.weak | hashes[i].weak);
      constexpr int kMost = static_cast<int>(kHitRate * PictureHash::kBits);
      if (set_bits(differing) > kMost) continue;
      if (crowd.has_enough_of(entries_[bucket[i]].video)) continue;
      const auto hit = compare(entries_[bucket[i]], entry);
      if (!hit) continue;
      if (!crowd.meet(entries_[bucket[i]].video, hit->is_strong, hits.list.size())) {
        hits.list.resize(crowd.leaders_end());
        hits.crowded.push_back(entry.video);
        break;
      }
      hits.list.push_back(*hit);
    }
  }
}

void PictureIndex::compare_bucket(std::span<std::uint32_t> bucket, int band, int depth,
                                  Hits& hits) const {
  if (bucket.size() <= kLargestBucket || depth == 12) return compare_all(bucket, hits);
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

void PictureIndex::find_in_band(int band, Hits& hits) const {
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
  sort_and_unite(hits);
}

Hits PictureIndex::find(int threads) const {
  std::array<Hits, kBands> of_band;
  {
    std::vector<std::jthread> workers;
    const int count = std::clamp(threads, 1, kBands);
    for (int worker = 0; worker < count; ++worker)
      workers.emplace_back([&, worker] {
        for (int band = worker; band < kBands; band += count)
          find_in_band(band, of_band[static_cast<std::size_t>(band)]);
      });
  }
  Hits hits;
  for (auto& part : of_band) hits.add(std::move(part));
  return hits;
}

void SoundIndex::add(TrackId track, std::span<const std::uint32_t> items) {
  constexpr std::uint32_t kMix = 2654435761U;  // Knuth's multiplicative hash
  constexpr int kOneInEight = 29;
  for (std::size_t i = 0; i < items.size(); ++i)
    if ((items[i] * kMix) >> kOneInEight == 0 && (i == 0 || items[i] != items[i - 1]))
      entries_.push_back({items[i], track, static_cast<std::uint32_t>(i)});
}

Hits SoundIndex::find() const {
  constexpr std::size_t kTooCommon = 512;  // entries of one value: silence, a test tone
  auto entries = entries_;
  std::sort(entries.begin(), entries.end());
  Hits hits;
  for (std::size_t from = 0; from < entries.size();) {
    std::size_t to = from + 1;
    while (to < entries.size() && entries[to].value == entries[from].value) ++to;
    if (to - from <= kTooCommon)
      for (std::size_t j = from + 1; j < to; ++j) {
        Crowd crowd;
        for (std::size_t i = from; i < j && entries[i].track != entries[j].track; ++i) {
          if (!crowd.meet(entries[i].track, true, hits.list.size())) {
            hits.list.resize(crowd.leaders_end());
            hits.crowded.push_back(entries[j].track);
            break;
          }
          hits.list.push_back(
              {entries[i].track, entries[j].track, entries[i].item, entries[j].item});
        }
      }
    from = to;
  }
  sort_and_unite(hits);
  return hits;
}

}  // namespace reelmill
