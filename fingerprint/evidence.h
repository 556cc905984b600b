// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

#include "fingerprint/picture_hash.h"

namespace reelmill {

/// Hashes of the same agree in more than this share of their signs; those of others do not.
inline constexpr double kPictureRate = 0.30;
/// What moves, over an overlap as a whole, differs in no more signs.
inline constexpr double kMostMotionRate = 0.12;
/// Two pictures that differ in no more signs are taken for one that stands still.
inline constexpr double kStandsStill = 0.06;
/// So few signs say nothing about likeness.
inline constexpr int kLeastCompared = 16;

/// The entropy of one sign that differs with probability `p`, in bits.
inline double sign_entropy(double p) {
  return p <= 0 || p >= 1 ? 0 : -p * std::log2(p) - (1 - p) * std::log2(1 - p);
}

/// Bits by which the likeness of two hashes is not chance; below zero where they are unlike, as
/// much against as a rate equally far below kPictureRate would be in favour. The signs of a natural
/// picture depend on each other: 64 are taken for 22 independent ones. (Over unrelated pictures of
/// real videos the rate of differing signs varies as that of some 0.7 of them; the rest is
/// caution.)
inline double evidence_of(const HashDistance& apart) {
  constexpr double kIndependence = 0.35;
  if (apart.compared == 0) return 0;
  const double rate = static_cast<double>(apart.differing) / apart.compared;
  const bool is_for = rate < kPictureRate;
  const double mirrored = is_for ? rate : std::max(0.0, 2 * kPictureRate - rate);
  const double bits = kIndependence * (1 - sign_entropy(mirrored)) * apart.compared;
  return is_for ? bits : -bits;
}

/// Differing signs of all that was compared.
struct HashSum {
  int differing = 0, compared = 0;
  void add(const HashDistance& apart) {
    differing += apart.differing;
    compared += apart.compared;
  }
  double rate() const { return compared == 0 ? 0.5 : static_cast<double>(differing) / compared; }
};

}  // namespace reelmill
