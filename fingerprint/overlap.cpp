// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/overlap.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "fingerprint/evidence.h"

namespace reelmill {
namespace {

// Pictures of an overlap as a whole.
constexpr double kMostPictureRate = 0.24;
// Where only one of the two has a picture that says something.
constexpr double kOneSided = -0.05;
// A picture (or a motion) counts as another one than before when so many signs differ.
constexpr double kAnother = 0.12;
// And as one of another scene.
constexpr double kNewScene = 0.30;
// Evidence asked for. Among 10^5 videos of 10^2 pictures there are 2^46 pairs of pictures.
constexpr double kLeastEvidence = 36, kMostEvidence = 46;
// Among few, chance overlaps shall be this many doublings rarer than one.
constexpr double kMargin = 10;

// Sound: a Chromaprint item has 32 bits; unrelated music differs in 0.4 to 0.5 of them.
constexpr double kSoundRate = 0.35;
constexpr double kMostSoundRate = 0.28;
// Items overlap by two thirds and share bits with their neighbours.
constexpr double kSoundIndependence = 0.05;
constexpr int kSoundBits = 32;
constexpr double kLeastSoundEvidence = 46;

// One step along the line.
struct Step {
  double a_s = 0, b_s = 0;  // where the slots begin
  double score = 0;         // for or against the overlap
  double agreement = 0;     // for or against this alignment
  const SlotHash* a = nullptr;
  const SlotHash* b = nullptr;  // nullptr: b shows nothing there
  HashDistance picture, motion;
};

struct SoundStep {
  double a_s = 0, b_s = 0;  // where the items begin
  double score = 0;
  double rate = 0.5;
  int compared = 0;
};

// The contiguous part with the greatest sum of scores; [first, last).
struct Part {
  std::size_t first = 0, last = 0;
  double sum = 0;
};

template <class AnyStep>
Part best_part(const std::vector<AnyStep>& steps) {
  Part best;
  double sum = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    sum += steps[i].score;
    if (sum <= 0) {
      sum = 0;
      first = i + 1;
    } else if (sum > best.sum) {
      best = {first, i + 1, sum};
    }
  }
  return best;
}

double slot_start(const SlotHash& entry) {
  return entry.slot * Fingerprint::kSlot_s;
}

bool says_something(const HashDistance& apart) {
  return apart.compared >= kLeastCompared;
}

double score_of(const HashDistance& apart) {
  return says_something(apart) ? kPictureRate - apart.rate() : 0;
}

// The mean of how picture and motion speak for or against, of those that say anything.
double agreement_of(const HashDistance& picture, const HashDistance& motion) {
  const double sum = score_of(picture) + score_of(motion);
  return says_something(picture) && says_something(motion) ? sum / 2 : sum;
}

// Fills in what b shows at that time: of the one or two slots around it the one that is more alike.
// `from` is where the step before began to look.
void find_in(std::span<const SlotHash> b, Step& step, std::size_t& from) {
  constexpr double kSlot_s = Fingerprint::kSlot_s, kReach = 0.6;
  step.score = kOneSided;
  const double slot = step.b_s / kSlot_s;
  while (from < b.size() && b[from].slot < slot - kReach) ++from;
  for (std::size_t at = from; at < b.size() && b[at].slot <= slot + kReach; ++at) {
    const auto picture = distance(step.a->hash, b[at].hash);
    const auto motion = distance(step.a->motion, b[at].motion);
    const double agreement = agreement_of(picture, motion);
    if (step.b != nullptr && agreement <= step.agreement) continue;
    step.agreement = agreement;
    step.picture = picture;
    step.motion = motion;
    step.b = &b[at];
  }
  // What moves speaks only where the picture is silent: before a fixed camera an overlap reaches as
  // far as the picture is the same, and all that moves otherwise in it counts against it.
  if (says_something(step.picture))
    step.score = score_of(step.picture);
  else if (says_something(step.motion))
    step.score = score_of(step.motion);
}

std::vector<Step> steps_along(std::span<const SlotHash> a, std::span<const SlotHash> b,
                              const Alignment& line) {
  std::vector<Step> steps;
  if (a.empty() || b.empty()) return steps;
  constexpr double kSlot_s = Fingerprint::kSlot_s, kMargin_s = 2 * kSlot_s;
  const double from_s = line.in_a(slot_start(b.front())) - kMargin_s;
  const double to_s = line.in_a(slot_start(b.back())) + kMargin_s;
  const auto first = std::partition_point(
      a.begin(), a.end(), [&](const SlotHash& entry) { return slot_start(entry) < from_s; });
  std::size_t cursor = 0;
  for (auto entry = first; entry != a.end() && slot_start(*entry) <= to_s; ++entry) {
    Step& step = steps.emplace_back();
    step.a = &*entry;
    step.a_s = slot_start(*entry);
    step.b_s = line.in_b(step.a_s + kSlot_s / 2) - kSlot_s / 2;
    find_in(b, step, cursor);
  }
  return steps;
}

// Adds up what the steps of a stretch say. Pictures and motions that were seen before say nothing
// new, nor does motion across a change of picture that was counted, or one that looks like the
// picture itself (a fade).
class Account {
 public:
  void add(const Step& step) {
    if (step.b == nullptr) return;
    if (says_something(step.picture)) {
      picture_.add(step.picture);
      const double change = least_change(step, pictures_, &SlotHash::hash);
      if (change > kAnother) {
        // Of a picture that is no other scene, only so much is new: what stands still is said once.
        picture_evidence_ += std::min(1.0, change / kNewScene) * evidence_of(step.picture);
        if (!pictures_.empty()) last_change_ = &step;
        pictures_.push_back(&step);
      }
    }
    if (!says_something(step.motion)) return;
    motion_.add(step.motion);
    const auto apart = distance(step.a->motion, step.a->hash);
    const bool is_fade =
        says_something(apart) && (apart.rate() < kAnother || apart.rate() > 1 - kAnother);
    if (is_fade || spans(last_change_, step)) return;
    if (!motions_.empty() && spans(motions_.back(), step)) return;
    // What goes back the way it came has all signs turned.
    const double change = least_change(step, motions_, &SlotHash::motion);
    if (change <= kAnother || greatest_change(step, motions_) >= 1 - kAnother) return;
    motions_.push_back(&step);
    motion_evidence_ += evidence_of(step.motion);
  }

