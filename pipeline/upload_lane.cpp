// SPDX-License-Identifier: Apache-2.0
#include "pipeline/upload_lane.h"

#include <algorithm>
#include <functional>

#include "pipeline/batching_report.h"

namespace reelmill {
namespace {

/// Rows of the ledger asked for at a time.
constexpr int kPage = 256;
constexpr std::size_t kLeastWindow = 1024;
/// Enough for the largest batch to fill while as many as may be are under way.
std::size_t window_for(const BatchOptions& batch) {
  const auto batches = static_cast<std::size_t>(batch.max_in_flight) + 2;
  return std::max(kLeastWindow, batches * static_cast<std::size_t>(batch.max_batch_size));
}

}  // namespace

UploadLane::UploadLane(RunContext& context, const RunStage& stage, std::shared_ptr<Guard> guard,
                       Settle settle)
    : context_(context),
      stage_(stage),
      guard_(std::move(guard)),
      settle_(std::move(settle)),
      wanted_(stage.parts().call_stage->batching()),
      window_(window_for(stage.spec->batch)),
      queue_(stage.spec->batch, context.clock) {}

UploadLane::~UploadLane() {
  stop();
}

const std::string& UploadLane::id() const {
  return stage_.spec->id;
}

void UploadLane::start() {
  for (int i = 0; i < stage_.spec->lanes; ++i)
    threads_.emplace_back([this](std::stop_token stop) { work(stop); });
}

void UploadLane::stop() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
}

// --- waiting ---

void UploadLane::signal() {
  ++signals_;
  changed_.notify_one();
  settled_.notify_all();
}

void UploadLane::wake() {
  std::lock_guard lock(mutex_);
  has_more_rows_ = true;
  signal();
}

void UploadLane::guard_changed() {
  std::lock_guard lock(mutex_);
  signal();
}

void UploadLane::no_more(Duration patience) {
  std::lock_guard lock(mutex_);
  no_more_since_ = context_.clock.now();
  has_more_rows_ = true;  // the last commit's wake-up may still be on its way
  patience_ = patience;
  queue_.drain();
  signal();
}

/// Until somebody signalled after `seen`. One thread waits for the time, the others for a signal
/// only; whoever takes a call passes the signal on, since there may be more to send.
void UploadLane::wait(std::unique_lock<std::mutex>& lock, std::uint64_t seen,
                      Clock::time_point until, const std::stop_token& stop) {
  const auto is_signalled = [this, seen] { return signals_ != seen; };
  if (until >= alarm_) {
    changed_.wait(lock, stop, is_signalled);
    return;
  }
  alarm_ = until;
  changed_.wait_for(lock, stop, until - context_.clock.now(), is_signalled);
  if (alarm_ == until) alarm_ = Clock::time_point::max();
}

ServiceState UploadLane::service() const {
  const auto state = guard_->state();
  return {guard_->paused_until(), state != GuardState::closed, state == GuardState::needs_operator};
}

Clock::time_point UploadLane::patience_ends() const {
  if (!no_more_since_) return Clock::time_point::max();
  return saturating_add(std::max(*no_more_since_, last_success_), patience_);
}

bool UploadLane::has_lost_patience(const ServiceState& state, Clock::time_point now) const {
  if (!no_more_since_) return false;
  const auto ends = patience_ends();
  return state.paused_until > ends || (now >= ends && (is_failing_ || state.paused_until > now));
}

bool UploadLane::is_settled(const ServiceState& state, Clock::time_point now) const {
  if (in_service_ > 0) return false;
  if (has_lost_patience(state, now)) return true;
  return queue_.size() == 0 && !has_more_rows_ && !is_refilling_ && !state.needs_operator &&
         !is_held_;
}

void UploadLane::welcome_refused(const ServiceState& state) {
  const bool was_held = std::exchange(is_held_, state.needs_operator);
  if (is_held_ == was_held && !is_held_) return;
  for (auto& entries : refused_) add(std::move(entries), context_.clock.now());
  refused_.clear();
  if (is_held_ == was_held) return;
  ++signals_;
  settled_.notify_all();
}

/// Who reads "3 uploads are waiting" wants to know why.
void UploadLane::tell_of_failure(std::unique_lock<std::mutex>& lock) {
  if (queue_.size() == 0 || !is_failing_) return;
  const auto note = fmt::format("{}: the service takes nothing, what is left stays pending: {}",
                                id(), last_failure_);
  lock.unlock();
  context_.add_note(note);
}

