// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_cost_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/clock.h"

namespace reelmill {
namespace {

constexpr int enough_to_compare = 6;          // samples of a bin, for the change detector
constexpr std::uint64_t between_moves = 6;    // batches
constexpr std::uint64_t alarms_window = 100;  // batches in which three alarms mean a poor fit
constexpr std::uint64_t fallback_stay = 120;  // batches until the model is tried again
constexpr std::uint64_t expiry = 768;         // batches a bin may go unvisited
constexpr double poor_error = 0.2;

bool is_near(int n, int size) {
  return std::abs(n - size) * 20 <= size;
}

}  // namespace

BatchCostModel::BatchCostModel(const BatchOptions& options)
    : options_(options),
      target_seconds_(to_seconds(options.target_processing_time)),
      curve_(options.min_batch_size, options.max_batch_size),
      ladder_(options.initial_batch_size, options.min_batch_size, options.max_batch_size),
      fallback_(options),
      target_(options.initial_batch_size),
      cheapest_(options.initial_batch_size),
      cap_(options.max_batch_size),
      byte_cap_(options.max_batch_size),
      time_cap_(options.max_batch_size) {
  if (!learns(options.strategy)) {
    ladder_ = BatchLadder::finished();
    if (options.strategy == BatchStrategy::time_based) target_ = options.max_batch_size;
  }
  renew_plan();
}

Duration BatchCostModel::predict(int n) const {
  return Duration(std::llround(curve_.predict(n) * 1e9));
}

void BatchCostModel::arrived(std::size_t bytes) {
  if (bytes > 0) item_bytes_.add(bytes);
}

void BatchCostModel::left(int n) {
  if (!ladder_.is_done()) {
    if (n < plan_.size && !is_near(n, plan_.size)) ladder_.missed();
    if (ladder_.is_done()) settle();
  } else if (plan_.purpose == BatchPlan::Purpose::probe) {
    probe_.probed();
  } else {
    probe_.left();
  }
  renew_plan();
}

void BatchCostModel::observe(const BatchObservation& observation) {
  const double seconds = to_seconds(observation.service_time);
  if (observation.n <= 0 || seconds <= 0) return;
  ++seen_;
  notice_company(observation.in_flight);
  watch(observation, seconds);
  learn(observation, seconds);
  renew_cap();
  if (!learns(options_.strategy)) {
    // The size is given; what it costs is for the report.
  } else if (!ladder_.is_done()) {
    climb(observation.n);
  } else if (falls_back_) {
    fall_back(observation);
  } else if (is_poor()) {
    falls_back_ = true;
    fell_back_at_ = seen_;
    fallback_.start(target_);
  } else {
    move();
  }
  measure(observation, seconds);
  renew_plan();
}

/// While the slots fill, each batch shares the service with one more than the one before: times
/// taken in less company are no measure for those that follow.
void BatchCostModel::notice_company(int in_flight) {
  if (in_flight <= most_in_flight_) return;
  if (most_in_flight_ > 0 && ladder_.is_first_rung()) restart();
  most_in_flight_ = in_flight;
}

void BatchCostModel::watch(const BatchObservation& observation, double seconds) {
  const auto& bin = curve_.bin(observation.n);
  if (bin.count() < enough_to_compare || bin.last_at() + BatchProbe::fresh < seen_) return;
  const double expected = bin.median() + curve_.fit().a * (observation.n - bin.mean_size());
  if (expected <= 0 || !change_.observe(std::log(seconds / expected), spread())) return;
  alarms_[regime_changes_++ % alarms_.size()] = seen_;
  restart();
}

void BatchCostModel::learn(const BatchObservation& observation, double seconds) {
  if (ladder_.is_done() && curve_.points().size() >= 2) {
    const double ratio = std::log(seconds / curve_.predict(observation.n));
    errors_.add(ratio);
    // A neighbour that is not what it was: what it was is of no use.
    const bool is_other = !is_near(observation.n, target_);
    if (is_other && std::abs(ratio) > std::max(0.15, 3 * spread())) {
      curve_.forget(observation.n);
      probe_.restart();
    }
  }
  curve_.add({observation.n, seconds, observation.succeeded, seen_});
  if (seen_ % 64 == 0 && seen_ > expiry) curve_.expire(seen_ - expiry);
}

void BatchCostModel::restart() {
  curve_.clear();
  change_.clear();
  errors_.forget_latest(between_moves);
  if (learns(options_.strategy)) {
    ladder_ = BatchLadder(target_, options_.min_batch_size, options_.max_batch_size);
  }
  falls_back_ = false;
  probe_.restart();
  started_at_ = seen_;
  renew_plan();
}

void BatchCostModel::rescale(double factor) {
  curve_.scale(factor);
  change_.clear();
  renew_cap();
  renew_plan();
}

void BatchCostModel::renew_cap() {
  const auto low = item_bytes_.low();
  byte_cap_ = options_.max_batch_size;
  if (low > 0) {
    byte_cap_ = static_cast<int>(std::clamp<std::size_t>(
        options_.max_bytes / low, static_cast<std::size_t>(options_.min_batch_size),
        static_cast<std::size_t>(options_.max_batch_size)));
  }
  time_cap_ = longest_within(curve_, target_seconds_, errors_.factor_96(), options_.min_batch_size,
                             options_.max_batch_size);
  cap_ = std::min(byte_cap_, time_cap_);
}

void BatchCostModel::climb(int n) {
  if (is_near(n, ladder_.rung())) {
    const auto& bin = curve_.bin(n);
    ladder_.sampled({curve_.cost(n), spread() / std::sqrt(bin.count()), time_cap_});
  }
  if (ladder_.is_done()) settle();
}

void BatchCostModel::settle() {
  probe_.restart();
  moved_at_ = seen_;
  const auto known = candidates(curve_, cap_);
  target_ = std::min(cap_, smallest_in_band(known).value_or(target_));
  cheapest_ = std::max(target_, cheapest_of(known).value_or(target_));
}

void BatchCostModel::move() {
  // Well over the cap there is no time to wait.
  if (target_ > cap_ * batch_cost_band) {
    target_ = cap_;
    moved_at_ = seen_;
    return;
  }
  if (seen_ < moved_at_ + between_moves) return;
  const auto known = candidates(curve_, cap_);
  const auto wanted = smallest_in_band(known);
  if (!wanted) return;
  cheapest_ = cheapest_of(known).value_or(target_);
  const auto here = std::find_if(known.begin(), known.end(), [&](const auto& point) {
    return is_near(static_cast<int>(std::lround(point.n)), target_);
  });
  if (here != known.end()) {
    const auto best = std::min_element(known.begin(), known.end(),
                                       [](auto& a, auto& b) { return a.cost < b.cost; });
    const bool is_in_band = here->cost <= batch_cost_band * best->cost;
    // Inside the band only a clearly smaller size is worth a move.
    if (is_in_band && *wanted > 0.8 * target_) return;
  }
  const int next = std::clamp(*wanted, std::max(options_.min_batch_size, target_ / 2),
                              std::min(options_.max_batch_size, target_ * 2));
  if (next == target_) return;
  target_ = next;
  moved_at_ = seen_;
}

bool BatchCostModel::is_poor() const {
  const auto oldest_alarm = alarms_[regime_changes_ % alarms_.size()];
  if (oldest_alarm > 0 && seen_ < oldest_alarm + alarms_window) return true;
  if (curve_.bins() < 2) return false;
  if (curve_.points().size() < 2) return seen_ > started_at_ + 24;
  const auto& bin = curve_.bin(target_);
  return bin.count() >= 4 && spread() / std::sqrt(bin.count()) > poor_error;
}

void BatchCostModel::fall_back(const BatchObservation& observation) {
  fallback_.observe(observation.n, observation.service_time);
  target_ = fallback_.size();
  cheapest_ = target_;
  if (seen_ >= fell_back_at_ + fallback_stay) restart();
}

void BatchCostModel::measure(const BatchObservation& observation, double seconds) {
  const auto an_item = [&](double n) { return curve_.predict(n) / n; };
  double best = an_item(std::min(target_, cap_));
  for (const auto& point : curve_.points()) {
    if (point.n <= cap_ + 0.5) best = std::min(best, point.seconds / point.n);
  }
  efficiency_.add({observation.n, observation.succeeded, seconds, curve_.predict(observation.n),
                   an_item(target_), best});
}

void BatchCostModel::renew_plan() {
  if (!ladder_.is_done()) {
    const bool is_first = curve_.points().empty();
    plan_ = {ladder_.rung(), is_first ? BatchPlan::Purpose::work : BatchPlan::Purpose::probe};
    return;
  }
  plan_ = {target_, BatchPlan::Purpose::work};
  const bool probes =
      options_.strategy == BatchStrategy::adaptive || options_.strategy == BatchStrategy::hybrid;
  if (!probes || falls_back_ || !probe_.is_due()) return;
  const auto size =
      BatchProbe::choose(curve_, {target_, options_.min_batch_size, cap_, spread(), seen_});
  if (size) plan_ = {*size, BatchPlan::Purpose::probe};
}

std::optional<double> BatchCostModel::arrival_term(double per_second, int in_flight) const {
  const auto& line = curve_.fit();
  if (line.points < 2) return std::nullopt;
  const double spare = in_flight - per_second * line.a;
  if (spare <= 0) return std::numeric_limits<double>::infinity();
  return 1.1 * per_second * line.b / spare;
}

BatchBound BatchCostModel::bound() const {
  if (target_ < 0.97 * cap_ || fit().points < 2) return BatchBound::cost;
  if (time_cap_ < options_.max_batch_size && time_cap_ <= byte_cap_) return BatchBound::target_time;
  if (byte_cap_ < options_.max_batch_size) return BatchBound::max_bytes;
  return BatchBound::max_batch_size;
}

double BatchCostModel::headroom() const {
  if (bound() == BatchBound::cost || fit().at(target_) <= 0) return 0;
  const double now = fit().at(target_) / target_;
  const double then = fit().at(2.0 * target_) / (2.0 * target_);
  return std::max(0.0, 1 - then / now);
}

bool BatchCostModel::is_target_out_of_reach() const {
  return !curve_.points().empty() && curve_.predict(options_.min_batch_size) > target_seconds_;
}

}  // namespace reelmill
