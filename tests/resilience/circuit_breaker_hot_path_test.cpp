// SPDX-License-Identifier: Apache-2.0
// What the paths of a healthy call and of a refusal may not do: allocate, or read a clock for
// nothing.
#include <cstdlib>
#include <new>

#include "tests/resilience/breaker_fixture.h"

namespace {
thread_local std::uint64_t allocations = 0;
}

// The whole test program counts its allocations; only these tests look.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace reelmill::testing {
namespace {

class CountingClock final : public Clock {
 public:
  time_point now() const noexcept override {
    ++reads;
    return time;
  }
  bool sleep_until(time_point, std::stop_token) override { return true; }

  mutable int reads = 0;
  time_point time{1h};
};

TEST(HotPath, AHealthyCallReadsNoClockWhereNoOptionNeedsOne) {
  CountingClock clock;
  CircuitBreaker breaker("service", {}, clock);
  clock.reads = 0;
  for (int i = 0; i < 1000; ++i) breaker.acquire()->succeed();
  EXPECT_EQ(clock.reads, 0);
}

TEST(HotPath, AHealthyCallReadsTheClockTwiceWhereSlowCallsAreWatched) {
  CountingClock clock;
  CircuitBreaker breaker("service", {.slow_call_duration = 1s}, clock);
  clock.reads = 0;
  for (int i = 0; i < 1000; ++i) breaker.acquire()->succeed();
  EXPECT_EQ(clock.reads, 2000);
}

TEST(HotPath, ARefusalReadsTheClockOnce) {
  CountingClock clock;
  CircuitBreaker breaker("service", {.failure_threshold = 1}, clock);
  breaker.acquire()->fail(error(ErrorKind::unavailable));
  clock.reads = 0;
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(breaker.acquire());
  EXPECT_EQ(clock.reads, 1000);
}

TEST(HotPath, NeitherAHealthyCallNorARefusalAllocates) {
  ManualClock clock;
  CircuitBreaker breaker("service", {.failure_threshold = 1, .slow_call_duration = 1s}, clock);
  auto before = allocations;
  for (int i = 0; i < 1000; ++i) breaker.acquire()->succeed();
  EXPECT_EQ(allocations, before);
  breaker.acquire()->fail(error(ErrorKind::unavailable));
  before = allocations;
  int refused = 0;
  for (int i = 0; i < 1000; ++i) refused += breaker.acquire() ? 0 : 1;
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(refused, 1000);
}

}  // namespace
}  // namespace reelmill::testing
