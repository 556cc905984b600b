// SPDX-License-Identifier: Apache-2.0
// FrameLane: one call, and what becomes of its frames.
#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "base/log.h"
#include "pipeline/call_verdict.h"
#include "pipeline/frame_lane.h"

namespace reelmill {
namespace {

/// A frame in doubt is tried again so often, until the service has shown that it works for others.
constexpr Duration kDoubt = std::chrono::seconds(2);
/// Refused credentials and full quotas are tried again so soon; the guard knows when to stop.
constexpr Duration kOperatorRetry = std::chrono::seconds(1);

/// The service answered, and the answer is about these frames.
bool is_about_frames(ErrorKind kind) {
  return kind == ErrorKind::invalid_input || kind == ErrorKind::internal;
}

bool is_own_refusal(ErrorKind kind) {
  return kind == ErrorKind::rejected || kind == ErrorKind::circuit_open ||
         kind == ErrorKind::cancelled;
}

bool needs_operator(ErrorKind kind) {
  return kind == ErrorKind::denied || kind == ErrorKind::exhausted || kind == ErrorKind::not_found;
}

}  // namespace

/// Frames of scans that nobody wants any more are not sent.
void FrameLane::drop_unwanted(Queue::Outgoing& call) {
  std::erase_if(call.entries, [&](Queue::Entry& entry) {
    const auto& claim = entry.item.claim;
    if (!claim.answers->is_abandoned()) return false;
    end(claim, FrameAnswer::State::cancelled, "not wanted any more");
    return true;
  });
}

/// Who has no session yet, or one whose time ran out in the queue, begins one with the others.
CallContext FrameLane::begin_attempt(Queue::Outgoing& call, std::stop_token stop) {
  const auto now = context_.clock.now();
  std::shared_ptr<SharedRetry> fresh;
  CallContext attempt;
  for (auto& entry : call.entries) {
    auto& frame = entry.item;
    if (frame.session == nullptr || frame.session->deadline() <= now) {
      if (fresh == nullptr)
        fresh = std::make_shared<SharedRetry>(guard_->begin(Idempotency::idempotent));
      frame.session = fresh;
    }
    attempt.deadline = std::min(attempt.deadline, frame.session->deadline());
    attempt.attempt = std::max(attempt.attempt, frame.session->attempts() + 1);
    if (!frame.is_witness) stage_.meter->waited(now - std::exchange(frame.queued_at, now));
  }
  attempt.stop = std::move(stop);
  attempt.item = call.entries.front().item.claim.name;
  attempt.work_units = static_cast<double>(call.entries.size());
  attempt.expected_duration = call.predicted;
  return attempt;
}

void FrameLane::send(Queue::Outgoing call, std::stop_token stop) {
  drop_unwanted(call);
  if (call.entries.empty()) {
    const std::lock_guard lock(mutex_);
    queue_.abandoned(call);
    return;
  }
  std::vector<const FrameInput*> inputs;
  for (const auto& entry : call.entries) inputs.push_back(&entry.item.input);
  std::mutex answered;  // a hedge makes the call twice at once
  std::optional<FrameCallFailure> failure;
  std::vector<FrameOutput> outputs;
  Duration took{0};
  const auto attempt = begin_attempt(call, std::move(stop));
  const auto make_call = [&](const CallContext& inner) -> Status {
    const auto began = context_.clock.now();
    FrameCallAnswer answer;
    try {
      answer = call_.call(inputs, inner);
    } catch (const std::exception& fault) {
      return fail(ErrorKind::internal, "{}: a fault of the stage: {}", id(), fault.what());
    }
    if (answer && answer->size() != inputs.size())
      answer = tl::unexpected(FrameCallFailure{
          {ErrorKind::internal,
           fmt::format("{}: {} outputs for {} frames", id(), answer->size(), inputs.size())},
          {}});
    const std::lock_guard lock(answered);
    if (outputs.empty()) took = context_.clock.now() - began;
    if (answer) {
      outputs = std::move(*answer);
      return {};
    }
    failure = std::move(answer).error();
    return fail(failure->error);
  };
  const auto attempted = guard_->hedged_attempt(Idempotency::idempotent, attempt, make_call);
  const int n = static_cast<int>(call.entries.size());
  if (!attempted && !failure) failure = FrameCallFailure{attempted.error(), {}};
  {
    const std::lock_guard lock(mutex_);
    if (attempted || was_cut_off(failure->error, took) || is_about_frames(failure->error.kind))
      queue_.completed(call, took, attempted ? n : 0);
    else
      queue_.abandoned(call);
  }
  if (attempted) {
    succeeded(std::move(call), std::move(outputs), took / n);
  } else {
    stage_.meter->worked(took);
    failed(std::move(call), *failure);
  }
}

void FrameLane::succeeded(Queue::Outgoing call, std::vector<FrameOutput> outputs, Duration each) {
  {
    const std::lock_guard lock(mutex_);
    last_success_ = context_.clock.now();
    trouble_since_.reset();
  }
  keep_witness(call.entries.front().item.input);
  if (call.entries.size() == 1 && call.entries.front().item.is_accused) is_misled_ = true;
  std::set<SharedRetry*> ended;
  for (std::size_t i = 0; i < call.entries.size(); ++i) {
    auto& frame = call.entries[i].item;
    if (ended.insert(frame.session.get()).second) frame.session->succeeded();
    if (!frame.is_witness) stage_.meter->put_out(each);
    frame.memory.give_back();
    frame.claim.answers->bring(frame.claim.model, frame.claim.number, std::move(outputs[i]));
  }
}

void FrameLane::failed(Queue::Outgoing call, const FrameCallFailure& failure) {
  const auto& error = failure.error;
  if (call.entries.front().item.is_witness) {  // which always goes alone
    if (is_own_refusal(error.kind))
      add_together(std::move(call.entries), error.retry_after);
    else
      end(call.entries, FrameAnswer::State::cancelled, error.message);
    return;
  }
  if (is_own_refusal(error.kind)) {  // no attempt was made
    add(std::move(call.entries), error.retry_after);
    return;
  }
  const auto now = context_.clock.now();
  for (auto& entry : call.entries)
    if (!entry.item.first_failed_at) entry.item.first_failed_at = now;
  {
    const std::lock_guard lock(mutex_);
    if (!trouble_since_) trouble_since_ = now;
    last_error_ = error.message;
  }
  if (needs_operator(error.kind)) {
    context_.add_note(fmt::format("{}: {}", id(), error.message));
    if (is_lasting_trouble(now)) {
      end(call.entries, FrameAnswer::State::pending, error.message);
    } else {
      // Another frame speaks for the batch the next time: refusals of one frame hold nothing.
      const auto failing_for = now - *call.entries.front().item.first_failed_at;
      std::rotate(call.entries.begin(), call.entries.begin() + 1, call.entries.end());
      add(std::move(call.entries), std::min(std::max(kOperatorRetry, failing_for), patience_ / 4));
    }
  } else if (is_about_frames(error.kind) && call.entries.size() > 1 && !is_lasting_trouble(now)) {
    split(std::move(call.entries), failure.culprit);
  } else {
    retry(std::move(call.entries), error);
  }
}

void FrameLane::retry(std::vector<Queue::Entry> entries, const Error& error) {
  Error about_service = error;
  // What the service fails at may work the next time.
  if (error.kind == ErrorKind::internal) about_service.kind = ErrorKind::unavailable;
  // Frames that failed before in other company have sessions of their own: each decides once.
  std::map<SharedRetry*, std::optional<Duration>> delays;
  for (const auto& entry : entries) {
    auto* session = entry.item.session.get();
    if (!delays.contains(session)) delays[session] = session->next_delay(about_service);
  }
  const auto now = context_.clock.now();
  std::vector<Queue::Entry> exhausted;
  for (auto& entry : entries) {
    if (const auto delay = delays[entry.item.session.get()])
      add(std::move(entry.item), saturating_add(now, *delay));
    else
      exhausted.push_back(std::move(entry));
  }
  if (!exhausted.empty()) doubt(std::move(exhausted), error);
}

/// Into halves, or into the frame that the service named and the others. Each part is proven by a
/// call of its own, and a service that named a wrong one is not listened to any more: otherwise a
/// batch would lose one frame a call.
void FrameLane::split(std::vector<Queue::Entry> entries, std::optional<std::size_t> culprit) {
  auto middle = entries.begin() + static_cast<std::ptrdiff_t>(entries.size() / 2);
  if (culprit && *culprit < entries.size() && !is_misled_) {
    std::rotate(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(*culprit),
                entries.begin() + static_cast<std::ptrdiff_t>(*culprit) + 1);
    middle = entries.begin() + 1;
    entries.front().item.is_accused = true;
  }
  for (auto& entry : entries) entry.item.session.reset();
  std::vector<Queue::Entry> second(std::make_move_iterator(middle),
                                   std::make_move_iterator(entries.end()));
  entries.erase(middle, entries.end());
  add_together(std::move(second), Duration{0});
  add_together(std::move(entries), Duration{0});
}

/// Frames that were tried often enough. They are at fault when the service has taken others since;
/// otherwise the service may be.
void FrameLane::doubt(std::vector<Queue::Entry> entries, const Error& error) {
  const auto now = context_.clock.now();
  const auto failing_for = now - *entries.front().item.first_failed_at;
  const bool has_taken_others = takes_others_since(*entries.front().item.first_failed_at);
  const bool is_about_them = has_taken_others && is_about_frames(error.kind);
  if (is_lasting_trouble(now) && !is_about_them) {
    note_pending(error.message);
    end(entries, FrameAnswer::State::pending, error.message);
  } else if (has_taken_others && entries.size() > 1) {
    split(std::move(entries), {});
  } else if (is_about_them || (has_taken_others && failing_for >= patience_)) {
    stage_.meter->failed();
    end(entries, FrameAnswer::State::set_aside, error.message);
  } else {
    send_witness();
    for (auto& entry : entries) entry.item.session.reset();
    // Without company: they would make it fail, and it might be long in coming.
    add_together(std::move(entries), std::min(std::max(kDoubt, failing_for), patience_ / 4));
  }
}

/// Where there is room: frames that wait go first.
void FrameLane::keep_witness(const FrameInput& input) {
  const std::lock_guard lock(mutex_);
  if (witness_ || is_cancelled_ || !spilled_.empty()) return;
  if (auto lease = memory_.try_acquire(input.data.size()))
    witness_.emplace(Witness{input, std::move(*lease)});
}

void FrameLane::send_witness() {
  const std::lock_guard lock(mutex_);
  if (!witness_ || is_cancelled_) return;
  auto nobody = std::make_shared<FrameAnswers>(1);
  const auto number = nobody->expect(0, {});
  const auto bytes = witness_->input.data.size();
  auto key = witness_->input.key;
  std::vector<Queue::Entry> alone;
  alone.push_back({{.claim = {std::move(nobody), 0, number, 0, "a frame that was taken before"},
                    .input = std::move(witness_->input),
                    .memory = std::move(witness_->memory),
                    .session = {},
                    .first_failed_at = {},
                    .is_witness = true,
                    .queued_at = context_.clock.now()},
                   bytes,
                   std::move(key),
                   0});
  witness_.reset();
  queue_.add_together(std::move(alone), context_.clock.now());
  signal();
}

bool FrameLane::takes_others_since(Clock::time_point when) const {
  const std::lock_guard lock(mutex_);
  return last_success_ > when;
}

/// The service has taken nothing for so long that waiting must end.
bool FrameLane::is_lasting_trouble(Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  return trouble_since_ && now - *trouble_since_ >= patience_;
}

void FrameLane::note_pending(const std::string& reason) {
  context_.add_note(
      fmt::format("{}: the service takes nothing; videos that wait for it are left to "
                  "the next run: {}",
                  id(), reason));
}

void FrameLane::end(std::vector<Queue::Entry>& entries, FrameAnswer::State state,
                    const std::string& reason) {
  for (auto& entry : entries) {
    entry.item.memory.give_back();
    end(entry.item.claim, state, reason);
  }
}

void FrameLane::end(const Claim& claim, FrameAnswer::State state, const std::string& reason) {
  claim.answers->bring(claim.model, claim.number, state, reason);
}

}  // namespace reelmill
