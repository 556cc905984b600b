// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/analysis_plan.h"
#include "pipeline/call_queue.h"
#include "pipeline/run_context.h"
#include "pipeline/upload_unit.h"
#include "resilience/guard.h"
#include "stages/api/call_stage.h"

namespace reelmill {

/// The threads that make one call stage's calls. Takes files that wait from the ledger, a window at
/// a time, so that a night's backlog costs no memory; sends them in batches through the guard;
/// items that failed come back with a not-before time and hold no thread. While the guard's breaker
/// is open the lane holds its queue. An item that used up its attempts while nobody was served
/// tries afresh after a rest: that was the service, not the item. A thread wakes when there is
/// something to send, and not otherwise. Thread-safe.
class UploadLane {
 public:
  /// Puts something that became of a call on its way to the ledger.
  using Settle = std::function<void(std::function<void()>)>;

  UploadLane(RunContext& context, const RunStage& stage, std::shared_ptr<Guard> guard,
             Settle settle);
  ~UploadLane();  ///< stops and joins

  const std::string& id() const;
  void start();
  /// Rows were added to the ledger.
  void wake();
  /// The guard is in another state.
  void guard_changed();
  /// Analysis has ended: from now on the lane gives up when nothing arrives for `patience`, or when
  /// an operator is needed.
  void no_more(Duration patience);
  /// Waits until nothing is left that this run would still try.
  void wait_until_settled(std::stop_token stop);
  void stop();

  BatchingReport batching() const;

 private:
  using Queue = CallQueue<UploadUnit>;
  using Entry = Queue::Entry;
  using Entries = std::vector<Entry>;
  struct Arrived {
    Ledger::Uploaded row;
    std::string location;
  };

  void work(std::stop_token stop);
  void signal();  ///< under the lock: something changed
  void wait(std::unique_lock<std::mutex>& lock, std::uint64_t seen, Clock::time_point until,
            const std::stop_token& stop);
  ServiceState service() const;  ///< not under the lock: it may make the guard tell of an event
  bool is_settled(const ServiceState& state, Clock::time_point now) const;
  bool has_lost_patience(const ServiceState& state, Clock::time_point now) const;
  Clock::time_point patience_ends() const;
  void welcome_refused(const ServiceState& state);
  void tell_of_failure(std::unique_lock<std::mutex>& lock);

  void refill(std::unique_lock<std::mutex>& lock);
  void resume_batches(std::unique_lock<std::mutex>& lock);
  Entry entry_of(std::vector<PendingUpload> files);

  void send(Queue::Outgoing call, std::stop_token stop);
  Status name_batch(Entries& entries);
  std::vector<Result<CallOutcome>> make_call(const std::vector<CallItem>& items,
                                             const CallContext& attempt, Duration& service_time);
  void judge(Queue::Outgoing& call, const std::vector<Result<CallOutcome>>& outcomes,
             Duration service_time);
  void record(const std::vector<Arrived>& arrived);
  void failed_together(Entries entries, const Error& error);
  void failed_alone(Entry entry, const Error& error);
  void refused(const PendingUpload& upload, const Error& error);
  void refused_all(Entries entries, const Error& error);
  void set_aside(Entries entries, const Error& error);
  void record_attempt(const UploadUnit& unit, const Error& error);
  Duration until_next(const Error& error, Duration delay) const;
  void come_back(Entries entries, Duration delay);
  void add(Entries entries, Clock::time_point ready_at);  ///< under the lock
  void halve(Entries entries);

  RunContext& context_;
  const RunStage& stage_;
  const std::shared_ptr<Guard> guard_;
  const Settle settle_;
  const CallBatching wanted_;
  const std::size_t window_;  ///< units of the ledger held in memory

  mutable std::mutex mutex_;
  std::condition_variable_any changed_, settled_;
  Queue queue_;
  std::int64_t last_row_ = 0;
  bool has_more_rows_ = true, is_refilling_ = false, has_resumed_ = false;
  int in_service_ = 0;  ///< calls whose outcome is not settled yet
  std::uint64_t signals_ = 0;
  Clock::time_point alarm_ = Clock::time_point::max();  ///< when a waiting thread will wake
  std::optional<Clock::time_point> no_more_since_;
  Clock::time_point last_success_{};
  bool is_failing_ = false;  ///< the last answer was none
  std::string last_failure_;
  /// Refused until someone acts (credentials, quota). They come back as probes while the guard
  /// needs an operator, and when it no longer does.
  std::vector<Entries> refused_;
  bool is_held_ = false;  ///< the guard needed an operator when last seen
  Duration patience_{0};
  std::atomic<bool> has_noted_refusal_ = false, has_noted_give_up_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace reelmill
