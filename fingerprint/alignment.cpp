// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/alignment.h"

#include <algorithm>
#include <cmath>

namespace reelmill {
namespace {

struct Vote {
  double a = 0, b = 0;  // seconds
  int weight = 1;
};

constexpr double kSpeedStep = 0.01;

// Votes that lie on one line are many; of more than this, so many are looked at.
constexpr std::size_t kMostVotes = 4096;

std::vector<Vote> votes_of(std::span<const Hit> hits, double unit_s) {
  std::vector<Vote> votes;
  const auto step = (hits.size() + kMostVotes - 1) / kMostVotes;
  for (std::size_t i = 0; i < hits.size(); i += step)
    votes.push_back(
        {(hits[i].at_a + 0.5) * unit_s, (hits[i].at_b + 0.5) * unit_s, hits[i].is_strong ? 2 : 1});
  return votes;
}

double span_of(const std::vector<Vote>& votes) {
  const auto [least, most] = std::minmax_element(
      votes.begin(), votes.end(), [](const Vote& x, const Vote& y) { return x.a < y.a; });
  return most->a - least->a;
}

// The fullest window of offsets at one speed.
Alignment fullest(const std::vector<Vote>& votes, double speed, double window_s) {
  std::vector<std::pair<double, int>> offsets;
  for (const auto& vote : votes) offsets.emplace_back(vote.b - speed * vote.a, vote.weight);
  std::sort(offsets.begin(), offsets.end());
  Alignment best{speed, 0, 0};
  int sum = 0;
  for (std::size_t from = 0, to = 0; to < offsets.size(); ++to) {
    sum += offsets[to].second;
    while (offsets[to].first - offsets[from].first > window_s) sum -= offsets[from++].second;
    if (sum > best.votes) best = {speed, (offsets[from].first + offsets[to].first) / 2, sum};
  }
  return best;
}

// Least squares through the votes near the line.
Alignment refined(const std::vector<Vote>& votes, const Alignment& line, double tolerance_s,
                  double most_speed) {
  double n = 0, a = 0, b = 0, aa = 0, ab = 0;
  int count = 0;
  for (const auto& vote : votes) {
    if (std::abs(vote.b - line.in_b(vote.a)) > tolerance_s) continue;
    n += vote.weight, a += vote.weight * vote.a, b += vote.weight * vote.b;
    count += vote.weight;
  }
  if (n == 0) return line;
  a /= n, b /= n;
  double spread = 0;
  for (const auto& vote : votes) {
    if (std::abs(vote.b - line.in_b(vote.a)) > tolerance_s) continue;
    aa += vote.weight * (vote.a - a) * (vote.a - a);
    ab += vote.weight * (vote.a - a) * (vote.b - b);
    spread = std::max(spread, std::abs(vote.a - a));
  }
  // Over a short stretch the slots' own length tilts the line more than any speed does.
  constexpr double kLongEnough_s = 6;
  double speed = spread < kLongEnough_s || aa == 0 ? line.speed : ab / aa;
  speed = std::clamp(speed, 1 / most_speed, most_speed);
  return {speed, b - speed * a, count};
}

Alignment best_line(const std::vector<Vote>& votes, const AlignmentRules& rules) {
  const double span_s = span_of(votes);
  Alignment best;
  for (int step = 0; step * kSpeedStep <= rules.most_speed - 1 + 1e-9; ++step) {
    for (const double speed : {1 + step * kSpeedStep, 1 / (1 + step * kSpeedStep)}) {
      const double drift_s = step == 0 ? 0 : kSpeedStep / 2 * span_s;
      const auto line = fullest(votes, speed, 2 * rules.tolerance_s + drift_s);
      const auto fine = refined(votes, line, rules.tolerance_s + drift_s, rules.most_speed);
      const auto finer = refined(votes, fine, rules.tolerance_s, rules.most_speed);
      if (finer.votes > best.votes) best = finer;
    }
  }
  return best;
}

}  // namespace

std::vector<Alignment> align(std::span<const Hit> hits, const AlignmentRules& rules) {
  std::vector<Alignment> lines;
  auto votes = votes_of(hits, rules.unit_s);
  while (!votes.empty() && static_cast<int>(lines.size()) < rules.most_lines) {
    const auto line = best_line(votes, rules);
    if (line.votes < rules.least_votes) break;
    lines.push_back(line);
    std::erase_if(votes, [&](const Vote& vote) {
      return std::abs(vote.b - line.in_b(vote.a)) <= 2 * rules.tolerance_s;
    });
  }
  return lines;
}

}  // namespace reelmill
