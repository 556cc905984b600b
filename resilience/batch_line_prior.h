// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "resilience/batch_cost_point.h"

namespace reelmill {

/// Draws what few and scattered samples say of each size toward the line through all of them, as
/// far as the points lie off that line by no more than their own errors explain: then the line
/// knows better than two lucky samples. A knee, which no line explains, stays as it was measured.
/// Weights as in the random-effects estimate of DerSimonian and Laird (1986), with 3 % as the least
/// that points are taken to be off the line by themselves. `spread` is the relative standard
/// deviation of a sample. Below three points it does nothing.
void draw_to_line(std::span<BatchCostPoint> points, double spread);

}  // namespace reelmill
