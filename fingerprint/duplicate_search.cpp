// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/duplicate_search.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>

#include "fingerprint/stills.h"

namespace reelmill {
namespace {

// Tracks of pictures: two a video.
TrackId track_of(std::uint32_t video, bool is_inside) {
  return video * 2 + (is_inside ? 1 : 0);
}

StillTrack still_of(const Fingerprint& fingerprint, TrackId track) {
  return track % 2 == 0
             ? StillTrack{fingerprint.whole, fingerprint.whole_detail, fingerprint.duration_s}
             : StillTrack{fingerprint.inside, fingerprint.inside_detail, fingerprint.duration_s};
}

const std::vector<SlotHash>& pictures_of(const Fingerprint& fingerprint, TrackId track) {
  return track % 2 == 0 ? fingerprint.whole : fingerprint.inside;
}

// Few pictures give few hits, and of a fixed camera they do not tell when they were: a dozen in
// all, or less than one in 8 s. (One that stands still is among the distinct ones every 16 s.)
bool shows_few_pictures(std::size_t distinct, std::size_t slots) {
  constexpr std::size_t kFew = 12, kRarely = 16;
  return distinct < std::max(kFew, slots / kRarely);
}

bool overlaps(const Overlap& x, const Overlap& y) {
  return std::min(x.a_end_s, y.a_end_s) > std::max(x.a_start_s, y.a_start_s) &&
         std::min(x.b_end_s, y.b_end_s) > std::max(x.b_start_s, y.b_start_s);
}

// The last slot of either may reach beyond its end; where one ends earlier, so does the other.
void end_within(Overlap& overlap, double a_duration_s, double b_duration_s) {
  const double beyond_s = std::max(
      {0.0, overlap.a_end_s - a_duration_s, (overlap.b_end_s - b_duration_s) / overlap.speed});
  overlap.a_end_s = std::max(overlap.a_start_s, overlap.a_end_s - beyond_s);
  overlap.b_end_s = std::max(overlap.b_start_s, overlap.b_end_s - beyond_s * overlap.speed);
}

// Slots blur a line's slope: the original speed is believed unless another one fits clearly better.
std::optional<Overlap> compare_pictures_by_speed(const std::vector<SlotHash>& a,
                                                 const std::vector<SlotHash>& b,
                                                 const Alignment& line, double evidence_bits) {
  constexpr double kClearly = 1.05;
  constexpr double kBlur_s = Fingerprint::kSlot_s;
  auto as_measured = compare_pictures(a, b, line, evidence_bits);
  if (!as_measured || line.speed == 1) return as_measured;
  auto original = line;
  const double middle_s = (as_measured->a_start_s + as_measured->a_end_s) / 2;
  original.speed = 1;
  original.offset_s = line.in_b(middle_s) - middle_s;
  auto unchanged = compare_pictures(a, b, original, evidence_bits);
  if (!unchanged) return as_measured;
  const double drift_s = std::abs(line.speed - 1) * as_measured->length_s();
  const double allowed = drift_s <= kBlur_s ? kClearly : 1;
  return unchanged->agreement * allowed >= as_measured->agreement ? unchanged : as_measured;
}

// Before one camera people walk the same way again: for some seconds that looks alike, but not for
// a whole video. In films it takes more to tell a part by what moves in it than a whole.
bool may_be_chance_motion(const Overlap& overlap, std::span<const SlotHash> a,
                          std::span<const SlotHash> b, double evidence_bits) {
  constexpr double kMostOf = 0.8, kMoreForAPart = 10;
  if (!overlap.is_by_motion || overlap.covered >= kMostOf) return false;
  return overlap.evidence < evidence_bits + kMoreForAPart || is_one_scene(a) || is_one_scene(b);
}

using Candidate = std::span<const Hit>;  // all hits of one pair of tracks

std::vector<Candidate> candidates_in(const std::vector<Hit>& hits) {
  std::vector<Candidate> candidates;
  for (std::size_t from = 0; from < hits.size();) {
    std::size_t to = from + 1;
    while (to < hits.size() && hits[to].a == hits[from].a && hits[to].b == hits[from].b) ++to;
    if (to - from > 1 || hits[from].is_strong)
      candidates.push_back(Candidate(hits).subspan(from, to - from));
    from = to;
  }
  return candidates;
}

// Copies that each differ a little meet in many small groups of hashes, in none of which they are
// a crowd. So of a track that is paired with very many others only the pairs with the most hits
// stay, and those that the other track has few of.
std::vector<Candidate> thin(const std::vector<Candidate>& all,
                            const std::function<void(TrackId)>& has_thinned) {
  constexpr std::size_t kMostPairs = 64, kKept = 16;
  struct End {
    TrackId track, other;
    std::size_t hits, candidate;
  };
  std::vector<End> ends;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& hit = all[i].front();
    ends.push_back({hit.a, hit.b, all[i].size(), i});
    ends.push_back({hit.b, hit.a, all[i].size(), i});
  }
  std::sort(ends.begin(), ends.end(), [](const End& x, const End& y) {
    return std::tuple(x.track, y.hits, x.other) < std::tuple(y.track, x.hits, y.other);
  });
  std::vector<bool> is_kept(all.size());
  for (std::size_t from = 0; from < ends.size();) {
    std::size_t to = from;
    while (to < ends.size() && ends[to].track == ends[from].track) ++to;
    const auto kept = to - from > kMostPairs ? kKept : to - from;
    if (kept < to - from) has_thinned(ends[from].track);
    for (std::size_t i = from; i < from + kept; ++i) is_kept[ends[i].candidate] = true;
    from = to;
  }
  std::vector<Candidate> left;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (is_kept[i]) left.push_back(all[i]);
  return left;
}

// Whole picture and inside of the bars may both match: the better one of each place stays.
void keep_best(std::vector<Match>& matches) {
  std::sort(matches.begin(), matches.end(), [](const Match& x, const Match& y) {
    const auto key = [](const Match& match) {
      const auto& at = match.overlap;
      return std::tuple(match.a, match.b, match.basis, -at.evidence, at.a_start_s, at.b_start_s,
                        at.a_end_s, at.b_end_s, at.speed, at.similarity);
    };
    return key(x) < key(y);
  });
  std::vector<Match> kept;
  for (const auto& match : matches) {
    const auto is_same_pair = [&](const Match& other) {
      return other.a == match.a && other.b == match.b && other.basis == match.basis;
    };
    // Those of the same pair are the last ones: all others are not looked at.
    bool is_known = false;
    for (auto other = kept.rbegin(); !is_known && other != kept.rend() && is_same_pair(*other);
         ++other)
      is_known = overlaps(other->overlap, match.overlap);
    if (!is_known) kept.push_back(match);
  }
  matches = std::move(kept);
}

}  // namespace

