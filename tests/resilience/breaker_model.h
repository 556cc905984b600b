// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "resilience/circuit_breaker.h"

namespace reelmill::testing {

/// What a circuit breaker should do, written down a second time as plainly as possible: one thread,
/// no cleverness, everything kept in lists. Covers the automatic mode with a count window, without
/// jitter, slow calls, ramp and the adaptive test.
class BreakerModel {
 public:
  struct Ticket {
    int generation;
    Clock::time_point deadline;
  };
  enum class Report { success, failure, throttled, ignore };

  BreakerModel(const CircuitBreakerOptions& options, Clock::time_point now)
      : options_(options), closed_at_(now) {}

  std::optional<Ticket> acquire(Clock::time_point now) {
    pass_time(now);
    if (state == CircuitState::open && now >= open_until_) enter(CircuitState::half_open);
    if (state == CircuitState::closed) return Ticket{generation_, Clock::time_point::max()};
    if (state == CircuitState::half_open &&
        passed_ + failed_ + static_cast<int>(outstanding_.size()) < options_.effective_probes()) {
      const Duration limit =
          options_.probe_timeout > Duration(0) ? options_.probe_timeout : options_.timeout;
      const Ticket probe{generation_, limit > Duration(0) ? now + limit : Clock::time_point::max()};
      outstanding_.push_back(probe.deadline);
      return probe;
    }
    ++refused;
    return std::nullopt;
  }

  void report(const Ticket& ticket, Report what, Clock::time_point now) {
    pass_time(now);
    const bool has_expired = ticket.deadline <= now && ticket.deadline != Clock::time_point::max();
    if (ticket.generation != generation_ || has_expired) {
      ++stale;
      return;
    }
    const bool has_failed = what == Report::failure || what == Report::throttled;
    if (state == CircuitState::half_open) {
      outstanding_.erase(std::find(outstanding_.begin(), outstanding_.end(), ticket.deadline));
    }
    if (what == Report::ignore) {
      ++ignored;
      return;
    }
    ++(has_failed ? failures : successes);
    if (state == CircuitState::half_open) {
      ++(has_failed ? failed_ : passed_);
      judge_probes(now);
      return;
    }
    calls_.push_back(what);
    judge_window(has_failed, now);
  }

  void pass_time(Clock::time_point now) {
    while (state == CircuitState::half_open && !outstanding_.empty()) {
      const auto first = std::min_element(outstanding_.begin(), outstanding_.end());
      if (*first > now || *first == Clock::time_point::max()) return;
      const auto deadline = *first;
      outstanding_.erase(first);
      ++failures;
      ++failed_;
      judge_probes(deadline);
    }
  }

  /// All of the model that its future depends on, but for the totals: two histories with the same
  /// fingerprint behave the same from here on. `tickets` are those still held, in any order.
  std::string fingerprint(Clock::time_point now, const std::vector<Ticket>& tickets) const {
    const auto left = [&](Clock::time_point at) {
      return at == Clock::time_point::max() ? Duration::max() : std::max(Duration(0), at - now);
    };
    std::string print = fmt::format("{} {} {} {} ", static_cast<int>(state), passed_, failed_,
                                    std::min(breaks_, longest_break()));
    if (state == CircuitState::open) print += fmt::format("open {} ", left(open_until_).count());
    const auto age = closed_at_ ? std::min(options_.max_timeout, now - *closed_at_) : Duration(-1);
    print += fmt::format("age {} calls ", age.count());
    const auto kept = std::min<std::ptrdiff_t>(std::ssize(calls_), options_.window_calls);
    for (auto call = calls_.end() - kept; call != calls_.end(); ++call) {
      print += fmt::format("{}", static_cast<int>(*call));
    }
    const int enough = std::max(options_.window_calls, options_.minimum_calls) + 1;
    print += fmt::format(" {} row {} held", std::min<int>(static_cast<int>(calls_.size()), enough),
                         row());
    std::vector<Duration::rep> held;
    for (const Ticket& ticket : tickets) {
      held.push_back(ticket.generation == generation_ ? left(ticket.deadline).count() : -1);
    }
    std::sort(held.begin(), held.end());
    for (const auto ticket : held) print += fmt::format(" {}", ticket);
    return print;
  }

  CircuitState state = CircuitState::closed;
  std::uint64_t successes = 0, failures = 0, ignored = 0, refused = 0, stale = 0, trips = 0;

 private:
  /// Consecutive failures now; throttling neither adds nor ends.
  int row() const {
    int length = 0;
    for (auto call = calls_.rbegin(); call != calls_.rend() && *call != Report::success; ++call) {
      length += *call == Report::failure ? 1 : 0;
    }
    return length;
  }

  /// After so many breaks they grow no longer.
  int longest_break() const {
    int n = 0;
    for (double length = static_cast<double>(options_.timeout.count());
         n < 64 && length < static_cast<double>(options_.max_timeout.count());
         length *= options_.timeout_multiplier) {
      ++n;
    }
    return n;
  }

  void judge_probes(Clock::time_point at) {
    if (passed_ >= options_.success_threshold) {
      closed_at_ = at;
      enter(CircuitState::closed);
    } else if (failed_ > options_.effective_probes() - options_.success_threshold) {
      open(at);
    }
  }

  void judge_window(bool has_failed, Clock::time_point now) {
    const int window = std::min<int>(static_cast<int>(calls_.size()), options_.window_calls);
    const auto failures_in_window =
        std::count_if(calls_.end() - window, calls_.end(),
                      [](Report r) { return r == Report::failure || r == Report::throttled; });
    const int minimum = std::min(options_.minimum_calls, options_.window_calls);
    const bool is_row =
        has_failed && options_.failure_threshold > 0 && row() >= options_.failure_threshold;
    const bool has_risen = static_cast<int>(calls_.size()) == minimum;
    const bool is_rate =
        (has_failed || has_risen) && window >= minimum &&
        static_cast<double>(failures_in_window) / window >= options_.failure_rate_threshold;
    if (is_row || is_rate) open(now);
  }

  void open(Clock::time_point at) {
    if (closed_at_ && at - *closed_at_ >= options_.max_timeout) breaks_ = 0;
    closed_at_.reset();
    const double length = std::min(static_cast<double>(options_.max_timeout.count()),
                                   static_cast<double>(options_.timeout.count()) *
                                       std::pow(options_.timeout_multiplier, breaks_++));
    open_until_ = at + Duration(static_cast<Duration::rep>(length));
    ++trips;
    enter(CircuitState::open);
  }

  void enter(CircuitState to) {
    state = to;
    ++generation_;
    calls_.clear();
    outstanding_.clear();
    passed_ = failed_ = 0;
  }

  const CircuitBreakerOptions options_;
  int generation_ = 0;
  std::vector<Report> calls_;  ///< all of this generation
  std::vector<Clock::time_point> outstanding_;
  int passed_ = 0, failed_ = 0, breaks_ = 0;
  Clock::time_point open_until_;
  std::optional<Clock::time_point> closed_at_;
};

}  // namespace reelmill::testing