  bool is_overlap(double evidence_bits) const {
    if (picture_.compared > 0 && picture_.rate() > kMostPictureRate) return false;
    if (!is_by_motion(evidence_bits)) return true;
    return motion_.rate() <= kMostMotionRate && evidence() >= evidence_bits;
  }
  bool is_by_motion(double evidence_bits) const { return picture_evidence_ < evidence_bits; }
  double evidence() const { return picture_evidence_ + motion_evidence_; }
  double similarity() const { return 1 - (picture_.compared > 0 ? picture_ : motion_).rate(); }

 private:
  // By how much a picture differs from all that were counted, as far as is remembered, in that of
  // the two videos in which it differs less. What comes again and again is news once.
  static double least_change(const Step& step, const std::vector<const Step*>& counted,
                             PictureHash SlotHash::* hash) {
    constexpr std::size_t kRemembered = 16;
    double least = 1;
    for (std::size_t i = counted.size() - std::min(counted.size(), kRemembered); i < counted.size();
         ++i)
      least = std::min({least, distance(step.a->*hash, counted[i]->a->*hash).rate(),
                        distance(step.b->*hash, counted[i]->b->*hash).rate()});
    return least;
  }
  static double greatest_change(const Step& step, const std::vector<const Step*>& counted) {
    double greatest = 0;
    for (const Step* other : counted)
      greatest = std::max({greatest, distance(step.a->motion, other->a->motion).rate(),
                           distance(step.b->motion, other->b->motion).rate()});
    return greatest;
  }
  // Whether motion at `step` reaches back to what was counted at `counted`.
  static bool spans(const Step* counted, const Step& step) {
    return counted != nullptr && step.a->slot - counted->a->slot < Fingerprint::kMotionSlots;
  }

