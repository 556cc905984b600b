// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fingerprint/fingerprint.h"

namespace reelmill {

/// A track is one sequence of hashes of one video; its number is the caller's.
using TrackId = std::uint32_t;

/// Two moments of two tracks that may show the same: `a` < `b`; `at_a`, `at_b` count slots or
/// sound items. A strong hit is one that chance can hardly make.
struct Hit {
  TrackId a = 0, b = 0;
  std::uint32_t at_a = 0, at_b = 0;
  bool is_strong = false;
  friend auto operator<=>(const Hit&, const Hit&) = default;
};

/// Hits, and the videos for which not all were kept: of what very many share (an opening, a jingle)
/// each later one is paired with the first few of them only, so that n videos give some n pairs and
/// not n². Through these few all of them are still joined.
struct Hits {
  std::vector<Hit> list;               ///< in order of tracks, each once
  std::vector<std::uint32_t> crowded;  ///< ascending

  /// Unites both, each in order.
  void add(Hits&& others);
};

/// The hashes of a track worth looking up: those that differ from the one before. A picture that
/// stands still is looked up once every quarter of a minute.
std::vector<SlotHash> distinct_hashes(std::span<const SlotHash> hashes);

/// The same for what moves; `hash` of what is returned is the motion's.
std::vector<SlotHash> distinct_motions(std::span<const SlotHash> hashes);

/// Finds pairs of nearby hashes among very many, by locality-sensitive hashing: hashes that share
/// one of four groups of 16 signs are compared in full. Groups that many share are divided further,
/// and hits among more than 64 videos are thinned (Hits), so that the work stays near linear. Not
/// thread-safe; find() uses as many threads as it is told.
class PictureIndex {
 public:
  /// `video` owns the track: hits within a video are left out. Videos are added in order.
  void add(TrackId track, std::uint32_t video, std::span<const SlotHash> hashes);
  std::size_t size() const noexcept { return entries_.size(); }
  Hits find(int threads) const;

 private:
  struct Entry {
    PictureHash hash;
    TrackId track;
    std::uint32_t video, slot;
  };
  void find_in_band(int band, Hits& hits) const;
  void compare_all(std::span<const std::uint32_t> bucket, Hits& hits) const;
  void compare_bucket(std::span<std::uint32_t> bucket, int band, int depth, Hits& hits) const;
  static std::optional<Hit> compare(const Entry& x, const Entry& y);

  std::vector<Entry> entries_;
};

/// Finds equal Chromaprint items among very many. Looks at one item in eight, chosen by its value,
/// so that two recordings choose the same ones. Hits of values that more than 64 tracks share are
/// thinned (Hits); values that very many share say nothing and are passed over. Not thread-safe.
class SoundIndex {
 public:
  void add(TrackId track, std::span<const std::uint32_t> items);
  std::size_t size() const noexcept { return entries_.size(); }
  Hits find() const;

 private:
  struct Entry {
    std::uint32_t value;
    TrackId track;
    std::uint32_t item;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  std::vector<Entry> entries_;
};

}  // namespace reelmill
