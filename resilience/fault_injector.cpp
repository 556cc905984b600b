// SPDX-License-Identifier: Apache-2.0
#include "resilience/fault_injector.h"

#include <algorithm>

namespace reelmill {

FaultInjector::FaultInjector(std::vector<FaultRule> rules, Random& random, Clock& clock)
    : rules_(std::move(rules)), clock_(clock), began_(clock.now()), random_(random) {}

bool FaultInjector::strikes(const FaultRule& rule) {
  const Duration age = clock_.now() - began_;
  if (age < rule.from || age >= rule.until) return false;
  if (rule.probability >= 1) return true;
  std::lock_guard lock(mutex_);
  return random_.uniform() < rule.probability;
}

Status FaultInjector::before_call(const CallContext& context) {
  for (const FaultRule& rule : rules_) {
    if (!strikes(rule)) continue;
    if (rule.delay > Duration::zero()) {
      const auto done = saturating_add(clock_.now(), rule.delay);
      if (!clock_.sleep_until(std::min(done, context.deadline), context.stop)) {
        return fail(ErrorKind::cancelled, "injected delay: told to stop");
      }
      if (context.deadline < done) return fail(ErrorKind::timeout, "injected delay");
    }
    if (rule.error) {
      return tl::unexpected<Error>(
          Error{*rule.error, "injected fault", rule.retry_after, rule.was_sent});
    }
  }
  return {};
}

}  // namespace reelmill
