// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/simulation/retry_trials.h"

#include "base/manual_clock.h"
#include "resilience/retry.h"

namespace reelmill::simulation {
namespace {

using namespace std::chrono_literals;

constexpr Duration latency = 20ms;

/// The service as one operation meets it.
class TroubledService {
 public:
  TroubledService(Trouble trouble, const Clock& clock, Random& random)
      : trouble_(trouble), clock_(clock), random_(random), began_(clock.now()) {
    if (trouble == Trouble::brief_blips) lasts_ = 50ms * random.uniform();
    if (trouble == Trouble::slow_recovery) lasts_ = 3s + 9s * random.uniform();
  }

  Status call() {
    const bool is_first = calls_++ == 0;
    switch (trouble_) {
      case Trouble::brief_blips:
      case Trouble::slow_recovery:
        if (!is_first && clock_.now() - began_ >= lasts_) return {};
        return fail(Error{ErrorKind::unavailable, "simulated"});
      case Trouble::throttling:
        if (!is_first && random_.uniform() < 0.4) return {};
        return fail(Error{ErrorKind::throttled, "simulated", 1s});
      case Trouble::hard_down:
        break;
    }
    return fail(Error{ErrorKind::unavailable, "simulated"});
  }

 private:
  const Trouble trouble_;
  const Clock& clock_;
  Random& random_;
  const Clock::time_point began_;
  std::chrono::duration<double, std::nano> lasts_{0};
  int calls_ = 0;
};

}  // namespace

std::string_view to_string(Trouble trouble) noexcept {
  switch (trouble) {
    case Trouble::brief_blips:
      return "brief blips";
    case Trouble::slow_recovery:
      return "slow recovery";
    case Trouble::throttling:
      return "throttling";
    case Trouble::hard_down:
      return "hard down";
  }
  return "unknown";
}

RetryTrial run_retry_trial(RetryStrategy strategy, Trouble trouble, int operations,
                           std::uint64_t seed) {
  ManualClock clock;
  SeededRandom service_random(2 * seed), retry_random(2 * seed + 1);
  Retry retry("trial", {.strategy = strategy, .max_attempts = 5, .base_delay = 1s},
              {.capacity = 1e12}, clock, retry_random);
  RetryTrial trial;
  double requests = 0;
  for (int i = 0; i < 2 * operations; ++i) {
    TroubledService service(trouble, clock, service_random);
    auto session = retry.begin(Idempotency::idempotent);
    const auto began = clock.now();
    double reward = 0;
    while (true) {
      const Status answer = service.call();
      ++requests;
      clock.advance(latency);
      if (answer) {
        session.succeeded();
        reward = retry_reward(true, clock.now() - began, session.attempts());
        break;
      }
      const auto delay = session.next_delay(answer.error());
      if (!delay) break;
      clock.advance(*delay);
    }
    (i < operations ? trial.learning_reward : trial.reward) += reward / operations;
    clock.advance(1s);
  }
  trial.requests = requests / (2.0 * operations);
  return trial;
}

double budget_left_after(ErrorKind kind, int operations) {
  ManualClock clock;
  SeededRandom random(1);
  Retry retry("trial", {.max_attempts = 5}, {}, clock, random);
  for (int i = 0; i < operations; ++i) {
    auto session = retry.begin(Idempotency::idempotent);
    while (const auto delay = session.next_delay({kind, "simulated"})) clock.advance(*delay);
  }
  return retry.budget().left();
}

}  // namespace reelmill::simulation
