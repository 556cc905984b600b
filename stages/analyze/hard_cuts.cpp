// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/hard_cuts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "media/picture_change.h"
#include "stages/analyze/displacement.h"

namespace reelmill {
namespace {

constexpr std::int64_t kWindow = 12;  // frames on each side
constexpr std::int64_t kLongWindow = 30;
constexpr std::size_t kMostHidden = 4;  // greatest changes left out of the long window
// A window of frames that last long ends after so many seconds, but not before so many frames.
constexpr float kRest_s = 1.25F;
constexpr std::int64_t kLeastRest = 6;
constexpr std::int64_t kMaxPersist = 16;   // frames looked at for a flash, at high frame rates
constexpr float kLeastNoise = 1;           // levels; stiller neighbourhoods count as this
constexpr float kMaxCorrelation = 0.8F;    // above, it is the same content in another light
constexpr float kMinChanged = 0.4F;        // share of the picture: less is an overlay or an object
constexpr float kMinActive = 0.2F;         // share that is not black in both: less is text on black
constexpr float kMinChangedOfAll = 0.16F;  // share of the whole picture: less is a caption
constexpr float kReturnRatio = 0.3F;       // of the change at the cut: below, it went back in part
constexpr float kReturnCorrelation = 0.4F;  // and this much alike
constexpr float kFlat = 4;                  // levels of deviation: below, a picture shows nothing
constexpr float kFlatChange = 32;  // levels between two flat pictures that make them differ
// Unrelated frames differ more or less by chance: later ones may differ this much less.
constexpr float kLaterRatio = 0.8F;

// Of each frame, by how much it differs from the one before, and when it begins.
struct Changes {
  std::vector<float> levels, starts_s;
};

Result<Changes> measure_changes(const Timeline& timeline) {
  Changes changes;
  changes.levels.reserve(static_cast<std::size_t>(timeline.size()));
  changes.starts_s.reserve(static_cast<std::size_t>(timeline.size()));
  FrameFeatures before;
  auto reader = timeline.read();
  while (const TimelineFrame* frame = reader.next()) {
    changes.levels.push_back(changes.levels.empty() ? 0 : picture_change(before, frame->features));
    changes.starts_s.push_back(static_cast<float>(reader.start_s()));
    before = frame->features;
  }
  REELMILL_TRY(reader.status());
  return changes;
}

// The greatest change of [from, to) after the `hidden` greatest.
float greatest_after(const std::vector<float>& changes, std::int64_t from, std::int64_t to,
                     std::size_t hidden) {
  from = std::max<std::int64_t>(from, 1);
  to = std::min(to, static_cast<std::int64_t>(changes.size()));
  std::array<float, kMostHidden + 1> greatest{};
  for (std::int64_t i = from; i < to; ++i) {
    float change = changes[static_cast<std::size_t>(i)];
    for (auto& kept : greatest)
      if (change > kept) std::swap(change, kept);
  }
  const auto seen = static_cast<std::size_t>(std::max<std::int64_t>(to - from, 1));
  return greatest[std::min(seen - 1, hidden)];
}

// How many of the frames before this one (direction -1) or after it (1) begin within kRest_s.
std::int64_t frames_within_rest(const std::vector<float>& starts_s, std::int64_t frame,
                                std::int64_t direction) {
  const auto last = static_cast<std::int64_t>(starts_s.size()) - 1;
  const auto start_of = [&](std::int64_t i) {
    return starts_s[static_cast<std::size_t>(std::clamp<std::int64_t>(i, 0, last))];
  };
  std::int64_t frames = kLeastRest;
  while (frames < kWindow &&
         std::abs(start_of(frame + direction * (frames + 1)) - start_of(frame)) <= kRest_s)
    ++frames;
  return frames;
}

// In a film of few frames a second slides change every few frames: unlike what moves, the picture
// rests right before and after that, and most of the time.
bool is_between_slides(const Changes& changes, std::int64_t frame) {
  const auto back = frames_within_rest(changes.starts_s, frame, -1);
  const auto ahead = frames_within_rest(changes.starts_s, frame, 1);
  if (back == kWindow && ahead == kWindow) return false;
  return greatest_after(changes.levels, frame - 1, frame, 0) <= kLeastNoise &&
         greatest_after(changes.levels, frame + 1, frame + 2, 0) <= kLeastNoise &&
         greatest_after(changes.levels, frame - back, frame - 1, 2) <= kLeastNoise &&
         greatest_after(changes.levels, frame + 2, frame + ahead + 1, 2) <= kLeastNoise;
}

// What frames beside this one change: a flash makes two great changes, a cut nearby one. Where
// frames are shown several times, as in a film of a lower frame rate, most change nothing, and only
// a longer look meets enough of those that do.
float neighbourhood(const Changes& around, std::int64_t frame) {
  if (is_between_slides(around, frame)) return kLeastNoise;
  const auto& changes = around.levels;
  return std::max({kLeastNoise, greatest_after(changes, frame - kWindow, frame - 1, 2),
                   greatest_after(changes, frame + 2, frame + kWindow + 1, 2),
                   greatest_after(changes, frame - kLongWindow, frame - 1, kMostHidden),
                   greatest_after(changes, frame + 2, frame + kLongWindow + 1, kMostHidden)});
}

// The frames around a candidate, in memory.
class Surroundings {
 public:
  static Result<Surroundings> load(const Timeline& timeline, std::int64_t frame, double span_s) {
    Surroundings around;
    const auto from = std::max<std::int64_t>(0, frame - 1 - kMaxPersist);
    auto reader = timeline.read(from);
    double candidate_s = 0;
    std::vector<double> times;
    while (reader.index() < frame + kMaxPersist) {
      const TimelineFrame* next = reader.next();
      if (next == nullptr) break;
      around.frames_.push_back(next->features);
      times.push_back(reader.start_s());
      if (reader.index() == frame) candidate_s = reader.start_s();
    }
    REELMILL_TRY(reader.status());
    around.candidate_ = static_cast<std::size_t>(frame - from);
    const auto is_near = [&](std::size_t i, double of_s) {
      return i < times.size() && std::abs(times[i] - of_s) < span_s;
    };
    around.after_ = around.candidate_;
    while (is_near(around.after_ + 1, candidate_s)) ++around.after_;
    around.before_ = around.candidate_ - 1;
    const double last_s = times[around.candidate_ - 1];
    while (around.before_ > 0 && is_near(around.before_ - 1, last_s)) --around.before_;
    // At low frame rates one frame may be all the time there is: look at it nevertheless.
    around.after_ =
        std::min(std::max(around.after_, around.candidate_ + 1), around.frames_.size() - 1);
    if (around.candidate_ >= 2) around.before_ = std::min(around.before_, around.candidate_ - 2);
    return around;
  }

