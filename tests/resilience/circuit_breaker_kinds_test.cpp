// SPDX-License-Identifier: Apache-2.0
// How each kind of error counts.
#include "resilience/circuit_breaker.h"
#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

struct KindCase {
  ErrorKind kind;
  const char* counts_as;
};

class CircuitBreakerKinds : public ::testing::TestWithParam<KindCase> {};

TEST_P(CircuitBreakerKinds, AreJudgedAsTheTableSays) {
  TestBreaker t(trips_after(0));
  t.fail(GetParam().kind);
  const auto s = t.breaker.snapshot();
  const std::string counted = s.successes ? "success" : s.failures ? "failure" : "neither";
  EXPECT_EQ(counted, GetParam().counts_as);
  EXPECT_EQ(s.successes + s.failures + s.ignored, 1u);
}

TEST_P(CircuitBreakerKinds, FiveInARowTripOnlyWhereTheServiceFailedForGood) {
  TestBreaker t(trips_after(5));
  t.fail_times(0);
  for (int i = 0; i < 5; ++i) t.fail(GetParam().kind);
  const bool trips =
      std::string(GetParam().counts_as) == "failure" && GetParam().kind != ErrorKind::throttled;
  EXPECT_EQ(t.is_open(), trips);
}

INSTANTIATE_TEST_SUITE_P(
    All, CircuitBreakerKinds,
    ::testing::Values(
        KindCase{ErrorKind::unavailable, "failure"}, KindCase{ErrorKind::timeout, "failure"},
        KindCase{ErrorKind::throttled, "failure"}, KindCase{ErrorKind::internal, "failure"},
        KindCase{ErrorKind::invalid_input, "success"}, KindCase{ErrorKind::not_found, "success"},
        KindCase{ErrorKind::denied, "neither"}, KindCase{ErrorKind::exhausted, "neither"},
        KindCase{ErrorKind::cancelled, "neither"}, KindCase{ErrorKind::rejected, "neither"},
        KindCase{ErrorKind::circuit_open, "neither"}),
    [](const auto& kind_case) { return std::string(to_string(kind_case.param.kind)); });

TEST(CircuitBreaker, AnswersAboutBadInputEndARowOfFailures) {
  TestBreaker t(trips_after(3));
  t.fail_times(2);
  t.fail(ErrorKind::not_found);
  t.fail_times(2);
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, ThrottlingNeitherLengthensNorEndsARowOfFailures) {
  TestBreaker t(trips_after(3));
  t.fail_times(2);
  t.fail(ErrorKind::throttled);
  EXPECT_TRUE(t.is_closed());
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, ThrottlingCountsInTheRate) {
  auto options = trips_after(0);
  options.failure_rate_threshold = 0.5;
  options.minimum_calls = 10;
  TestBreaker t(options);
  for (int i = 0; i < 10; ++i) t.fail(ErrorKind::throttled);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, AThrottledProbeFails) {
  TestBreaker t(trips_after(1));
  t.fail();
  t.clock.advance(60s);
  t.fail(ErrorKind::throttled);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, ADeniedProbeReturnsItsPlace) {
  TestBreaker t(trips_after(1));
  t.fail();
  t.clock.advance(60s);
  t.fail(ErrorKind::denied);
  EXPECT_TRUE(t.is_half_open());
  EXPECT_TRUE(t.succeed());
  EXPECT_TRUE(t.is_closed());
}

}  // namespace
}  // namespace reelmill::testing
