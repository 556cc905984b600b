// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "resilience/call_context.h"

namespace reelmill::simulation {

/// How a service behaves, and what befalls it once. Times count from its creation.
struct ServicePlan {
  enum class Trouble { none, outage, slow, throttled };

  Duration latency = std::chrono::milliseconds(50);  ///< mean; 50 to 150 % of it, evenly spread
  double failure_rate = 0;                           ///< `unavailable`, at any time
  Trouble trouble = Trouble::none;
  Duration from{0}, until{0};
  Duration slow_latency{0};  ///< mean while slow
  double capacity = 0;       ///< calls a second while throttled; more are told to wait 1 s
};

/// A service in virtual time. A call sleeps on the clock for as long as it takes, and heeds the
/// deadline of its context. One thread at a time.
class SimulatedService {
 public:
  SimulatedService(ServicePlan plan, Clock& clock, Random& random)
      : plan_(plan), clock_(clock), random_(random), began_(clock.now()) {}

  Status call(const CallContext& context);

  std::uint64_t requests() const { return requests_; }
  std::uint64_t requests_in_trouble() const { return requests_in_trouble_; }
  /// From the end of the trouble to the first call after it that was answered.
  std::optional<Duration> noticed_after() const { return noticed_after_; }
  Duration age() const { return clock_.now() - began_; }
  bool is_in_trouble() const {
    return plan_.trouble != ServicePlan::Trouble::none && age() >= plan_.from &&
           age() < plan_.until;
  }

 private:
  Status answer(const CallContext& context, Duration takes, std::optional<Error> error);
  bool has_capacity();

  const ServicePlan plan_;
  Clock& clock_;
  Random& random_;
  const Clock::time_point began_;
  std::uint64_t requests_ = 0, requests_in_trouble_ = 0;
  double tokens_ = 1;
  Duration tokens_at_{0};
  std::optional<Duration> noticed_after_;
};

}  // namespace reelmill::simulation
