// SPDX-License-Identifier: Apache-2.0
#include "pipeline/upload_lane.h"

#include <algorithm>

#include "base/log.h"
#include "base/path_text.h"
#include "resilience/failure_class.h"

namespace reelmill {
namespace {

/// Rows of the ledger held in memory, and asked for at a time.
constexpr std::size_t kWindow = 1024;
constexpr int kPage = 256;
/// A lane with nothing to do looks again after so long, in case a wake-up was missed.
constexpr Duration kIdleLook = std::chrono::seconds(1);
/// An item that gave up so often while others were served is left for the next run.
constexpr int kFruitlessRounds = 2;

CallItem call_item(const PendingUpload& upload, const std::filesystem::path& output, int attempt) {
  CallItem item;
  item.video = upload.video;
  item.file = output / upload.file;
  item.name = upload.name;
  item.content_type = upload.content_type;
  item.bytes = upload.bytes;
  item.sha256 = upload.sha256;
  item.attempt = attempt;
  return item;
}

/// What the outcomes of one batch say about the service: that it fails, if for any item; that it
/// works, if for any; else why it takes nothing.
Result<void> verdict(const std::vector<Result<CallOutcome>>& outcomes) {
  const Error* refusal = nullptr;
  bool is_served = false;
  for (const auto& outcome : outcomes) {
    if (outcome)
      is_served = true;
    else if (classify(outcome.error().kind) == FailureClass::service_failure)
      return fail(outcome.error());
    else if (refusal == nullptr)
      refusal = &outcome.error();
  }
  if (is_served || refusal == nullptr) return {};
  return fail(*refusal);
}

}  // namespace

UploadLane::UploadLane(RunContext& context, const RunStage& stage, std::shared_ptr<Guard> guard,
                       Settle settle)
    : context_(context), stage_(stage), guard_(std::move(guard)), settle_(std::move(settle)) {
  batching_.stage = stage.spec->id;
  batching_.strategy = to_string(stage.spec->batch.strategy);
}

UploadLane::~UploadLane() {
  stop();
}

void UploadLane::signal() {
  ++signals_;
  changed_.notify_all();
}

const std::string& UploadLane::id() const {
  return stage_.spec->id;
}

void UploadLane::start() {
  for (int i = 0; i < stage_.spec->lanes; ++i)
    threads_.emplace_back([this](std::stop_token stop) { work(stop); });
}

void UploadLane::wake() {
  std::lock_guard lock(mutex_);
  has_more_rows_ = true;
  signal();
}

void UploadLane::stop() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
}

void UploadLane::no_more(Duration patience) {
  std::lock_guard lock(mutex_);
  no_more_since_ = context_.clock.now();
  has_more_rows_ = true;  // the last commit's wake-up may still be on its way
  patience_ = patience;
  signal();
}

bool UploadLane::is_settled() const {
  std::lock_guard lock(mutex_);
  if (in_service_ > 0) return false;
  if (has_lost_patience(context_.clock.now())) return true;
  return waiting_.empty() && !has_more_rows_ && !is_refilling_ &&
         guard_->state() != GuardState::needs_operator && !is_held_;
}

bool UploadLane::has_lost_patience(Clock::time_point now) const {
  if (!no_more_since_) return false;
  const auto ends = saturating_add(std::max(*no_more_since_, last_success_), patience_);
  const auto paused = guard_->paused_until();
  return paused > ends || (now >= ends && (is_failing_ || paused > now));
}

void UploadLane::work(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    refill(lock);
    auto ask_again = context_.clock.now() + kIdleLook;
    Batch batch = take(ask_again);
    if (batch.empty()) {
      changed_.wait_for(lock, stop, ask_again - context_.clock.now(),
                        [this, seen = signals_] { return signals_ != seen; });
      continue;
    }
    ++in_service_;
    lock.unlock();
    send(std::move(batch), stop);
    lock.lock();
    --in_service_;
    signal();
  }
}

