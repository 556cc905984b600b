// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/gradual.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "media/picture_change.h"
#include "stages/analyze/displacement.h"
#include "stages/analyze/frame_score.h"
#include "stages/analyze/picture_vector.h"
#include "stages/analyze/texture_mixture.h"
#include "stages/analyze/wipe_fit.h"

namespace reelmill {
namespace {

using Kind = GradualChange::Kind;

// Windows, in samples. Samples are frames, thinned out where there are more than 30 a second.
constexpr std::array<std::int64_t, 14> kLengths = {4,  5,  6,  8,  10, 13, 16,
                                                   20, 25, 31, 39, 48, 60, 72};
constexpr double kLeastSpacing_s = 0.030;
constexpr double kLongest_s = 4.5;
constexpr float kLeastDistance = 9;      // levels, root mean square
constexpr float kMostDeviation = 0.07F;  // squared, of the way, from the straight line
constexpr float kLeastWiped = 0.12F, kMostWiped = 0.36F;  // the same for a wipe: 0.21 if it is even
// Of the places: that show one picture or the other; on the right side of an edge.
constexpr float kLeastExact = 0.75F, kLeastBesideEdge = 0.94F;
constexpr float kMostCorrelation = 0.75F;      // of the two pictures
constexpr float kLeastChangedOfAll = 0.16F;    // share of the picture: less is an overlay
constexpr float kLeastChangedOfActive = 0.4F;  // share of what is not black in both
constexpr float kLeastLoss = 0.5F;             // of the contrast that a mixture would lose
constexpr float kGoesOn = 3;  // of the squared speed in a window: more beside it is one motion
// Texture: of the energy that a mixture would lose; squared, of the way; of the differences.
constexpr float kLeastTextureLoss = 0.65F, kMostAstray = 0.65F, kLeastTextureChanged = 0.16F;
constexpr std::int64_t kShortest = 3;  // frames; less is a cut between blended fields
constexpr std::array<float, 3> kPlaces = {0.25F, 0.5F, 0.75F};

// Black, white, or so dim and even that it is on its way to or from black.
bool shows_nothing(const FrameFeatures& features) {
  constexpr float kDim = 64, kEven = 8;  // levels
  return is_blank(features) || (features.mean <= kDim && features.deviation <= kEven);
}

struct Sample {
  std::int64_t frame = 0;
  double time_s = 0;
  PictureVector vector;
  CellLevels levels;
  float variance = 0;  // of the whole picture, levels²
  bool is_blank = false;
  std::int64_t shot = 0;  // between hard cuts
};

// Samples as they come, of which the latest stay.
class Samples {
 public:
  void add(std::int64_t frame, double time_s, const FrameFeatures& features, std::int64_t shot) {
    if (size() > 0 && time_s - newest().time_s < kLeastSpacing_s && time_s > newest().time_s)
      return;
    if (kept_.size() >= kKept) {
      kept_.erase(kept_.begin(), kept_.begin() + kKept / 2);
      dropped_ += kKept / 2;
    }
    kept_.push_back({frame, time_s, picture_vector(features), cell_levels(features),
                     features.deviation * features.deviation, shows_nothing(features), shot});
  }
  std::int64_t size() const { return dropped_ + static_cast<std::int64_t>(kept_.size()); }
  const Sample& newest() const { return kept_.back(); }
  bool has(std::int64_t index) const { return index >= dropped_; }
  const Sample& operator[](std::int64_t index) const {
    return kept_[static_cast<std::size_t>(index - dropped_)];
  }

 private:
  static constexpr std::int64_t kKept = 256;
  std::vector<Sample> kept_;
  std::int64_t dropped_ = 0;
};

struct Candidate {
  std::int64_t begin = 0, end = 0;  // frames: the last of the old shot, the first of the new one
  float score = 0;
  Kind kind = Kind::dissolve;
};

// Samples on either side of a window that tell whether what moves in it goes on.
std::int64_t margin_of(std::int64_t length) {
  return std::max<std::int64_t>(2, length / 3);
}

// Samples from the last of one picture to the first of another.
class Window {
 public:
  Window(const Samples& samples, std::int64_t begin, std::int64_t end)
      : samples_(samples),
        begin_(begin),
        end_(end),
        way_(static_cast<float>(squared_distance(samples[begin].vector, samples[end].vector))) {}

  bool leads_far() const {
    constexpr float kLeast = kLeastDistance * PictureVector::kUnits;
    return way_ >= kLeast * kLeast * PictureVector::kSize;
  }

  // Mean squared distance from where a dissolve would be, of the way.
  float deviation() const {
    float sum = 0;
    for (const float place : kPlaces) {
      const auto index = at(place);
      const auto& old_picture = samples_[begin_].vector;
      const auto& between = samples_[index].vector;
      const auto share = static_cast<float>(index - begin_) / static_cast<float>(end_ - begin_);
      const auto gone = static_cast<float>(inner_product(old_picture, between, between));
      const auto along =
          static_cast<float>(inner_product(old_picture, between, samples_[end_].vector));
      sum += gone - 2 * share * along + share * share * way_;
    }
    return sum / (way_ * static_cast<float>(kPlaces.size()));
  }

