// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/overlap.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

namespace reelmill {
namespace {

// Pictures: a slot speaks for an overlap below this rate of differing signs, and against above.
constexpr double kPictureRate = 0.30;
// An overlap as a whole.
constexpr double kMostPictureRate = 0.24;
// Where only one of the two has a picture that says something.
constexpr double kOneSided = -0.05;
// A picture counts as another one than before when so many signs differ.
constexpr double kAnotherPicture = 0.12;
// The signs of a natural picture depend on each other: 64 are worth about 22 independent ones.
constexpr double kIndependence = 0.35;
// Evidence asked for: among 10^5 videos of 10^2 pictures there are 2^46 pairs of pictures, and an
// overlap begins with one.
constexpr double kLeastEvidence = 46;

// Sound: a Chromaprint item has 32 bits; unrelated music differs in 0.4 to 0.5 of them.
constexpr double kSoundRate = 0.35;
constexpr double kMostSoundRate = 0.28;
// Items overlap by two thirds and share bits with their neighbours.
constexpr double kSoundIndependence = 0.05;
constexpr int kSoundBits = 32;

double entropy(double p) {
  return p <= 0 || p >= 1 ? 0 : -p * std::log2(p) - (1 - p) * std::log2(1 - p);
}

// One step along the line.
struct Step {
  double a_s = 0, b_s = 0;  // where the slots begin
  double rate = 0.5;
  double score = 0;
  const SlotHash* a = nullptr;
  const SlotHash* b = nullptr;
  int compared = 0;
};

// The contiguous part with the greatest sum of scores; [first, last).
struct Part {
  std::size_t first = 0, last = 0;
  double sum = 0;
};

Part best_part(const std::vector<Step>& steps) {
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

Step step_at(const SlotHash& entry, std::span<const SlotHash> b, const Alignment& line) {
  constexpr double kSlot_s = Fingerprint::kSlot_s;
  Step step;
  step.a = &entry;
  step.a_s = slot_start(entry);
  const double middle_b = line.in_b(step.a_s + kSlot_s / 2);
  step.b_s = middle_b - kSlot_s / 2;
  step.score = kOneSided;
  const double from_slot = (middle_b - 1.1 * kSlot_s) / kSlot_s;
  auto candidate = std::lower_bound(
      b.begin(), b.end(), from_slot,
      [](const SlotHash& at, double slot) { return static_cast<double>(at.slot) < slot; });
  for (; candidate != b.end(); ++candidate) {
    const double off = slot_start(*candidate) + kSlot_s / 2 - middle_b;
    if (off > 0.6 * kSlot_s) break;
    if (off < -0.6 * kSlot_s) continue;
    const auto apart = distance(entry.hash, candidate->hash);
    if (step.b != nullptr && apart.rate() >= step.rate) continue;
    step.rate = apart.rate();
    step.compared = apart.compared;
    step.b = &*candidate;
    step.score = kPictureRate - step.rate;
  }
  return step;
}

std::vector<Step> steps_along(std::span<const SlotHash> a, std::span<const SlotHash> b,
                              const Alignment& line) {
  std::vector<Step> steps;
  if (a.empty() || b.empty()) return steps;
  constexpr double kMargin_s = 2 * Fingerprint::kSlot_s;
  const double from_s = line.in_a(slot_start(b.front())) - kMargin_s;
  const double to_s = line.in_a(slot_start(b.back())) + kMargin_s;
  for (const auto& entry : a)
    if (slot_start(entry) >= from_s && slot_start(entry) <= to_s)
      steps.push_back(step_at(entry, b, line));
  return steps;
}

}  // namespace

std::optional<Overlap> compare_pictures(std::span<const SlotHash> a, std::span<const SlotHash> b,
                                        const Alignment& line) {
  // The hits' slots leave the offset open by half a slot.
  std::vector<Step> steps;
  Part part;
  for (const double shift : {0.0, -0.25, 0.25, -0.5, 0.5}) {
    auto shifted = line;
    shifted.offset_s += shift * Fingerprint::kSlot_s;
    auto tried = steps_along(a, b, shifted);
    const auto found = best_part(tried);
    if (found.sum <= part.sum) continue;
    steps = std::move(tried);
    part = found;
  }
  if (part.last == part.first) return {};
  const std::span stretch(steps.data() + part.first, part.last - part.first);
  double differing = 0, compared = 0, evidence = 0;
  const Step* last = nullptr;
  for (const auto& step : stretch) {
    if (step.b == nullptr) continue;
    differing += step.rate * step.compared;
    compared += step.compared;
    const bool is_another =
        last == nullptr || (distance(step.a->hash, last->a->hash).rate() > kAnotherPicture &&
                            distance(step.b->hash, last->b->hash).rate() > kAnotherPicture);
    if (!is_another) continue;
    last = &step;
    const double certainty = (1 - entropy(std::min(step.rate, 0.5))) * step.compared;
    evidence += kIndependence * (step.rate < kPictureRate ? certainty : -certainty);
  }
  const double rate = compared == 0 ? 0.5 : differing / compared;
  if (rate > kMostPictureRate || evidence < kLeastEvidence) return {};
  Overlap overlap;
  overlap.a_start_s = stretch.front().a_s;
  overlap.a_end_s = stretch.back().a_s + Fingerprint::kSlot_s;
  overlap.b_start_s = std::max(0.0, stretch.front().b_s);
  overlap.b_end_s = std::max(0.0, stretch.back().b_s + Fingerprint::kSlot_s);
  overlap.speed = line.speed;
  overlap.similarity = 1 - rate;
  overlap.evidence = evidence;
  overlap.agreement = part.sum;
  return overlap;
}

std::optional<Overlap> compare_sound(std::span<const std::uint32_t> a,
                                     std::span<const std::uint32_t> b, const Alignment& line) {
  constexpr double kItem_s = Fingerprint::kSoundItem_s;
  std::vector<Step> steps;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double at_b = line.in_b(static_cast<double>(i) * kItem_s) / kItem_s;
    const auto j = std::llround(at_b);
    if (j < 0 || j >= static_cast<std::int64_t>(b.size())) continue;
    Step step;
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
    evidence += kSoundIndependence * (1 - entropy(std::min(step.rate, 0.5))) * step.compared;
  }
  const double rate = differing / static_cast<double>(stretch.size());
  if (rate > kMostSoundRate || evidence < kLeastEvidence) return {};
  return Overlap{stretch.front().a_s,
                 stretch.back().a_s + kItem_s,
                 stretch.front().b_s,
                 stretch.back().b_s + kItem_s,
                 line.speed,
                 1 - rate,
                 evidence};
}

}  // namespace reelmill
