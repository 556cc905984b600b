// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/analysis_plan.h"
#include "pipeline/run_context.h"
#include "resilience/guard.h"
#include "stages/api/call_stage.h"

namespace reelmill {

/// The threads that make one call stage's calls. Takes files that wait from the ledger, a window at
/// a time, so that a night's backlog costs no memory; sends them in batches through the guard;
/// items that failed come back with a not-before time and hold no thread. While the guard's breaker
/// is open the lane holds its queue. An item that used up its attempts while nobody was served
/// tries afresh after a rest: that was the service, not the item. Thread-safe.
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
  /// Nothing is left that this run would still try.
  bool is_settled() const;
  /// Analysis has ended: from now on the lane gives up when nothing arrives for `patience`, or when
  /// an operator is needed.
  void no_more(Duration patience);
  void stop();

  BatchingReport batching() const;

 private:
  struct Item {
    PendingUpload upload;
    Clock::time_point ready_at, queued_at;
    std::optional<RetrySession> session = {};  ///< from its first attempt on
    Clock::time_point began = {};              ///< the session
    int fruitless_rounds = 0;                  ///< sessions that gave up while others were served
  };
  using Batch = std::vector<Item>;

  void work(std::stop_token stop);
  void signal();  ///< under the lock: something changed
  /// The items to send now, or when to ask again.
  Batch take(Clock::time_point& ask_again);
  void refill(std::unique_lock<std::mutex>& lock);
  void send(Batch batch, std::stop_token stop);
  void succeeded(Item item, const CallOutcome& outcome);
  void failed(Item item, const Error& error);
  void refused(Item item, const Error& error);
  void welcome_refused(Clock::time_point now);
  void set_aside(Item item, const Error& error);
  void come_back(Item item, Duration delay);
  bool has_lost_patience(Clock::time_point now) const;

  RunContext& context_;
  const RunStage& stage_;
  const std::shared_ptr<Guard> guard_;
  const Settle settle_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::multimap<Clock::time_point, Item> waiting_;  ///< by ready_at
  std::int64_t last_row_ = 0;
  bool has_more_rows_ = true, is_refilling_ = false;
  int in_service_ = 0;
  std::uint64_t signals_ = 0;
  std::optional<Clock::time_point> no_more_since_;
  Clock::time_point last_success_{};
  bool is_failing_ = false;  ///< the last answer was none
  /// Refused until someone acts (credentials, quota). They come back as probes while the guard
  /// needs an operator, and when it no longer does.
  std::vector<Item> refused_;
  bool is_held_ = false;  ///< the guard needed an operator when last seen
  Duration patience_{0};
  BatchingReport batching_;
  std::map<std::string, std::uint64_t> reasons_;
  std::atomic<bool> has_noted_refusal_ = false, has_noted_give_up_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace reelmill