  // The way leads to other content, not to the same in another light, or to nothing.
  bool leads_elsewhere() const {
    const auto& a = samples_[begin_];
    const auto& b = samples_[end_];
    if (a.is_blank || b.is_blank) return false;
    const auto likeness = vector_likeness(a.vector, b.vector);
    return likeness.changed_share * likeness.active_share >= kLeastChangedOfAll &&
           likeness.changed_share >= kLeastChangedOfActive &&
           likeness.correlation <= kMostCorrelation;
  }

  // Half way, a mixture of two pictures has less contrast than they: less than motion leaves.
  bool loses_contrast() const {
    const auto& a = samples_[begin_];
    const auto& b = samples_[end_];
    const float mean = (a.variance + b.variance) / 2;
    if (mean <= 0) return false;
    const float correlation = vector_likeness(a.vector, b.vector).correlation;
    const float mixed = mean / 2 + correlation * std::sqrt(a.variance * b.variance) / 2;
    const float lost = mean - samples_[at(0.5F)].variance;
    return lost >= kLeastLoss * (mean - mixed);
  }

  // The texture of the old picture fades out and that of the new one in, all over the picture. The
  // more of it both have in common, the less the rest may stray: what stays where it is while the
  // rest moves is one shot.
  bool mixes_textures() const {
    std::array<BetweenFrame, kPlaces.size()> between{};
    for (std::size_t i = 0; i < kPlaces.size(); ++i) {
      const auto index = at(kPlaces[i]);
      between[i] = {&samples_[index].levels,
                    static_cast<float>(index - begin_) / static_cast<float>(end_ - begin_)};
    }
    const auto found = texture_mixture(samples_[begin_].levels, samples_[end_].levels, between);
    return found.changed_share >= kLeastTextureChanged && found.loss >= kLeastTextureLoss &&
           found.deviation <= kMostAstray * (1 - found.likeness);
  }

  // What changes in the window changes as fast before and after it: a part of a longer motion.
  bool goes_on() const {
    const auto margin = margin_of(end_ - begin_);
    const float part = static_cast<float>(margin) / static_cast<float>(end_ - begin_);
    float moved = 0;
    int sides = 0;
    const auto look = [&](std::int64_t edge, std::int64_t beyond) {
      if (beyond < 0 || beyond >= samples_.size() || !samples_.has(beyond) ||
          samples_[beyond].shot != samples_[edge].shot)
        return;
      moved += static_cast<float>(squared_distance(samples_[edge].vector, samples_[beyond].vector));
      ++sides;
    };
    look(begin_, begin_ - margin);
    look(end_, end_ + margin);
    return sides > 0 && moved >= kGoesOn * part * part * way_ * static_cast<float>(sides);
  }

  // How well it fits a wipe, from 0 where it just does to 1; below 0 it does not.
  float wiped() const {
    BetweenPictures between{};
    for (std::size_t i = 0; i < between.size(); ++i) between[i] = &samples_[at(kPlaces[i])].vector;
    const auto fit = wipe_fit(samples_[begin_].vector, samples_[end_].vector, between);
    return std::max((fit.exact - kLeastExact) / (1 - kLeastExact),
                    (fit.edge - kLeastBesideEdge) / (1 - kLeastBesideEdge));
  }

  float way() const { return way_; }

