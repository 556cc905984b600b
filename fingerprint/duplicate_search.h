// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "fingerprint/overlap.h"

namespace reelmill {

/// What an overlap was seen by.
enum class MatchBasis { bytes, picture, sound };

std::string_view to_string(MatchBasis basis) noexcept;

/// Two videos (by the numbers the caller gave them, `a` < `b`) and a part that both have.
struct Match {
  std::uint32_t a = 0, b = 0;
  MatchBasis basis = MatchBasis::picture;
  Overlap overlap;
};

/// What was found. Where very many videos share a part, each is compared with a few of the others
/// only, through which all of them are joined; so not every pair of them is among the matches.
struct Duplicates {
  std::vector<Match> matches;  ///< by videos, the most certain overlap first
  int thinned = 0;             ///< videos that share something with too many to list every pair
};

/// Whether an overlap of two videos, of which the shorter lasts so long, is long enough: at least
/// `min_overlap_s`, or most of the shorter one.
bool is_listed(const Overlap& overlap, double shorter_s, double min_overlap_s);

struct DuplicateSearchOptions {
  int threads = 1;
  double min_overlap_s = 2;  ///< shorter ones are left out, unless they are most of a video
};

/// Finds which of very many videos show or sound the same, in whole or in part. Keeps only what is
/// looked up of each fingerprint (24 bytes for each distinct picture, 12 for one sound item in
/// eight) and asks for the whole again to verify a candidate. Not thread-safe.
class DuplicateSearch {
 public:
  /// Returns the fingerprint of a video again; nullptr where it cannot. Asked by several threads,
  /// by one at a time.
  using Load = std::function<std::shared_ptr<const Fingerprint>(std::uint32_t video)>;

  explicit DuplicateSearch(DuplicateSearchOptions options) : options_(options) {}
  /// Videos are numbered as they are added, from 0.
  std::uint32_t add(const Fingerprint& fingerprint);
  Duplicates find(const Load& load) const;

 private:
  std::vector<Match> verify_all(const std::vector<std::span<const Hit>>& pairs, const Load& load,
                                MatchBasis basis) const;
  void verify(std::span<const Hit> hits, const Load& load, MatchBasis basis,
              std::vector<Match>& matches) const;

  DuplicateSearchOptions options_;
  void add_track(std::uint32_t video, bool is_inside, std::span<const SlotHash> hashes);

  PictureIndex pictures_;
  PictureIndex motions_;  ///< of tracks that show few pictures
  SoundIndex sounds_;
  std::uint32_t videos_ = 0;
};

}  // namespace reelmill
