// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_ladder.h"

#include <algorithm>
#include <cmath>

namespace reelmill {
namespace {

constexpr int most_samples = 6;           // of a rung that is close to the limit, downwards
constexpr int most_samples_in_doubt = 4;  // of a rung that seems dear, upwards

}  // namespace

BatchLadder::BatchLadder(int start, int min_size, int max_size)
    : start_(std::clamp(start, min_size, max_size)),
      min_(min_size),
      max_(max_size),
      rung_(start_) {}

BatchLadder BatchLadder::finished() {
  BatchLadder ladder(1, 1, 1);
  ladder.direction_ = Direction::done;
  return ladder;
}

void BatchLadder::step_to(int size) {
  rung_ = size;
  sampled_ = 0;
  missed_ = 0;
}

void BatchLadder::go_up(int longest) {
  const int above = std::min({rung_ * 2, max_, longest});
  above > rung_ ? step_to(above) : go_down();
}

void BatchLadder::go_down() {
  const int below = std::min(start_, rung_) / 2;
  direction_ = start_ > min_ ? Direction::down : Direction::done;
  step_to(std::max(min_, below));
}

void BatchLadder::sampled(const Rung& rung) {
  if (is_done()) return;
  const bool is_over = rung_ > rung.longest;
  // One batch over the target time is enough to know better.
  if (++sampled_ < samples_a_rung && !is_over) return;
  const bool is_first = best_ == 0;
  const double excess = is_first ? 0 : std::log(rung.cost / (stop_at * best_));
  const double error = std::hypot(rung.error, best_error_);
  if (direction_ == Direction::up) {
    // Costs fall with size unless shown otherwise: in doubt the way goes on.
    const bool is_in_doubt = !is_over && excess > 0 && excess < 2 * error;
    if (is_in_doubt && sampled_ < most_samples_in_doubt) return;
    if (is_in_doubt) return go_up(rung.longest);
  } else if (!is_over && !is_first && sampled_ < most_samples && std::abs(excess) < error) {
    return;
  }
  if (!is_over && (is_first || rung.cost < best_)) {
    best_ = rung.cost;
    best_error_ = rung.error;
  }

  if (direction_ == Direction::up) {
    if (is_over) return lower_to(rung.longest);
    return excess > 0 ? go_down() : go_up(rung.longest);
  }
  if (is_over && rung_ > min_) return step_to(std::clamp(rung.longest, min_, rung_ - 1));
  if (excess > 0 || rung_ <= min_) {
    direction_ = Direction::done;
    return;
  }
  step_to(std::max(min_, rung_ / 2));
}

void BatchLadder::missed() {
  if (is_done() || ++missed_ < samples_a_rung) return;
  if (direction_ == Direction::up) return go_down();
  direction_ = Direction::done;
}

void BatchLadder::lower_to(int longest) {
  if (is_done() || rung_ <= longest) return;
  if (rung_ <= min_) {
    direction_ = Direction::done;
    return;
  }
  direction_ = Direction::down;
  step_to(std::clamp(longest, min_, std::max(min_, rung_ - 1)));
}

}  // namespace reelmill
