// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace reelmill {

class VideoJob;

/// One piece of work for a worker: open a video, or scan one of its segments.
struct WorkItem {
  std::shared_ptr<VideoJob> job;
  int segment = -1;  ///< -1: open it
};

/// Hands work to a fixed number of workers: pieces of videos that are under way before new videos,
/// so that few are under way at once. A worker that never returns can be written off, and its place
/// is filled again. Thread-safe.
class WorkQueue {
 public:
  /// `start` begins the work elsewhere and returns at once; it is called without a lock.
  WorkQueue(int workers, std::function<void(WorkItem)> start);

  void push(WorkItem item);
  /// A started item has ended, or its worker was written off: its place is free.
  void finished();
  /// Drops what has not started. Returns it.
  std::deque<WorkItem> clear();
  int running() const;

 private:
  void start_what_fits();

  const std::function<void(WorkItem)> start_;
  mutable std::mutex mutex_;
  std::deque<WorkItem> segments_, videos_;
  int free_;
  const int workers_;
};

}  // namespace reelmill