  // Calls `holds(a, b)` for the old picture against every later one, and the new picture against
  // every earlier one; true when it holds for all.
  template <class Predicate>
  bool lasts(const Predicate& holds) const {
    const auto& old_picture = frames_[candidate_ - 1];
    const auto& new_picture = frames_[candidate_];
    for (std::size_t i = candidate_ + 1; i <= after_; ++i)
      if (!holds(old_picture, frames_[i])) return false;
    for (std::size_t i = before_; i + 1 < candidate_; ++i)
      if (!holds(frames_[i], new_picture)) return false;
    return true;
  }
  // The new picture shows what the old one did, perhaps elsewhere: a camera that moves far between
  // two frames, or some that are missing between them. So do the frames beside them, unlike where a
  // cut is blended over a frame, which resembles both.
  bool is_one_motion() const {
    const auto before_old = candidate_ - std::min<std::size_t>(candidate_, 2);
    const auto after_new = std::min(candidate_ + 1, frames_.size() - 1);
    return show_the_same(candidate_ - 1, candidate_) && show_the_same(candidate_ - 1, after_new) &&
           show_the_same(before_old, candidate_);
  }
  const FrameFeatures& old_picture() const { return frames_[candidate_ - 1]; }
  const FrameFeatures& new_picture() const { return frames_[candidate_]; }

 private:
  bool show_the_same(std::size_t a, std::size_t b) const {
    return best_displacement(cell_levels(frames_[a]), cell_levels(frames_[b])).shows_the_same();
  }

  std::vector<FrameFeatures> frames_;
  std::size_t candidate_ = 0, before_ = 0, after_ = 0;
};

// Frames on either side of a possible cut.
struct Comparison {
  float usual = 0;   // change of frames nearby
  float wanted = 0;  // least change of a cut
  float at_cut = 0;  // change of the two frames at the cut

  bool is_other_content(const FrameFeatures& a, const FrameFeatures& b) const {
    if (a.deviation < kFlat && b.deviation < kFlat && picture_difference(a, b) < kFlatChange)
      return false;
    const auto likeness = picture_likeness(a, b, std::max(usual, 4.0F));
    return likeness.active_share >= kMinActive && likeness.changed_share >= kMinChanged &&
           likeness.changed_share * likeness.active_share >= kMinChangedOfAll &&
           likeness.correlation <= kMaxCorrelation;
  }

  // `b` shows what `a` showed, perhaps moved on: whatever lies between them was a flash.
  bool is_return(const FrameFeatures& a, const FrameFeatures& b) const {
    const float change = picture_change(a, b);
    if (change < wanted * kLaterRatio || !is_other_content(a, b)) return true;
    return change < at_cut * kReturnRatio &&
           picture_likeness(a, b, usual).correlation > kReturnCorrelation;
  }
};

Result<bool> is_cut(const Timeline& timeline, std::int64_t frame, const Comparison& comparison,
                    double flash_s) {
  REELMILL_ASSIGN(const auto around, Surroundings::load(timeline, frame, flash_s));
  if (!comparison.is_other_content(around.old_picture(), around.new_picture())) return false;
  const bool lasts = around.lasts(
      [&](const FrameFeatures& a, const FrameFeatures& b) { return !comparison.is_return(a, b); });
  return lasts && !around.is_one_motion();
}

}  // namespace

Result<std::vector<HardCut>> find_hard_cuts(const Timeline& timeline, const HardCutRule& rule) {
  REELMILL_ASSIGN(const auto changes, measure_changes(timeline));
  std::vector<HardCut> cuts;
  double last_s = 0;  // of the last cut, at first the start of the video
  for (std::int64_t frame = 1; frame < timeline.size(); ++frame) {
    const float change = changes.levels[static_cast<std::size_t>(frame)];
    if (change < rule.min_change) continue;
    const float usual = neighbourhood(changes, frame);
    const float wanted =
        std::max(static_cast<float>(rule.min_change), static_cast<float>(rule.ratio) * usual);
    if (change < wanted) continue;
    REELMILL_ASSIGN(const bool is_real,
                    is_cut(timeline, frame, {usual, wanted, change}, rule.flash_s));
    if (!is_real) continue;
    const double at_s = timeline.start_s(frame);
    if (at_s - last_s >= rule.min_shot_s) {
      cuts.push_back({frame, change});
    } else if (!cuts.empty() && change > cuts.back().change) {
      cuts.back() = {frame, change};
    } else {
      continue;
    }
    last_s = at_s;
  }
  while (!cuts.empty() && timeline.end_s() - timeline.start_s(cuts.back().frame) < rule.min_shot_s)
    cuts.pop_back();
  return cuts;
}

}  // namespace reelmill
