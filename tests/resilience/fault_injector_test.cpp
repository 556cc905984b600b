// SPDX-License-Identifier: Apache-2.0
#include "resilience/fault_injector.h"

#include "resilience/guard.h"
#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

class Faults : public ::testing::Test {
 protected:
  FaultInjector injector(std::vector<FaultRule> rules) {
    return {std::move(rules), random_, clock_};
  }

  ManualClock clock_;
  SeededRandom random_{1};
};

TEST_F(Faults, TheFirstRuleThatStrikesDecides) {
  auto faults = injector(
      {{.error = ErrorKind::timeout, .until = 5s}, {.error = ErrorKind::throttled, .until = 10s}});
  EXPECT_THAT(faults.before_call({}), FailsWith(ErrorKind::timeout));
  clock_.advance(5s);
  EXPECT_THAT(faults.before_call({}), FailsWith(ErrorKind::throttled));
  clock_.advance(5s);
  EXPECT_THAT(faults.before_call({}), IsOk());
}

TEST_F(Faults, ADelayAloneGoesOnToTheNextRule) {
  auto faults = injector({{.delay = 2s}, {.error = ErrorKind::unavailable}});
  const auto start = clock_.now();
  EXPECT_THAT(faults.before_call({}), FailsWith(ErrorKind::unavailable));
  EXPECT_EQ(clock_.now() - start, 2s);
}

TEST_F(Faults, TheErrorCarriesWhatTheRuleSays) {
  auto faults = injector({{.error = ErrorKind::unavailable, .retry_after = 7s, .was_sent = false}});
  const auto struck = faults.before_call({});
  ASSERT_FALSE(struck);
  EXPECT_EQ(struck.error().retry_after, 7s);
  EXPECT_FALSE(struck.error().was_sent);
}

TEST_F(Faults, WithoutRulesNothingHappens) {
  EXPECT_THAT(injector({}).before_call({}), IsOk());
}

TEST_F(Faults, AProbabilityOfZeroNeverStrikesAndOneAlwaysDoes) {
  auto never = injector({{.probability = 0, .error = ErrorKind::unavailable}});
  auto always = injector({{.probability = 1, .error = ErrorKind::unavailable}});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(never.before_call({}), IsOk());
    EXPECT_THAT(always.before_call({}), FailsWith(ErrorKind::unavailable));
  }
}

TEST_F(Faults, AnInjectedOutageIsAnOutageToTheGuard) {
  auto breaker = quiet_options();
  breaker.failure_threshold = 3;
  breaker.success_threshold = 1;
  const auto guard = Guard::make("store", {.breaker = breaker}, clock_, random_).value();
  auto faults = injector({{.error = ErrorKind::unavailable, .from = 10s, .until = 20s}});
  int answered = 0;
  for (int second = 0; second < 120; ++second) {
    const auto result = guard->attempt({}, [&](const CallContext& context) -> Result<int> {
      if (auto fault = faults.before_call(context); !fault) return fail(fault.error());
      return 1;
    });
    answered += result ? 1 : 0;
    clock_.advance(1s);
  }
  // Ten before the outage, three failures, a break of sixty seconds, and the rest.
  EXPECT_EQ(answered, 10 + 120 - (13 + 60) + 1);
  EXPECT_EQ(guard->snapshot().openings, 1u);
}

TEST(FaultInjector, FailsCallsWhileARuleIsActive) {
  ManualClock clock;
  SeededRandom random(1);
  FaultInjector faults(
      {{.error = ErrorKind::unavailable, .retry_after = 3s, .from = 10s, .until = 20s}}, random,
      clock);
  EXPECT_THAT(faults.before_call({}), IsOk());
  clock.advance(10s);
  const auto struck = faults.before_call({});
  EXPECT_THAT(struck, FailsWith(ErrorKind::unavailable));
  EXPECT_EQ(struck.error().retry_after, 3s);
  clock.advance(10s);
  EXPECT_THAT(faults.before_call({}), IsOk());
}

TEST(FaultInjector, StrikesWithItsProbability) {
  ManualClock clock;
  SeededRandom random(1);
  FaultInjector faults({{.probability = 0.2, .error = ErrorKind::unavailable}}, random, clock);
  int struck = 0;
  for (int i = 0; i < 10000; ++i) struck += faults.before_call({}) ? 0 : 1;
  EXPECT_NEAR(struck, 2000, 200);
}

TEST(FaultInjector, DelaysCalls) {
  ManualClock clock;
  SeededRandom random(1);
  FaultInjector faults({{.delay = 5s}}, random, clock);
  const auto start = clock.now();
  EXPECT_THAT(faults.before_call({}), IsOk());
  EXPECT_EQ(clock.now() - start, 5s);
  EXPECT_THAT(faults.before_call({.deadline = clock.now() + 2s}), FailsWith(ErrorKind::timeout));
  EXPECT_EQ(clock.now() - start, 7s);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THAT(faults.before_call({.stop = stop.get_token()}), FailsWith(ErrorKind::cancelled));
}

}  // namespace
}  // namespace reelmill::testing
