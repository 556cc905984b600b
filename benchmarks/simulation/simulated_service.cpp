// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/simulation/simulated_service.h"

#include <algorithm>

namespace reelmill::simulation {

using namespace std::chrono_literals;

Status SimulatedService::call(const CallContext& context) {
  ++requests_;
  const bool is_troubled = is_in_trouble();
  const auto spread = [&](Duration mean) {
    return std::chrono::duration_cast<Duration>(mean * (0.5 + random_.uniform()));
  };
  const Duration usual = spread(plan_.latency);
  if (is_troubled) {
    ++requests_in_trouble_;
    switch (plan_.trouble) {
      case ServicePlan::Trouble::outage:
        return answer(context, 5ms, Error{ErrorKind::unavailable, "down"});
      case ServicePlan::Trouble::slow:
        return answer(context, spread(plan_.slow_latency), std::nullopt);
      case ServicePlan::Trouble::throttled:
        if (!has_capacity()) return answer(context, 5ms, Error{ErrorKind::throttled, "busy", 1s});
        break;
      case ServicePlan::Trouble::none:
        break;
    }
  }
  if (random_.uniform() < plan_.failure_rate) {
    return answer(context, usual, Error{ErrorKind::unavailable, "flaky"});
  }
  const bool is_after = plan_.trouble != ServicePlan::Trouble::none && age() >= plan_.until;
  auto result = answer(context, usual, std::nullopt);
  if (result && is_after && !noticed_after_) noticed_after_ = age() - plan_.until;
  return result;
}

Status SimulatedService::answer(const CallContext& context, Duration takes,
                                std::optional<Error> error) {
  const auto done = clock_.now() + takes;
  clock_.sleep_until(std::min(done, context.deadline), context.stop);
  if (done > context.deadline) return fail(Error{ErrorKind::timeout, "no answer in time"});
  if (error) return fail(std::move(*error));
  return {};
}

bool SimulatedService::has_capacity() {
  const Duration now = age();
  tokens_ = std::min(1.0, tokens_ + to_seconds(now - tokens_at_) * plan_.capacity);
  tokens_at_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace reelmill::simulation
