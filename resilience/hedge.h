// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "resilience/call_context.h"

namespace reelmill {

enum class HedgeWinner { not_hedged, first, second };

/// Makes a call, and when it is not back after `delay` and `may_hedge()` agrees, the same call a
/// second time beside it; the first success wins and the other is asked to stop. Both have ended
/// when this returns, so `call` may refer to the caller's variables, but it must be safe to run
/// twice at the same time and should heed its stop token. The first call runs on the caller's
/// thread, which may have a connection open; `may_hedge()` and the second run on another.
template <class Result, class MayHedge, class Call>
std::pair<Result, HedgeWinner> hedged_call(Clock& clock, Duration delay, const CallContext& context,
                                           MayHedge&& may_hedge, Call&& call) {
  std::stop_source stop_first, stop_second, first_done;
  std::optional<Result> first, second;
  std::exception_ptr first_thrown, second_thrown;
  const auto run = [&](std::stop_source& own, std::stop_source& other,
                       std::optional<Result>& result, std::exception_ptr& thrown) {
    CallContext mine = context;
    mine.stop = own.get_token();
    try {
      result.emplace(call(std::as_const(mine)));
      if (result->has_value()) other.request_stop();
    } catch (...) {
      thrown = std::current_exception();
    }
  };
  std::stop_callback forward(context.stop, [&] {
    stop_first.request_stop();
    stop_second.request_stop();
    first_done.request_stop();
  });
  const auto when = saturating_add(clock.now(), delay);
  bool is_hedged = false;
  std::jthread beside([&] {
    if (!clock.sleep_until(when, first_done.get_token()) || !may_hedge()) return;
    is_hedged = true;
    run(stop_second, stop_first, second, second_thrown);
  });
  run(stop_first, stop_second, first, first_thrown);
  first_done.request_stop();
  beside.join();

  if (second && second->has_value() && !(first && first->has_value())) {
    return {std::move(*second), HedgeWinner::second};
  }
  if (first_thrown) std::rethrow_exception(first_thrown);
  return {std::move(*first), is_hedged ? HedgeWinner::first : HedgeWinner::not_hedged};
}

}  // namespace reelmill