void UploadLane::refill(std::unique_lock<std::mutex>& lock) {
  while (has_more_rows_ && !is_refilling_ && waiting_.size() < kWindow / 2) {
    is_refilling_ = true;
    has_more_rows_ = false;  // a wake() meanwhile sets it again
    lock.unlock();
    auto rows = context_.ledger.pending_uploads(last_row_, kPage);
    lock.lock();
    is_refilling_ = false;
    if (!rows) {
      context_.add_note("reading pending uploads: " + rows.error().message);
      return;
    }
    if (!rows->empty()) {
      last_row_ = rows->back().id;
      has_more_rows_ = true;
    }
    const auto now = context_.clock.now();
    for (auto& row : *rows) {
      if (row.stage != id()) continue;
      stage_.meter->took_in();
      waiting_.emplace(now, Item{std::move(row), now, now});
    }
  }
}

UploadLane::Batch UploadLane::take(Clock::time_point& ask_again) {
  const auto now = context_.clock.now();
  if (has_lost_patience(now)) return {};
  welcome_refused(now);
  if (const auto paused = guard_->paused_until(); paused > now) {
    ask_again = std::min(ask_again, paused);
    return {};
  }
  const auto& options = stage_.spec->batch;
  const auto ready =
      static_cast<std::size_t>(std::distance(waiting_.begin(), waiting_.upper_bound(now)));
  if (ready == 0) {
    if (!waiting_.empty()) ask_again = std::min(ask_again, waiting_.begin()->first);
    return {};
  }
  if (in_service_ >= options.max_in_flight) return {};
  const auto wanted = static_cast<std::size_t>(options.initial_batch_size);
  const auto oldest = waiting_.begin()->second.queued_at;
  const bool is_last = no_more_since_.has_value();
  const char* reason = ready >= wanted ? "size" : is_last ? "drain" : "deadline";
  if (ready < wanted && !is_last && now - oldest < options.max_wait) {
    ask_again = std::min(ask_again, oldest + options.max_wait);
    return {};
  }
  Batch batch;
  std::uint64_t bytes = 0;
  while (batch.size() < std::min(ready, wanted)) {
    auto next = waiting_.begin();
    if (!batch.empty() && bytes + next->second.upload.bytes > options.max_bytes) {
      reason = "bytes";
      break;
    }
    bytes += next->second.upload.bytes;
    batch.push_back(std::move(next->second));
    waiting_.erase(next);
  }
  ++batching_.batches;
  batching_.items += batch.size();
  ++reasons_[reason];
  return batch;
}

void UploadLane::send(Batch batch, std::stop_token stop) {
  const auto began = context_.clock.now();
  CallContext call;
  call.stop = stop;
  call.item = batch.front().upload.name;
  std::vector<CallItem> items;
  for (auto& item : batch) {
    // A session whose time ran out while its item waited for a lane begins anew.
    if (!item.session || item.session->deadline() <= began) {
      item.session.emplace(guard_->begin(Idempotency::idempotent));
      item.began = began;
    }
    call.deadline = std::min(call.deadline, item.session->deadline());
    items.push_back(call_item(item.upload, context_.options.output, item.session->attempts() + 1));
  }
  std::vector<Result<CallOutcome>> outcomes;
  const auto attempted = guard_->attempt(call, [&](const CallContext& inner) -> Result<void> {
    outcomes = stage_.parts().call_stage->call(items, inner);
    return verdict(outcomes);
  });
  const auto each = (context_.clock.now() - began) / static_cast<Duration::rep>(batch.size());
  if (outcomes.size() != batch.size())
    outcomes.assign(batch.size(),
                    fail(attempted ? Error{ErrorKind::internal, "no outcome"} : attempted.error()));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    stage_.meter->waited(began - batch[i].queued_at);
    if (outcomes[i]) {
      stage_.meter->put_out(each);
      succeeded(std::move(batch[i]), *outcomes[i]);
    } else {
      stage_.meter->worked(each);
      failed(std::move(batch[i]), outcomes[i].error());
    }
  }
}

