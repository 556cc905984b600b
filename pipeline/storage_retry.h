// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

#include "pipeline/run_context.h"
#include "pipeline/video_job.h"

namespace reelmill {

/// Keeps videos whose storage failed and gives them back once it answers; meanwhile nothing new is
/// started. A video that fails again after the storage has answered is at fault itself. Its own
/// thread calls run(). Thread-safe.
class StorageRetry {
 public:
  using Again = std::function<void(std::shared_ptr<VideoJob>)>;
  using GiveUp = std::function<void(std::shared_ptr<VideoJob>)>;

  StorageRetry(RunContext& context, Again again, GiveUp give_up);

  void add(std::shared_ptr<VideoJob> job);
  /// Waits while the storage does not answer: start nothing new. False when `stop` was requested.
  bool wait_while_paused(std::stop_token stop);
  void run(std::stop_token stop);
  /// What still waits when the run stops.
  std::deque<std::shared_ptr<VideoJob>> take_all();

 private:
  bool wait_for_answer(const VideoJob& job, std::stop_token stop);

  RunContext& context_;
  const Again again_;
  const GiveUp give_up_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<VideoJob>> waiting_;
};

}  // namespace reelmill
