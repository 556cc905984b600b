// SPDX-License-Identifier: Apache-2.0
#include "pipeline/frame_lane.h"

#include <algorithm>

#include "base/path_text.h"
#include "pipeline/batching_report.h"

namespace reelmill {
namespace {

constexpr Duration kShortestWait = std::chrono::milliseconds(1);

}  // namespace

FrameLane::FrameLane(RunContext& context, const RunStage& stage, std::shared_ptr<Guard> guard,
                     std::size_t memory)
    : context_(context),
      stage_(stage),
      call_(*stage.parts().frame_call_stage),
      guard_(std::move(guard)),
      patience_(context.spec.limits.drain_timeout),
      memory_(memory),
      disk_(context.options.output, "keep frames for '" + stage.spec->id + "'"),
      queue_(stage.spec->batch, context.clock) {}

FrameLane::~FrameLane() {
  stop();
}

void FrameLane::start() {
  for (int i = 0; i < stage_.spec->lanes; ++i)
    threads_.emplace_back([this](std::stop_token stop) { work(stop); });
}

void FrameLane::stop() {
  cancel();
  threads_.clear();
  cancel();  // what calls under way had kept in the queue
}

void FrameLane::guard_changed() {
  const std::lock_guard lock(mutex_);
  signal();
}

/// Under the lock. One thread looks; when it leaves with a call, it wakes the next to keep watch.
void FrameLane::signal() {
  ++signals_;
  changed_.notify_one();
}

Status FrameLane::offer(const OfferedFrame& offered) {
  const FrameView& view = offered.view;
  Claim claim{offered.answers, offered.model, 0, offered.source,
              fmt::format("{}#{}", path_to_line(offered.video), view.index)};
  claim.number =
      offered.answers->expect(offered.model, {view.index, view.time_s, offered.slot, {}, {}, {}});
  stage_.meter->took_in();
  const auto bytes = call_.input_bytes(view.frame.width(), view.frame.height(), view.rotation);
  std::optional<ByteBudget::Lease> lease;
  {
    const std::lock_guard lock(mutex_);
    if (spilled_.empty() && !is_loading_) lease = memory_.try_acquire(bytes);
  }
  auto input = call_.convert(view);
  if (!input) {
    end(claim, FrameAnswer::State::set_aside, input.error().message);
    return {};
  }
  const auto now = context_.clock.now();
  if (lease) {
    add({std::move(claim), std::move(*input), std::move(*lease), {}, {}, false, false, now}, now);
    return {};
  }
  auto piece = disk_.write(input->data);
  if (!piece) {
    end(claim, FrameAnswer::State::cancelled, piece.error().message);
    return fail(std::move(piece).error());
  }
  input->data = {};
  Lock lock(mutex_);
  if (is_cancelled_) {
    lock.unlock();
    disk_.forget(*piece);
    end(claim, FrameAnswer::State::cancelled, "the run stopped");
    return {};
  }
  spilled_.push_back({std::move(claim), std::move(*input), *piece, now});
  signal();
  return {};
}

void FrameLane::add(Waiting frame, Clock::time_point ready_at) {
  Lock lock(mutex_);
  if (is_cancelled_) {
    lock.unlock();
    end(frame.claim, FrameAnswer::State::cancelled, "the run stopped");
    return;
  }
  const auto bytes = frame.input.data.size();
  const auto source = frame.claim.source;
  auto key = frame.input.key;
  queue_.add({std::move(frame), bytes, std::move(key), source}, ready_at);
  signal();
}

void FrameLane::add(std::vector<Queue::Entry> entries, Duration delay) {
  const auto ready_at = saturating_add(context_.clock.now(), delay);
  for (auto& entry : entries) add(std::move(entry.item), ready_at);
}

void FrameLane::add_together(std::vector<Queue::Entry> entries, Duration delay) {
  Lock lock(mutex_);
  if (!is_cancelled_) {
    queue_.add_together(std::move(entries), saturating_add(context_.clock.now(), delay));
    signal();
    return;
  }
  lock.unlock();
  end(entries, FrameAnswer::State::cancelled, "the run stopped");
}

/// Takes back from disk what fits into memory. Where nothing does, what is queued must leave.
void FrameLane::load_spilled(Lock& lock) {
  while (!spilled_.empty() && !is_loading_ && !is_cancelled_) {
    auto lease = memory_.try_acquire(spilled_.front().piece.bytes);
    if (!lease && witness_) {
      witness_.reset();
      continue;
    }
    if (!lease) {
      queue_.starving();
      return;
    }
    Spilled next = std::move(spilled_.front());
    spilled_.pop_front();
    is_loading_ = true;
    lock.unlock();
    auto data = disk_.take(next.piece);
    if (data) {
      next.input.data = std::move(*data);
      add({std::move(next.claim),
           std::move(next.input),
           std::move(*lease),
           {},
           {},
           false,
           false,
           next.queued_at},
          context_.clock.now());
    } else {
      end(next.claim, FrameAnswer::State::cancelled, data.error().message);
      context_.stop(StopReason::failed, data.error().message);
    }
    lock.lock();
    is_loading_ = false;
  }
}

ServiceState FrameLane::service() const {
  const auto state = guard_->state();
  return {guard_->paused_until(), state != GuardState::closed, state == GuardState::needs_operator};
}

bool FrameLane::has_lost_patience(const ServiceState& state) const {
  const auto now = context_.clock.now();
  if (state.needs_operator) return state.paused_until > now;  // else a frame may ask again
  return trouble_since_ && now - *trouble_since_ >= patience_ && state.paused_until > now;
}

/// Answers everything that waits. Under the lock, which it gives up meanwhile.
void FrameLane::give_up(Lock& lock, FrameAnswer::State state, std::string reason) {
  witness_.reset();
  auto entries = queue_.take_all();
  auto spilled = std::exchange(spilled_, {});
  lock.unlock();
  if (state == FrameAnswer::State::pending && entries.size() + spilled.size() > 0)
    note_pending(reason);
  end(entries, state, reason);
  for (auto& frame : spilled) {
    disk_.forget(frame.piece);
    end(frame.claim, state, reason);
  }
  lock.lock();
}

void FrameLane::cancel() {
  Lock lock(mutex_);
  is_cancelled_ = true;
  for (auto& thread : threads_) thread.request_stop();
  give_up(lock, FrameAnswer::State::cancelled, "the run stopped");
}

void FrameLane::work(std::stop_token stop) {
  Lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto seen = signals_;
    lock.unlock();
    const auto state = service();
    lock.lock();
    load_spilled(lock);
    if (has_lost_patience(state)) give_up(lock, FrameAnswer::State::pending, last_error_);
    if (auto call = queue_.next(state)) {
      signal();
      lock.unlock();
      send(std::move(*call), stop);
      lock.lock();
      signal();
    } else {
      wait(lock, seen, state, stop);
    }
  }
}

/// Until somebody signalled after `seen`, or it is time for something.
void FrameLane::wait(Lock& lock, std::uint64_t seen, const ServiceState& state,
                     const std::stop_token& stop) {
  const auto now = context_.clock.now();
  auto until = queue_.wake_at(state);
  if (trouble_since_ && queue_.size() + spilled_.size() > 0)
    if (const auto end = saturating_add(*trouble_since_, patience_); end > now)
      until = std::min(until, end);
  const auto is_signalled = [this, seen] { return signals_ != seen; };
  if (until == Clock::time_point::max())
    changed_.wait(lock, stop, is_signalled);
  else
    changed_.wait_for(lock, stop, std::max(until - now, kShortestWait), is_signalled);
}

BatchingReport FrameLane::batching() const {
  const std::lock_guard lock(mutex_);
  return batching_report(id(), queue_.snapshot(), queue_.history());
}

}  // namespace reelmill
