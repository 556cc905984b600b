// SPDX-License-Identifier: Apache-2.0
// Laws of the breaker, for any options and any history.
#include <rapidcheck/gtest.h>

#include "tests/resilience/breaker_fixture.h"
#include "tests/resilience/breaker_model.h"

namespace reelmill::testing {
namespace {

using Report = BreakerModel::Report;

CircuitBreakerOptions any_options() {
  CircuitBreakerOptions options;
  options.failure_threshold = *rc::gen::inRange(0, 5);
  options.success_threshold = *rc::gen::inRange(1, 4);
  options.permitted_probes = *rc::gen::element(
      0, options.success_threshold, options.success_threshold + 1, options.success_threshold + 3);
  options.window_calls = *rc::gen::inRange(1, 12);
  options.minimum_calls = *rc::gen::inRange(1, 15);
  options.failure_rate_threshold = *rc::gen::element(0.1, 0.25, 1.0 / 3, 0.5, 0.9, 1.0, 2.0);
  options.timeout = *rc::gen::element<Duration>(0s, 1ns, 1s, 10s);
  options.probe_timeout = *rc::gen::element<Duration>(0s, 1ns, 1s, 7s);
  options.timeout_multiplier = *rc::gen::element(1.0, 1.5, 2.0, 10.0);
  options.max_timeout = options.timeout + *rc::gen::element<Duration>(0s, 1s, 30s);
  options.timeout_jitter = 0;
  return options;
}

void answer(Permit& permit, Report report) {
  switch (report) {
    case Report::success:
      return permit.succeed();
    case Report::failure:
      return permit.fail(error(ErrorKind::unavailable));
    case Report::throttled:
      return permit.fail(error(ErrorKind::throttled));
    case Report::ignore:
      return permit.ignore();
  }
}

RC_GTEST_PROP(CircuitBreakerLaw, AnyHistoryAgreesWithTheModel, ()) {
  const auto options = any_options();
  ManualClock clock;
  CircuitBreaker breaker("service", options, clock);
  BreakerModel model(options, clock.now());
  std::vector<std::pair<Permit, BreakerModel::Ticket>> held;
  const int steps = *rc::gen::inRange(1, 200);
  for (int i = 0; i < steps; ++i) {
    switch (*rc::gen::weightedElement<int>({{5, 0}, {5, 1}, {1, 2}})) {
      case 0: {
        auto permit = breaker.acquire();
        const auto ticket = model.acquire(clock.now());
        RC_ASSERT(permit.has_value() == ticket.has_value());
        if (permit) held.emplace_back(std::move(*permit), *ticket);
        break;
      }
      case 1:
        if (!held.empty()) {
          const auto at = held.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(held));
          const auto report = *rc::gen::element(Report::success, Report::failure, Report::throttled,
                                                Report::ignore);
          answer(at->first, report);
          model.report(at->second, report, clock.now());
          held.erase(at);
        }
        break;
      default:
        clock.advance(*rc::gen::element<Duration>(1ns, 500ms, 1s, 10s, 60s));
        model.pass_time(clock.now());
        break;
    }
    RC_ASSERT(breaker.state() == model.state);
  }
  const auto s = breaker.snapshot();
  RC_ASSERT(s.successes == model.successes);
  RC_ASSERT(s.failures == model.failures);
  RC_ASSERT(s.ignored == model.ignored);
  RC_ASSERT(s.refused == model.refused);
  RC_ASSERT(s.stale == model.stale);
  RC_ASSERT(s.trips == model.trips);
}

RC_GTEST_PROP(CircuitBreakerLaw, NeverMoreThanThePermittedProbes, ()) {
  auto options = any_options();
  options.failure_threshold = 1;
  options.timeout = 1s;
  options.max_timeout = 1s;
  options.probe_timeout = 1h;
  TestBreaker t(options);
  t.fail();
  t.clock.advance(1s);
  std::vector<Permit> outstanding;
  int decided = 0;
  const int steps = *rc::gen::inRange(1, 60);
  bool was_half_open = false;
  for (int i = 0; i < steps; ++i) {
    if (was_half_open && !t.is_half_open()) return;  // decided: another law's business
    if (outstanding.empty() || *rc::gen::arbitrary<bool>()) {
      if (auto permit = t.acquire()) outstanding.push_back(std::move(*permit));
      was_half_open = true;
    } else {
      const auto report = *rc::gen::element(Report::success, Report::failure, Report::ignore);
      answer(outstanding.back(), report);
      outstanding.pop_back();
      decided += report == Report::ignore ? 0 : 1;
    }
    RC_ASSERT(decided + std::ssize(outstanding) <= options.effective_probes());
  }
}

RC_GTEST_PROP(CircuitBreakerLaw, NoSequenceOfStaleResultsChangesAnythingButItsCounter, ()) {
  auto options = any_options();
  options.probe_timeout = 1h;
  options.failure_threshold = 2;
  TestBreaker t(options);
  std::vector<Permit> stale;
  const int n = *rc::gen::inRange(1, 30);
  for (int i = 0; i < n; ++i) stale.push_back(t.must_acquire());
  while (!t.is_open()) t.fail();
  // From open, half-open or closed again.
  const int depth = *rc::gen::inRange(0, 3);
  std::optional<Permit> probe;
  if (depth >= 1) {
    t.clock.advance(t.refusal());
    if (depth == 1) probe = t.must_acquire();
    while (depth == 2 && !t.is_closed()) t.succeed();
  }
  const auto before = t.breaker.snapshot();
  for (auto& permit : stale) {
    answer(permit,
           *rc::gen::element(Report::success, Report::failure, Report::throttled, Report::ignore));
  }
  const auto after = t.breaker.snapshot();
  RC_ASSERT(after.stale == before.stale + static_cast<std::uint64_t>(n));
  RC_ASSERT(after.state == before.state);
  RC_ASSERT(after.retry_after == before.retry_after);
  RC_ASSERT(after.successes == before.successes);
  RC_ASSERT(after.failures == before.failures);
  RC_ASSERT(after.ignored == before.ignored);
  RC_ASSERT(after.failure_rate == before.failure_rate);
  RC_ASSERT(after.changed_at == before.changed_at);
}

RC_GTEST_PROP(CircuitBreakerLaw, OpenTimeIsNeverShorterOrLongerThanPromised, ()) {
  auto options = quiet_options();
  options.failure_threshold = 1;
  options.timeout = Duration(*rc::gen::inRange<std::int64_t>(0, 100'000'000'000));
  options.max_timeout =
      options.timeout + Duration(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000));
  options.timeout_multiplier = *rc::gen::element(1.0, 1.1, 2.0, 1000.0);
  options.timeout_jitter = *rc::gen::element(0.0, 0.1, 0.5, 0.99);
  SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
  TestBreaker t(options, random);
  const int breaks = *rc::gen::inRange(1, 40);
  for (int n = 0; n < breaks; ++n) {
    const Duration wish(*rc::gen::element<std::int64_t>(0, 1, 5'000'000'000, 2'000'000'000'000));
    t.fail(ErrorKind::unavailable, wish);
    const double plain = std::min(
        static_cast<double>(options.max_timeout.count()),
        static_cast<double>(options.timeout.count()) * std::pow(options.timeout_multiplier, n));
    const auto shortest =
        Duration(static_cast<Duration::rep>(plain * (1 - options.timeout_jitter)));
    const Duration length = t.breaker.snapshot().retry_after;
    RC_ASSERT(length + 1us >= std::min(options.max_timeout, std::max(shortest, wish)));
    RC_ASSERT(length <= options.max_timeout);
    if (length > 0s) {
      t.clock.advance(length - 1ns);
      RC_ASSERT(!t.acquire().has_value());
      t.clock.advance(1ns);
    }
  }
}

}  // namespace
}  // namespace reelmill::testing
