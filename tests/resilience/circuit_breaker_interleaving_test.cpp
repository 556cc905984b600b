// SPDX-License-Identifier: Apache-2.0
// Every order in which callers can take their steps, against the model. The steps are the calls of
// the public interface: each takes effect at one moment (one compare-and-swap, or one mutex), so
// their orders are all that threads can make of them.
//
// Two views: every order of given scripts, and every state that any scripts can reach.
#include <array>
#include <deque>
#include <unordered_set>

#include "tests/resilience/breaker_fixture.h"
#include "tests/resilience/breaker_model.h"

namespace reelmill::testing {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || defined(REELMILL_COVERAGE)
constexpr int longest_script = 4;  // 34,650 orders instead of 17,153,136
#else
constexpr int longest_script = 6;
#endif

enum class Step { acquire, succeed, fail, throttle, ignore, wait };
using Script = std::vector<Step>;

constexpr Duration wait_time = 6s;

CircuitBreakerOptions small_options() {
  return {.failure_threshold = 2,
          .success_threshold = 1,
          .timeout = 5s,
          .failure_rate_threshold = 0.5,
          .window_calls = 4,
          .minimum_calls = 3,
          .permitted_probes = 2,
          .probe_timeout = 4s,
          .max_timeout = 20s,
          .timeout_jitter = 0};
}

/// The breaker and the model, driven side by side.
class Pair {
 public:
  explicit Pair(const CircuitBreakerOptions& options, Duration wait = wait_time)
      : wait_(wait), breaker_("service", options, clock_), model_(options, clock_.now()) {}

  /// False when the two disagree.
  bool take(std::size_t caller, Step step) {
    auto& permit = permits_[caller];
    auto& ticket = tickets_[caller];
    const auto now = clock_.now();
    switch (step) {
      case Step::wait:
        clock_.advance(wait_);
        break;
      case Step::acquire: {
        if (permit) answer(*permit, *ticket, Step::ignore, now);
        auto got = breaker_.acquire();
        ticket = model_.acquire(now);
        permit.reset();
        if (got.has_value() != ticket.has_value()) return false;
        if (got) permit.emplace(std::move(*got));
        break;
      }
      case Step::succeed:
      case Step::fail:
      case Step::throttle:
      case Step::ignore:
        if (permit) answer(*permit, *ticket, step, now);
        permit.reset();
        ticket.reset();
        break;
    }
    model_.pass_time(clock_.now());
    return breaker_.state() == model_.state;
  }

  /// The same for the totals while permits are held.
  bool totals_agree_now() const {
    const auto s = breaker_.snapshot();
    return s.successes == model_.successes && s.failures == model_.failures &&
           s.ignored == model_.ignored && s.refused == model_.refused && s.stale == model_.stale &&
           s.trips == model_.trips;
  }
  bool holds(std::size_t caller) const { return permits_[caller].has_value(); }
  std::string fingerprint() const {
    std::vector<BreakerModel::Ticket> held;
    for (const auto& ticket : tickets_) {
      if (ticket) held.push_back(*ticket);
    }
    return model_.fingerprint(clock_.now(), held);
  }

  bool totals_agree() {
    for (auto& permit : permits_) {
      if (permit) permit->ignore();
    }
    for (auto& ticket : tickets_) {
      if (ticket) model_.report(*ticket, BreakerModel::Report::ignore, clock_.now());
    }
    const auto s = breaker_.snapshot();
    return s.successes == model_.successes && s.failures == model_.failures &&
           s.ignored == model_.ignored && s.refused == model_.refused && s.stale == model_.stale &&
           s.trips == model_.trips;
  }

 private:
  void answer(Permit& permit, const BreakerModel::Ticket& ticket, Step step,
              Clock::time_point now) {
    using Report = BreakerModel::Report;
    if (step == Step::succeed) permit.succeed();
    if (step == Step::fail) permit.fail(error(ErrorKind::unavailable));
    if (step == Step::throttle) permit.fail(error(ErrorKind::throttled));
    if (step == Step::ignore) permit.ignore();
    model_.report(ticket,
                  step == Step::succeed    ? Report::success
                  : step == Step::fail     ? Report::failure
                  : step == Step::throttle ? Report::throttled
                                           : Report::ignore,
                  now);
  }

