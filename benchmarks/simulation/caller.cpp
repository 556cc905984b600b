// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/simulation/caller.h"

#include <algorithm>

#include "benchmarks/simulation/polly_breaker.h"
#include "benchmarks/simulation/resilience4j_breaker.h"
#include "resilience/guard.h"

namespace reelmill::simulation {
namespace {

using namespace std::chrono_literals;

CallContext attempt_context(const Clock& clock, Clock::time_point deadline, int attempt) {
  return {.deadline = std::min(deadline, clock.now() + attempt_timeout), .attempt = attempt};
}

/// Attempts with the same delay between all of them.
class FixedRetry final : public Caller {
 public:
  FixedRetry(int attempts, Duration delay, Clock& clock)
      : attempts_(attempts), delay_(delay), clock_(clock) {}

  Status call(const Attempt& attempt, Clock::time_point deadline) override {
    for (int n = 1;; ++n) {
      if (clock_.now() >= deadline) return fail(Error{ErrorKind::timeout, "too late"});
      const Status answer = attempt(attempt_context(clock_, deadline, n));
      if (answer || n == attempts_) return answer;
      clock_.sleep_until(clock_.now() + delay_, {});
    }
  }

 private:
  const int attempts_;
  const Duration delay_;
  Clock& clock_;
};

/// A fixed retry around a breaker, whose refusals are retried like any failure: the default of both
/// libraries is to retry whatever is thrown.
template <class Breaker>
class RetryAroundBreaker final : public Caller {
 public:
  RetryAroundBreaker(Duration delay, Clock& clock)
      : retry_(most_attempts, delay, clock), breaker_(clock) {}

  Status call(const Attempt& attempt, Clock::time_point deadline) override {
    return retry_.call(
        [&](const CallContext& context) -> Status {
          typename Breaker::Permit permit;
          if (!breaker_.try_acquire(permit)) {
            return fail(Error{ErrorKind::circuit_open, "open"});
          }
          const Status answer = attempt(context);
          breaker_.record(permit, !answer);
          return answer;
        },
        deadline);
  }

 private:
  FixedRetry retry_;
  Breaker breaker_;
};

class Ours final : public Caller {
 public:
  Ours(Clock& clock, Random& random)
      : guard_(Guard::make("service", our_options(Protection::ours), clock, random).value()) {}

  Status call(const Attempt& attempt, Clock::time_point deadline) override {
    return guard_->call(Idempotency::idempotent, attempt, deadline);
  }

 private:
  std::shared_ptr<Guard> guard_;
};

class OursInLanes final : public Caller {
 public:
  OursInLanes(Clock& clock, Random& random)
      : clock_(clock),
        guard_(
            Guard::make("service", our_options(Protection::ours_in_lanes), clock, random).value()) {
  }

  Status call(const Attempt& attempt, Clock::time_point deadline) override {
    RetrySession session = guard_->begin(Idempotency::idempotent, deadline);
    while (true) {
      const Status answer = guard_->attempt(
          {.deadline = session.deadline(), .attempt = session.attempts() + 1}, attempt);
      if (answer) {
        session.succeeded();
        return answer;
      }
      const auto delay = session.next_delay(answer.error());
      if (!delay) return answer;
      clock_.sleep_until(clock_.now() + *delay, {});  // a lane would put the item back
    }
  }

 private:
  Clock& clock_;
  std::shared_ptr<Guard> guard_;
};

}  // namespace

std::string_view to_string(Protection protection) noexcept {
  switch (protection) {
    case Protection::none:
      return "none";
    case Protection::naive_retry:
      return "naive retry";
    case Protection::resilience4j:
      return "resilience4j";
    case Protection::polly:
      return "Polly";
    case Protection::ours:
      return "ours, call";
    case Protection::ours_in_lanes:
      return "ours, lanes";
  }
  return "unknown";
}

GuardOptions our_options(Protection protection) {
  GuardOptions options = unattended_guard_options();
  options.attempt_timeout = attempt_timeout;
  // A ramp holds back what a lane can put off; a caller of Guard::call would be turned away.
  if (protection == Protection::ours) options.breaker->ramp_step = 0s;
  return options;
}

std::unique_ptr<Caller> make_caller(Protection protection, Clock& clock, Random& random) {
  switch (protection) {
    case Protection::none:
      return std::make_unique<FixedRetry>(1, 0s, clock);
    case Protection::naive_retry:
      return std::make_unique<FixedRetry>(most_attempts, 1s, clock);
    case Protection::resilience4j:
      // https://resilience4j.readme.io/docs/retry: maxAttempts 3 (here as for all), waitDuration
      // 500 ms, which remains constant; the retry stands around the breaker.
      return std::make_unique<RetryAroundBreaker<Resilience4jBreaker>>(500ms, clock);
    case Protection::polly:
      // https://www.pollydocs.org/strategies/retry: MaxRetryAttempts 3 (here as for all), Delay
      // 2 s, BackoffType Constant, UseJitter false.
      return std::make_unique<RetryAroundBreaker<PollyBreaker>>(2s, clock);
    case Protection::ours:
      return std::make_unique<Ours>(clock, random);
    case Protection::ours_in_lanes:
      break;
  }
  return std::make_unique<OursInLanes>(clock, random);
}

}  // namespace reelmill::simulation