 private:
  std::int64_t at(float place) const {
    return begin_ + std::lround(place * static_cast<float>(end_ - begin_));
  }
  const Samples& samples_;
  std::int64_t begin_, end_;
  float way_;
};

// Of a window that scores higher than `least`.
std::optional<Candidate> judge(const Samples& samples, std::int64_t begin, std::int64_t end,
                               float least) {
  const Window window(samples, begin, end);
  // No score is above the way.
  if (!window.leads_far() || window.way() <= least) return {};
  const float deviation = window.deviation();
  Candidate found{samples[begin].frame, samples[end].frame, 0, Kind::dissolve};
  if (deviation < kMostDeviation) {
    found.score = window.way() * (1 - deviation / kMostDeviation);
    if (found.score <= least || !window.leads_elsewhere() || !window.loses_contrast() ||
        window.goes_on() || !window.mixes_textures())
      return {};
  } else if (deviation > kLeastWiped && deviation < kMostWiped) {
    const float fit = window.wiped();
    if (fit < 0 || !window.leads_elsewhere()) return {};
    found.kind = Kind::wipe;
    found.score = window.way() * fit;
  } else {
    return {};
  }
  return found;
}

// The best of the windows whose margin ends with sample `last`, which may be beyond the newest.
std::optional<Candidate> best_window(const Samples& samples, std::int64_t last) {
  std::optional<Candidate> best;
  for (const auto length : kLengths) {
    const auto end = last - margin_of(length);
    const auto begin = end - length;
    if (begin < 0 || !samples.has(begin) || end >= samples.size()) continue;
    if (samples[begin].shot != samples[end].shot ||
        samples[end].time_s - samples[begin].time_s > kLongest_s)
      continue;
    const float least = best ? best->score : -1;
    const auto found = judge(samples, begin, end, least);
    if (found && found->score > least) best = found;
  }
  return best;
}

Result<std::vector<Candidate>> find_candidates(const Timeline& timeline,
                                               const std::vector<std::int64_t>& cuts) {
  std::vector<Candidate> candidates;
  const auto take = [&](const std::optional<Candidate>& candidate) {
    if (candidate) candidates.push_back(*candidate);
  };
  Samples samples;
  std::int64_t shot = 0;
  auto reader = timeline.read();
  while (const TimelineFrame* frame = reader.next()) {
    const auto cuts_before = static_cast<std::int64_t>(cuts.size());
    while (shot < cuts_before && cuts[static_cast<std::size_t>(shot)] <= reader.index()) ++shot;
    const auto before = samples.size();
    samples.add(reader.index(), reader.start_s(), frame->features, shot);
    if (samples.size() > before) take(best_window(samples, before));
  }
  REELMILL_TRY(reader.status());
  for (std::int64_t i = 0; i < margin_of(kLengths.back()); ++i)
    take(best_window(samples, samples.size() + i));
  return candidates;
}

// Of those that overlap the best stays.
std::vector<Candidate> clearest(std::vector<Candidate> candidates) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  std::vector<Candidate> kept;
  for (const auto& candidate : candidates) {
    const bool is_apart = std::all_of(kept.begin(), kept.end(), [&](const Candidate& other) {
      return candidate.end <= other.begin || candidate.begin >= other.end;
    });
    if (is_apart) kept.push_back(candidate);
  }
  std::sort(kept.begin(), kept.end(),
            [](const auto& a, const auto& b) { return a.begin < b.begin; });
  return kept;
}

// How far along the way from the first to the last frame each of them is, and both of those.
struct Course {
  std::vector<float> shares;
  bool is_motion = false;  // the camera only moves
};

// The camera moves: one picture shows what the other did, elsewhere.
bool is_moved(const CellLevels& before, const CellLevels& after) {
  const auto displacement = best_displacement(before, after);
  return displacement.shows_the_same() && !displacement.is_none();
}

Result<Course> follow(const Timeline& timeline, const Candidate& candidate) {
  Course course;
  std::vector<PictureVector> vectors;
  CellLevels first, middle, last;
  auto reader = timeline.read(candidate.begin);
  while (const TimelineFrame* frame = reader.next()) {
    last = cell_levels(frame->features);
    if (vectors.empty()) first = last;
    if (reader.index() == (candidate.begin + candidate.end) / 2) middle = last;
    vectors.push_back(picture_vector(frame->features));
    if (reader.index() == candidate.end) break;
  }
  REELMILL_TRY(reader.status());
  // A wipe leaves half of each picture beside the middle one.
  course.is_motion = is_moved(first, last) || (candidate.kind == Kind::wipe &&
                                               is_moved(first, middle) && is_moved(middle, last));
  const auto way = static_cast<float>(squared_distance(vectors.front(), vectors.back()));
  for (const auto& vector : vectors)
    course.shares.push_back(
        static_cast<float>(inner_product(vectors.front(), vector, vectors.back())) / way);
  return course;
}

// When the share passes `level`, in frames from the first one on.
float passes(const std::vector<float>& shares, float level) {
  std::size_t last = 0;  // below
  for (std::size_t i = 0; i < shares.size(); ++i)
    if (shares[i] < level) last = i;
  if (last + 1 >= shares.size()) return static_cast<float>(shares.size() - 1);
  const float step = shares[last + 1] - shares[last];
  return static_cast<float>(last) + (step > 0 ? (level - shares[last]) / step : 0);
}

// The line through a fifth and four fifths of the way leads to its beginning and its end.
GradualChange measured(const Candidate& candidate, const Course& course) {
  const float early = passes(course.shares, 0.2F), late = passes(course.shares, 0.8F);
  const float rest = std::max(0.0F, late - early) / 3;
  const auto length = static_cast<float>(course.shares.size() - 1);
  const float begin = std::clamp(early - rest, 0.0F, length);
  const float end = std::clamp(late + rest, 0.0F, length);
  GradualChange change;
  change.kind = candidate.kind;
  change.begin = candidate.begin + std::lround(begin) + 1;
  change.end = std::max(change.begin + 1, candidate.begin + std::lround(end));
  return change;
}

}  // namespace

Result<std::vector<GradualChange>> find_gradual_changes(const Timeline& timeline,
                                                        const std::vector<std::int64_t>& cuts) {
  REELMILL_ASSIGN(const auto candidates, find_candidates(timeline, cuts));
  std::vector<GradualChange> changes;
  for (const auto& candidate : clearest(candidates)) {
    REELMILL_ASSIGN(const auto course, follow(timeline, candidate));
    if (course.is_motion) continue;
    const auto change = measured(candidate, course);
    if (change.end - change.begin >= kShortest) changes.push_back(change);
  }
  return changes;
}

}  // namespace reelmill