  const Duration wait_;
  ManualClock clock_;
  CircuitBreaker breaker_;
  BreakerModel model_;
  std::array<std::optional<Permit>, 3> permits_;
  std::array<std::optional<BreakerModel::Ticket>, 3> tickets_;
};

/// Calls `visit` with every order of the callers' steps, as the row of callers.
template <class Visit>
void for_each_order(std::array<int, 3> left, std::vector<std::uint8_t>& order, Visit&& visit) {
  bool is_leaf = true;
  for (std::uint8_t caller = 0; caller < left.size(); ++caller) {
    if (left[caller] == 0) continue;
    is_leaf = false;
    --left[caller];
    order.push_back(caller);
    for_each_order(left, order, visit);
    order.pop_back();
    ++left[caller];
  }
  if (is_leaf) visit(order);
}

std::string describe(const std::array<Script, 3>& scripts, const std::vector<std::uint8_t>& order) {
  constexpr std::array names = {"acquire", "succeed", "fail", "throttle", "ignore", "wait"};
  std::string text;
  std::array<std::size_t, 3> next{};
  for (const auto caller : order) {
    text += fmt::format("{}:{} ", caller,
                        names[static_cast<std::size_t>(scripts[caller][next[caller]++])]);
  }
  return text;
}

std::uint64_t run_every_order(std::array<Script, 3> scripts, std::size_t longest,
                              const CircuitBreakerOptions& options) {
  std::array<int, 3> left{};
  for (std::size_t i = 0; i < 3; ++i) {
    scripts[i].resize(std::min(scripts[i].size(), longest), Step::wait);
    left[i] = static_cast<int>(scripts[i].size());
  }
  std::uint64_t orders = 0;
  std::vector<std::uint8_t> order;
  for_each_order(left, order, [&](const std::vector<std::uint8_t>& complete) {
    ++orders;
    if (::testing::Test::HasFailure()) return;
    Pair pair(options);
    std::array<std::size_t, 3> next{};
    for (const auto caller : complete) {
      if (!pair.take(caller, scripts[caller][next[caller]++])) {
        ADD_FAILURE() << "state differs from the model in: " << describe(scripts, complete);
        return;
      }
    }
    if (!pair.totals_agree()) {
      ADD_FAILURE() << "totals differ from the model in: " << describe(scripts, complete);
    }
  });
  return orders;
}

struct Move {
  std::size_t caller;
  Step step;
};

/// Follows every state that three callers can bring about with any steps in any order, each state
/// once, until there are no new ones or `most` were seen. A breaker cannot be copied, so each is
/// reached again from the start. Returns how many states there are.
std::size_t explore(const CircuitBreakerOptions& options, Duration wait, std::size_t most) {
  std::unordered_set<std::string> seen;
  std::deque<std::vector<Move>> to_do = {{}};
  seen.insert(Pair(options, wait).fingerprint());
  while (!to_do.empty() && seen.size() < most && !::testing::Test::HasFailure()) {
    const std::vector<Move> path = std::move(to_do.front());
    to_do.pop_front();
    const auto replay = [&](Pair& pair) {
      for (const Move& move : path) pair.take(move.caller, move.step);
    };
    Pair here(options, wait);
    replay(here);
    std::vector<Move> next = {{0, Step::wait}};
    for (std::size_t caller = 0; caller < 3; ++caller) {
      if (!here.holds(caller)) {
        next.push_back({caller, Step::acquire});
        continue;
      }
      for (const Step step : {Step::succeed, Step::fail, Step::throttle, Step::ignore}) {
        next.push_back({caller, step});
      }
    }
    for (const Move& move : next) {
      Pair pair(options, wait);
      replay(pair);
      if (!pair.take(move.caller, move.step) || !pair.totals_agree_now()) {
        ADD_FAILURE() << "differs from the model after " << path.size() + 1 << " steps, in "
                      << pair.fingerprint();
        return seen.size();
      }
      if (!seen.insert(pair.fingerprint()).second) continue;
      to_do.push_back(path);
      to_do.back().push_back(move);
    }
  }
  return seen.size();
}

constexpr auto A = Step::acquire, S = Step::succeed, F = Step::fail, T = Step::throttle,
               I = Step::ignore, W = Step::wait;

TEST(CircuitBreakerInterleavings, EveryOrderOfThreeCallersWithSixStepsAgreesWithTheModel) {
  const auto orders = run_every_order(
      {Script{A, F, A, F, A, S}, Script{A, S, W, A, F, W}, Script{A, F, W, A, I, A}},
      longest_script, small_options());
  EXPECT_EQ(orders, longest_script == 6 ? 17'153'136u : 34'650u);
}

TEST(CircuitBreakerInterleavings, OfUnevenScriptsAgreeWithTheModel) {
  const std::vector<std::array<Script, 3>> all = {
      {Script{A, F}, Script{A, F, A, S}, Script{W, W, A, T, A}},
      {Script{A, T, A, T}, Script{A, S, A, F}, Script{A, F, W, A}},
      {Script{A, A, A, F}, Script{A, I, A, F}, Script{W, A, W, S}},
      {Script{A, F, A, F}, Script{A, W, S}, Script{A, W, W, F}},
      {Script{A, F, A, F, W}, Script{A, W, A, S}, Script{W, A, S}},
  };
  for (const auto& scripts : all) run_every_order(scripts, longest_script, small_options());
}

TEST(CircuitBreakerInterleavings, AgreeWithTheModelWhereEveryProbeMustSucceed) {
  auto options = small_options();
  options.success_threshold = 2;
  run_every_order({Script{A, F, W, A, S}, Script{A, F, A, S}, Script{A, W, A, F}}, longest_script,
                  options);
}

TEST(CircuitBreakerInterleavings, EveryStateThatThreeCallersCanReachAgreesWithTheModel) {
  // Times divide by the wait, so that the states are few enough to be followed to the last.
  auto options = small_options();
  options.timeout = 3s;
  options.probe_timeout = 3s;
  options.max_timeout = 6s;
  constexpr std::size_t most = longest_script == 6 ? 20'000 : 1'000;
  const std::size_t states = explore(options, 3s, most);
  EXPECT_GT(states, 500u);
  if (longest_script == 6) {
    EXPECT_LT(states, most) << "some were not followed";
  }
}

TEST(CircuitBreakerInterleavings, AgreeWithTheModelWithoutTimeouts) {
  auto options = small_options();
  options.timeout = options.probe_timeout = 0s;
  run_every_order({Script{A, F, A, F}, Script{A, S, A, F}, Script{A, F, W, A}}, longest_script,
                  options);
}

}  // namespace
}  // namespace reelmill::testing
