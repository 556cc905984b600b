// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/stills.h"

#include <algorithm>

#include "fingerprint/evidence.h"

namespace reelmill {
namespace {

// A glimpse is nothing to go by.
constexpr double kShortest_s = 3;
// How much longer one may be: the greatest change of speed, and a slot for rounding.
constexpr double kMostSpeed = 1.06;
// Evidence asked for: among 10^5 videos there are 2^33 pairs, each one comparison. Less of it is
// enough, as evidence is counted with caution.
constexpr double kLeastEvidence = 30;

bool last_equally_long(double a_s, double b_s) {
  const auto [shorter, longer] = std::minmax(a_s, b_s);
  return shorter >= kShortest_s && longer <= kMostSpeed * shorter + Fingerprint::kSlot_s;
}

// Over all slots of equal number; what moves over a still (a pointer, a seconds hand) may differ.
bool moves_otherwise(std::span<const SlotHash> a, std::span<const SlotHash> b) {
  constexpr int kEnough = 64;  // signs
  HashSum sum;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    if (x->slot == y->slot) sum.add(distance(x->motion, y->motion));
    (x->slot <= y->slot ? x : y)++;
  }
  return sum.compared >= kEnough && sum.rate() > kMostMotionRate;
}

}  // namespace

bool is_still(std::span<const SlotHash> slots, double duration_s) {
  constexpr double kLeastShown = 0.9;
  const SlotHash* first = nullptr;
  int shown = 0;
  for (const auto& entry : slots) {
    if (entry.hash.strong_bits() < kLeastCompared) continue;
    if (first == nullptr) first = &entry;
    if (distance(entry.hash, first->hash).rate() > kStandsStill) return false;
    ++shown;
  }
  return shown > 0 && shown >= kLeastShown * duration_s / Fingerprint::kSlot_s;
}

bool is_one_scene(std::span<const SlotHash> slots) {
  constexpr double kMost = 0.8;
  const SlotHash* first = nullptr;
  int shown = 0, alike = 0;
  for (const auto& entry : slots) {
    if (entry.hash.strong_bits() < kLeastCompared) continue;
    if (first == nullptr) first = &entry;
    ++shown;
    if (distance(entry.hash, first->hash).rate() < kPictureRate) ++alike;
  }
  return alike >= kMost * shown;
}

std::optional<Overlap> compare_stills(const StillTrack& a, const StillTrack& b) {
  if (!last_equally_long(a.duration_s, b.duration_s)) return {};
  if (moves_otherwise(a.slots, b.slots)) return {};
  const auto shows = [](const SlotHash& entry) {
    return entry.hash.strong_bits() >= kLeastCompared;
  };
  const auto of_a = std::find_if(a.slots.begin(), a.slots.end(), shows);
  const auto of_b = std::find_if(b.slots.begin(), b.slots.end(), shows);
  if (of_a == a.slots.end() || of_b == b.slots.end()) return {};
  const auto picture = distance(of_a->hash, of_b->hash), detail = distance(a.detail, b.detail);
  const double evidence = evidence_of(picture) + evidence_of(detail);
  if (evidence < kLeastEvidence) return {};
  HashSum sum;
  sum.add(picture);
  sum.add(detail);
  return Overlap{
      0, a.duration_s, 0, b.duration_s, b.duration_s / a.duration_s, 1 - sum.rate(), evidence};
}

}  // namespace reelmill