std::string_view to_string(MatchBasis basis) noexcept {
  switch (basis) {
    case MatchBasis::bytes:
      return "bytes";
    case MatchBasis::picture:
      return "picture";
    case MatchBasis::sound:
      break;
  }
  return "sound";
}

void DuplicateSearch::add_track(std::uint32_t video, bool is_inside,
                                std::span<const SlotHash> hashes) {
  const auto track = track_of(video, is_inside);
  const auto pictures = distinct_hashes(hashes);
  pictures_.add(track, video, pictures);
  if (shows_few_pictures(pictures.size(), hashes.size()))
    motions_.add(track, video, distinct_motions(hashes));
}

std::uint32_t DuplicateSearch::add(const Fingerprint& fingerprint) {
  const auto video = videos_++;
  add_track(video, false, fingerprint.whole);
  add_track(video, true, fingerprint.inside);
  sounds_.add(video, fingerprint.sound);
  return video;
}

bool is_listed(const Overlap& overlap, double shorter_s, double min_overlap_s) {
  constexpr double kMostOf = 0.8;
  return overlap.length_s() >= std::min(min_overlap_s, kMostOf * shorter_s);
}

void DuplicateSearch::verify(std::span<const Hit> hits, const Load& load, MatchBasis basis,
                             std::vector<Match>& matches) const {
  const bool is_picture = basis == MatchBasis::picture;
  AlignmentRules rules;
  rules.unit_s = is_picture ? Fingerprint::kSlot_s : Fingerprint::kSoundItem_s;
  if (!is_picture) rules.most_speed = 1.005, rules.tolerance_s = 0.3;
  const TrackId track_a = hits.front().a, track_b = hits.front().b;
  const auto video_a = is_picture ? track_a / 2 : track_a;
  const auto video_b = is_picture ? track_b / 2 : track_b;
  const double bits = evidence_needed(pictures_.size());
  const auto lines = align(hits, rules);
  if (lines.empty()) return;
  const auto a = load(video_a), b = load(video_b);
  if (a == nullptr || b == nullptr) return;
  if (is_picture && is_still(pictures_of(*a, track_a), a->duration_s) &&
      is_still(pictures_of(*b, track_b), b->duration_s))
    if (const auto same = compare_stills(still_of(*a, track_a), still_of(*b, track_b)))
      matches.push_back({video_a, video_b, basis, *same});
  for (const auto& line : lines) {
    auto overlap = is_picture ? compare_pictures_by_speed(pictures_of(*a, track_a),
                                                          pictures_of(*b, track_b), line, bits)
                              : compare_sound(a->sound, b->sound, line);
    if (!overlap) continue;
    if (is_picture &&
        may_be_chance_motion(*overlap, pictures_of(*a, track_a), pictures_of(*b, track_b), bits))
      continue;
    if (!is_picture) {
      overlap->a_start_s += a->sound_start_s, overlap->a_end_s += a->sound_start_s;
      overlap->b_start_s += b->sound_start_s, overlap->b_end_s += b->sound_start_s;
    }
    end_within(*overlap, a->duration_s, b->duration_s);
    if (is_listed(*overlap, std::min(a->duration_s, b->duration_s), options_.min_overlap_s))
      matches.push_back({video_a, video_b, basis, *overlap});
  }
}