  std::vector<const Step*> pictures_, motions_;  ///< those that were counted
  const Step* last_change_ = nullptr;            ///< the last of the pictures, but for the first
  HashSum picture_, motion_;
  double picture_evidence_ = 0, motion_evidence_ = 0;
};

}  // namespace

double evidence_needed(std::size_t pictures) noexcept {
  const double pairs_bits = 2 * std::log2(static_cast<double>(std::max<std::size_t>(pictures, 1)));
  return std::clamp(pairs_bits + kMargin, kLeastEvidence, kMostEvidence);
}

std::optional<Overlap> compare_pictures(std::span<const SlotHash> a, std::span<const SlotHash> b,
                                        const Alignment& line, double evidence_bits) {
  // The hits' slots leave the offset open by half a slot.
  std::vector<Step> steps;
  Part part;
  double agreement = 0;
  for (const double shift : {0.0, -0.25, 0.25, -0.5, 0.5}) {
    auto shifted = line;
    shifted.offset_s += shift * Fingerprint::kSlot_s;
    auto tried = steps_along(a, b, shifted);
    const auto found = best_part(tried);
    double sum = 0;
    for (std::size_t i = found.first; i < found.last; ++i) sum += tried[i].agreement;
    if (sum <= agreement) continue;
    agreement = sum;
    steps = std::move(tried);
    part = found;
  }
  if (part.last == part.first) return {};
  const std::span stretch(steps.data() + part.first, part.last - part.first);
  Account account;
  for (const auto& step : stretch) account.add(step);
  if (!account.is_overlap(evidence_bits)) return {};
  Overlap overlap;
  overlap.a_start_s = stretch.front().a_s;
  overlap.a_end_s = stretch.back().a_s + Fingerprint::kSlot_s;
  overlap.b_start_s = std::max(0.0, stretch.front().b_s);
  overlap.b_end_s = std::max(0.0, stretch.back().b_s + Fingerprint::kSlot_s);
  overlap.speed = line.speed;
  overlap.similarity = account.similarity();
  overlap.evidence = account.evidence();
  overlap.agreement = agreement;
  overlap.is_by_motion = account.is_by_motion(evidence_bits);
  const auto met = std::count_if(stretch.begin(), stretch.end(),
                                 [](const Step& step) { return step.b != nullptr; });
  overlap.covered =
      std::min(1.0, static_cast<double>(met) / static_cast<double>(std::min(a.size(), b.size())));
  return overlap;
}

std::optional<Overlap> compare_sound(std::span<const std::uint32_t> a,
                                     std::span<const std::uint32_t> b, const Alignment& line) {
  constexpr double kItem_s = Fingerprint::kSoundItem_s;
  std::vector<SoundStep> steps;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double at_b = line.in_b(static_cast<double>(i) * kItem_s) / kItem_s;
    const auto j = std::llround(at_b);
    if (j < 0 || j >= static_cast<std::int64_t>(b.size())) continue;
    SoundStep step;
    step.a_s = static_cast<double>(i) * kItem_s;
    step.b_s = static_cast<double>(j) * kItem_s;
    step.rate =
        static_cast<double>(std::popcount(a[i] ^ b[static_cast<std::size_t>(j)])) / kSoundBits;
    step.compared = i > 0 && a[i] == a[i - 1] ? 0 : kSoundBits;  // a lasting tone counts once
    step.score = kSoundRate - step.rate;
    steps.push_back(step);
  }
  const auto part = best_part(steps);
  if (part.last == part.first) return {};
  const std::span stretch(steps.data() + part.first, part.last - part.first);
  double differing = 0, evidence = 0;
  for (const auto& step : stretch) {
    differing += step.rate;
    evidence += kSoundIndependence * (1 - sign_entropy(std::min(step.rate, 0.5))) * step.compared;
  }
  const double rate = differing / static_cast<double>(stretch.size());
  if (rate > kMostSoundRate || evidence < kLeastSoundEvidence) return {};
  return Overlap{stretch.front().a_s,
                 stretch.back().a_s + kItem_s,
                 stretch.front().b_s,
                 stretch.back().b_s + kItem_s,
                 line.speed,
                 1 - rate,
                 evidence};
}

}  // namespace reelmill