void UploadLane::succeeded(Item item, const CallOutcome& outcome) {
  item.session->succeeded();
  {
    std::lock_guard lock(mutex_);
    last_success_ = context_.clock.now();
    is_failing_ = false;
  }
  context_.counters.objects_uploaded += 1;
  context_.counters.bytes_uploaded += item.upload.bytes;
  settle_([this, id = item.upload.id, bytes = item.upload.bytes, location = outcome.location] {
    context_.ledger.record_uploaded(id, location, bytes, [this](Status status) {
      if (!status) context_.stop(StopReason::failed, status.error().message);
    });
  });
}

void UploadLane::failed(Item item, const Error& error) {
  if (error.kind == ErrorKind::cancelled) {
    come_back(std::move(item), Duration{0});
    return;
  }
  const bool is_final =
      error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::not_found;
  if (is_final) {
    std::ignore = item.session->next_delay(error);  // counts it, and says never
    stage_.meter->failed();
    spdlog::warn("{}: {}", path_to_line(item.upload.video), error.message);
    context_.add_failure({item.upload.video, id(), "upload_refused", error.message});
    settle_([this, row = item.upload.id,
             reason = QuarantineReason{id(), "upload_refused", error.message}] {
      context_.ledger.record_upload_refused(row, reason, [this](Status status) {
        if (!status) context_.stop(StopReason::failed, status.error().message);
      });
    });
    return;
  }
  const bool is_own_refusal =
      error.kind == ErrorKind::rejected || error.kind == ErrorKind::circuit_open;
  if (!is_own_refusal) context_.ledger.record_upload_attempt(item.upload.id, error.message);
  if (classify(error.kind) == FailureClass::refused) return refused(std::move(item), error);
  if (!is_own_refusal) {
    std::lock_guard lock(mutex_);
    is_failing_ = true;
  }
  if (const auto delay = item.session->next_delay(error)) {
    come_back(std::move(item), *delay);
  } else {
    set_aside(std::move(item), error);
  }
}

void UploadLane::refused(Item item, const Error& error) {
  if (!has_noted_refusal_.exchange(true))
    context_.add_note(
        fmt::format("{}: {}: what is refused stays pending; mend the cause, then run again", id(),
                    error.message));
  std::ignore = item.session->next_delay(error);  // counts it, and says never
  item.session.reset();
  std::lock_guard lock(mutex_);
  refused_.push_back(std::move(item));
  signal();
}

void UploadLane::welcome_refused(Clock::time_point now) {
  const bool was_held = std::exchange(is_held_, guard_->state() == GuardState::needs_operator);
  if (!is_held_ && !was_held) return;
  for (auto& item : refused_) {
    item.ready_at = now;
    waiting_.emplace(now, std::move(item));
  }
  refused_.clear();
}

void UploadLane::set_aside(Item item, const Error& error) {
  bool are_others_served = false;
  {
    std::lock_guard lock(mutex_);
    are_others_served = last_success_ > item.began;
  }
  if (are_others_served && ++item.fruitless_rounds >= kFruitlessRounds) {
    stage_.meter->failed();
    if (!has_noted_give_up_.exchange(true))
      context_.add_note(fmt::format("{}: gave up for this run on some items, they stay pending: {}",
                                    id(), error.message));
    return;
  }
  item.session.reset();
  const auto rest = guard_->options().retry.value_or(RetryOptions{}).max_delay;
  come_back(std::move(item), std::max(rest, error.retry_after));
}

void UploadLane::come_back(Item item, Duration delay) {
  std::lock_guard lock(mutex_);
  item.ready_at = saturating_add(context_.clock.now(), delay);
  const auto at = item.ready_at;
  waiting_.emplace(at, std::move(item));
  signal();
}

BatchingReport UploadLane::batching() const {
  std::lock_guard lock(mutex_);
  BatchingReport report = batching_;
  report.mean_size = report.batches == 0
                         ? 0
                         : static_cast<double>(report.items) / static_cast<double>(report.batches);
  report.reasons.assign(reasons_.begin(), reasons_.end());
  return report;
}

}  // namespace reelmill
