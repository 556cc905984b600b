// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/scratch_file.h"
#include "pipeline/analysis_plan.h"
#include "pipeline/byte_budget.h"
#include "pipeline/call_queue.h"
#include "pipeline/frame_answers.h"
#include "pipeline/run_context.h"
#include "pipeline/shared_retry.h"
#include "resilience/guard.h"

namespace reelmill {

/// A frame that a scan offers to a model.
struct OfferedFrame {
  const FrameView& view;
  std::shared_ptr<FrameAnswers> answers;
  std::size_t model = 0;  ///< number of this lane's model among the answers
  std::string video;      ///< key
  SourceId source = 0;    ///< the video, for fairness
  std::int64_t slot = 0;  ///< see FrameAnswer
};

/// The way of sampled frames from the decoding threads to one model: across videos, in batches,
/// through the guard, on threads of its own. Frames wait in memory up to a budget and beyond it on
/// disk, in their order, so that a decoding thread never waits for the service. A batch that the
/// service refuses is halved until the frames it is about are found; these are set aside once the
/// service has taken others since. While the guard is paused the lane holds its queue; when that
/// lasts, its frames are left to the next run. Thread-safe.
class FrameLane {
 public:
  FrameLane(RunContext& context, const RunStage& stage, std::shared_ptr<Guard> guard,
            std::size_t memory);
  ~FrameLane();  ///< stops and joins

  const std::string& id() const { return stage_.spec->id; }
  void start();
  /// The guard is in another state.
  void guard_changed();
  /// Converts and keeps the frame; its answer will be brought. On the decoding thread. Errors: the
  /// disk takes no more.
  Status offer(const OfferedFrame& frame);
  /// The run stops: what waits is answered as cancelled, what is in service is interrupted.
  void cancel();
  /// Cancels, and waits for the threads.
  void stop();

  BatchingReport batching() const;
  std::size_t memory_high_water() const { return memory_.high_water(); }
  std::size_t disk_high_water() const { return disk_.high_water(); }

 private:
  /// Whose answer is waited for.
  struct Claim {
    std::shared_ptr<FrameAnswers> answers;
    std::size_t model = 0, number = 0;
    SourceId source = 0;
    std::string name;  ///< for the guard and for messages: `video#frame`
  };
  struct Waiting {
    Claim claim;
    FrameInput input;
    ByteBudget::Lease memory;
    std::shared_ptr<SharedRetry> session;  ///< shared by those that failed together
    std::optional<Clock::time_point> first_failed_at;
    bool is_accused = false;  ///< the service named it as the cause of a failure
    bool is_witness = false;  ///< sent only to see whether the service works
    Clock::time_point queued_at;
  };
  /// On disk, because memory was full when it came.
  struct Spilled {
    Claim claim;
    FrameInput input;  ///< without its data
    ScratchFile::Piece piece;
    Clock::time_point queued_at;
  };
  /// A frame that the service took. When the last frames of a run are refused, nobody else is left
  /// to show that the service works: then this one goes again.
  struct Witness {
    FrameInput input;
    ByteBudget::Lease memory;
  };
  using Queue = CallQueue<Waiting>;
  using Lock = std::unique_lock<std::mutex>;

  void work(std::stop_token stop);
  ServiceState service() const;  ///< not under the lock: it may make the guard tell of an event
  bool has_lost_patience(const ServiceState& state) const;
  void wait(Lock& lock, std::uint64_t seen, const ServiceState& state, const std::stop_token& stop);
  void give_up(Lock& lock, FrameAnswer::State state, std::string reason);
  void add(Waiting frame, Clock::time_point ready_at);
  void add(std::vector<Queue::Entry> entries, Duration delay);
  void add_together(std::vector<Queue::Entry> entries, Duration delay);
  void load_spilled(Lock& lock);
  void send(Queue::Outgoing call, std::stop_token stop);
  void drop_unwanted(Queue::Outgoing& call);
  CallContext begin_attempt(Queue::Outgoing& call, std::stop_token stop);
  void succeeded(Queue::Outgoing call, std::vector<FrameOutput> outputs, Duration each);
  void failed(Queue::Outgoing call, const FrameCallFailure& failure);
  void retry(std::vector<Queue::Entry> entries, const Error& error);
  void split(std::vector<Queue::Entry> entries, std::optional<std::size_t> culprit);
  void doubt(std::vector<Queue::Entry> entries, const Error& error);
  void end(std::vector<Queue::Entry>& entries, FrameAnswer::State state, const std::string& reason);
  void end(const Claim& claim, FrameAnswer::State state, const std::string& reason);
  void keep_witness(const FrameInput& input);
  void send_witness();
  bool takes_others_since(Clock::time_point when) const;
  bool is_lasting_trouble(Clock::time_point now) const;
  void note_pending(const std::string& reason);
  void signal();

  RunContext& context_;
  const RunStage& stage_;
  FrameCallStage& call_;
  const std::shared_ptr<Guard> guard_;
  const Duration patience_;
  ByteBudget memory_;
  ScratchFile disk_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Queue queue_;
  std::optional<Witness> witness_;  ///< its memory is the first to be given up
  std::deque<Spilled> spilled_;     ///< in the order of their coming
  bool is_loading_ = false, is_cancelled_ = false;
  std::uint64_t signals_ = 0;
  Clock::time_point last_success_ = Clock::time_point::min();
  std::optional<Clock::time_point> trouble_since_;  ///< first failure after the last success
  std::string last_error_;
  std::atomic<bool> is_misled_ = false;  ///< the service named a frame that was not at fault
  std::vector<std::jthread> threads_;
};

}  // namespace reelmill
