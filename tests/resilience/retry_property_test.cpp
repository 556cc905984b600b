// SPDX-License-Identifier: Apache-2.0
// Laws of backoff, budget and retry, for any options and any history.
#include <rapidcheck/gtest.h>

#include "resilience/retry.h"
#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

RetryOptions any_options() {
  RetryOptions options;
  options.strategy =
      *rc::gen::element(RetryStrategy::fixed, RetryStrategy::linear, RetryStrategy::exponential,
                        RetryStrategy::full_jitter, RetryStrategy::decorrelated_jitter);
  options.base_delay = Duration(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000));
  options.max_delay =
      options.base_delay + Duration(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000));
  options.backoff_multiplier = *rc::gen::element(1.0, 1.01, 2.0, 1000.0);
  options.jitter = *rc::gen::element(0.0, 0.1, 1.0);
  options.max_attempts = *rc::gen::element(1, 2, 5, 1'000'000);
  return options;
}

RC_GTEST_PROP(BackoffLaw, DelaysStayWithinTheirBoundsForAnyAttemptAndOption, ()) {
  const auto options = any_options();
  SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
  Backoff backoff(options, random);
  const int attempt = *rc::gen::oneOf(rc::gen::inRange(1, 20), rc::gen::element(1000, 1'000'000),
                                      rc::gen::inRange(1, std::numeric_limits<int>::max()));
  const Duration previous(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000'000));
  const Duration delay = backoff.next(attempt, previous);
  RC_ASSERT(delay >= Duration(0));
  RC_ASSERT(delay <= options.max_delay);

  const auto base = static_cast<double>(options.base_delay.count());
  const auto most = static_cast<double>(options.max_delay.count());
  const auto got = static_cast<double>(delay.count());
  const double slack = 1 + 1e-9 * most;
  const double power = std::pow(options.backoff_multiplier, attempt - 1);
  double plain = base;
  if (options.strategy == RetryStrategy::linear) plain = base * attempt;
  if (options.strategy == RetryStrategy::exponential) plain = base == 0 ? 0 : base * power;
  if (options.strategy == RetryStrategy::full_jitter) {
    RC_ASSERT(got <= (base == 0 ? 0 : std::min(most, base * power)) + slack);
  } else if (options.strategy == RetryStrategy::decorrelated_jitter) {
    RC_ASSERT(got >= std::min(most, base) - slack);
    RC_ASSERT(got <= std::max(base, 3 * static_cast<double>(previous.count())) + slack);
  } else {
    RC_ASSERT(got >= std::min(most, plain * (1 - options.jitter)) - slack);
    RC_ASSERT(got <= std::min(most, plain * (1 + options.jitter)) + slack);
  }
}

RC_GTEST_PROP(RetryBudgetLaw, IsNeverNegativeAndNeverAboveItsCapacity, ()) {
  const RetryBudgetOptions options{.capacity = *rc::gen::element(0.0, 3.0, 50.0, 500.0),
                                   .retry_cost = *rc::gen::element(0.0, 0.1, 14.0, 600.0),
                                   .throttle_cost = *rc::gen::element(0.0, 5.0, 7.3),
                                   .deposit = *rc::gen::element(0.0, 1.0, 1000.0)};
  ManualClock clock;
  SeededRandom random(1);
  Retry retry("service", {.strategy = RetryStrategy::fixed, .max_attempts = 4}, options, clock,
              random);
  std::vector<RetrySession> sessions;
  const int steps = *rc::gen::inRange(1, 200);
  for (int i = 0; i < steps; ++i) {
    if (sessions.empty() || *rc::gen::inRange(0, 3) == 0) {
      sessions.push_back(retry.begin(Idempotency::idempotent));
    } else {
      const auto at =
          static_cast<std::size_t>(*rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(sessions)));
      if (*rc::gen::arbitrary<bool>()) {
        sessions[at].succeeded();
        sessions.erase(sessions.begin() + static_cast<std::ptrdiff_t>(at));
      } else {
        const double before = retry.budget().left();
        const auto kind = *rc::gen::element(ErrorKind::unavailable, ErrorKind::throttled,
                                            ErrorKind::denied, ErrorKind::circuit_open);
        const auto delay = sessions[at].next_delay(error(kind));
        RC_ASSERT(retry.budget().left() <= before);
        if (!delay) RC_ASSERT(retry.budget().left() == before);
      }
    }
    RC_ASSERT(retry.budget().left() >= 0);
    RC_ASSERT(retry.budget().left() <= options.capacity);
  }
}

RC_GTEST_PROP(RetryLaw, NoRetryIsScheduledPastTheDeadlineOrBelowRetryAfter, ()) {
  auto options = any_options();
  ManualClock clock;
  SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
  Retry retry("service", options, {}, clock, random);
  const auto deadline =
      clock.now() + Duration(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000));
  auto session = retry.begin(Idempotency::idempotent, deadline);
  int retries = 0;
  while (true) {
    const Duration wish(*rc::gen::element<std::int64_t>(0, 1'000'000, 10'000'000'000));
    const auto delay = session.next_delay(error(ErrorKind::unavailable, wish));
    if (!delay) break;
    ++retries;
    RC_ASSERT(*delay >= wish);
    RC_ASSERT(clock.now() + *delay < deadline);
    clock.advance(*delay);
  }
  RC_ASSERT(retries < options.max_attempts);
  RC_ASSERT(session.attempts() == retries + 1);
}

}  // namespace
}  // namespace reelmill::testing