void UploadLane::wait_until_settled(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto is_signalled = [this, seen = signals_] { return signals_ != seen; };
    lock.unlock();
    const auto state = service();
    lock.lock();
    const auto now = context_.clock.now();
    if (is_settled(state, now)) return tell_of_failure(lock);
    const auto until = patience_ends();
    if (until > now && until != Clock::time_point::max())
      settled_.wait_for(lock, stop, until - now, is_signalled);
    else
      settled_.wait(lock, stop, is_signalled);
  }
}

void UploadLane::work(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto seen = signals_;
    lock.unlock();
    const auto state = service();
    lock.lock();
    refill(lock);
    welcome_refused(state);
    const bool is_over = has_lost_patience(state, context_.clock.now());
    // At the end, what another thread is about to bring would otherwise travel apart.
    const bool is_early = no_more_since_ && is_refilling_;
    auto call = is_over || is_early ? std::nullopt : queue_.next(state);
    if (!call) {
      wait(lock, seen, is_over ? Clock::time_point::max() : queue_.wake_at(state), stop);
      continue;
    }
    ++in_service_;
    signal();  // the thread that wakes for the next one watches the time from now on
    lock.unlock();
    send(std::move(*call), stop);
    lock.lock();
    --in_service_;
    signal();
  }
}

// --- from the ledger ---

UploadLane::Entry UploadLane::entry_of(std::vector<PendingUpload> files) {
  Entry entry;
  for (const auto& file : files) entry.bytes += file.bytes;
  stage_.meter->took_in(static_cast<std::int64_t>(files.size()));
  entry.source = std::hash<std::string>{}(files.front().video);
  entry.item.files = std::move(files);
  entry.item.queued_at = context_.clock.now();
  return entry;
}

void UploadLane::refill(std::unique_lock<std::mutex>& lock) {
  if (is_refilling_) return;
  if (!has_resumed_ && wanted_.identity == BatchIdentity::object) resume_batches(lock);
  int page = kPage;
  while (has_more_rows_ && !is_refilling_ && queue_.size() < window_ / 2) {
    is_refilling_ = true;
    has_more_rows_ = false;  // a wake() meanwhile sets it again
    lock.unlock();
    auto rows = context_.ledger.pending_uploads(last_row_, page);
    lock.lock();
    is_refilling_ = false;
    ++signals_;
    settled_.notify_all();
    if (!rows) {
      context_.add_note("reading pending uploads: " + rows.error().message);
      return;
    }
    const bool is_full = rows->size() == static_cast<std::size_t>(page);
    if (is_full) has_more_rows_ = true;
    if (is_full && wanted_.unit == CallUnit::video) {
      // The last video may go on behind this page.
      auto end = rows->end();
      while (end != rows->begin() && std::prev(end)->video == rows->back().video) --end;
      if (end == rows->begin()) {
        page *= 2;
        continue;
      }
      rows->erase(end, rows->end());
    }
    if (!rows->empty()) last_row_ = rows->back().id;
    std::erase_if(*rows, [&](const PendingUpload& row) {
      return row.stage != id() || !row.batch.empty();  // those came back by resume_batches()
    });
    const auto now = context_.clock.now();
    for (std::size_t i = 0; i < rows->size();) {
      std::vector<PendingUpload> files;
      do {
        files.push_back(std::move((*rows)[i++]));
      } while (wanted_.unit == CallUnit::video && i < rows->size() &&
               (*rows)[i].video == files.front().video);
      queue_.add(entry_of(std::move(files)), now);
    }
  }
}

/// Batches that an earlier run sent, or was about to send, go as they were.
void UploadLane::resume_batches(std::unique_lock<std::mutex>& lock) {
  is_refilling_ = has_resumed_ = true;
  lock.unlock();
  auto rows = context_.ledger.batched_uploads(id());
  lock.lock();
  is_refilling_ = false;
  if (!rows) {
    context_.stop(StopReason::failed, rows.error().message);
    return;
  }
  for (std::size_t i = 0; i < rows->size();) {
    Entries together;
    const auto batch = (*rows)[i].batch;
    while (i < rows->size() && (*rows)[i].batch == batch) {
      std::vector<PendingUpload> files;
      const auto video = (*rows)[i].video;
      while (i < rows->size() && (*rows)[i].batch == batch && (*rows)[i].video == video)
        files.push_back(std::move((*rows)[i++]));
      together.push_back(entry_of(std::move(files)));
    }
    queue_.add_together(std::move(together), context_.clock.now());
  }
}

BatchingReport UploadLane::batching() const {
  std::lock_guard lock(mutex_);
  return batching_report(id(), queue_.snapshot(), queue_.history());
}

}  // namespace reelmill