std::vector<Match> DuplicateSearch::verify_all(const std::vector<std::span<const Hit>>& pairs,
                                               const Load& load, MatchBasis basis) const {
  // Neighbours have a video in common: whoever comes takes a few of them.
  constexpr std::size_t kShare = 8;
  std::atomic<std::size_t> next = 0;
  std::mutex loading;
  const Load load_alone = [&](std::uint32_t video) {
    const std::lock_guard lock(loading);
    return load(video);
  };
  std::vector<std::vector<Match>> of_worker(
      static_cast<std::size_t>(std::max(1, options_.threads)));
  {
    std::vector<std::jthread> workers;
    for (auto& matches : of_worker)
      workers.emplace_back([&] {
        for (std::size_t from; (from = next.fetch_add(kShare)) < pairs.size();)
          for (const auto& pair :
               std::span(pairs).subspan(from, std::min(kShare, pairs.size() - from)))
            verify(pair, load_alone, basis, matches);
      });
  }
  std::vector<Match> matches;
  for (const auto& part : of_worker) matches.insert(matches.end(), part.begin(), part.end());
  return matches;
}

Duplicates DuplicateSearch::find(const Load& load) const {
  Duplicates found;
  std::set<std::uint32_t> thinned;
  const auto add_all = [&](const Hits& hits, MatchBasis basis) {
    thinned.insert(hits.crowded.begin(), hits.crowded.end());
    const bool is_picture = basis == MatchBasis::picture;
    const auto pairs = thin(candidates_in(hits.list),
                            [&](TrackId track) { thinned.insert(is_picture ? track / 2 : track); });
    const auto matches = verify_all(pairs, load, basis);
    found.matches.insert(found.matches.end(), matches.begin(), matches.end());
  };
  auto seen = pictures_.find(options_.threads);
  seen.add(motions_.find(options_.threads));
  add_all(seen, MatchBasis::picture);
  add_all(sounds_.find(), MatchBasis::sound);
  keep_best(found.matches);
  found.thinned = static_cast<int>(thinned.size());
  return found;
}

}  // namespace reelmill
