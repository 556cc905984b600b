// SPDX-License-Identifier: Apache-2.0
#include "pipeline/work_queue.h"

#include <optional>

namespace reelmill {

WorkQueue::WorkQueue(int workers, std::function<void(WorkItem)> start)
    : start_(std::move(start)), free_(workers), workers_(workers) {}

void WorkQueue::push(WorkItem item) {
  {
    std::lock_guard lock(mutex_);
    (item.segment < 0 ? videos_ : segments_).push_back(std::move(item));
  }
  start_what_fits();
}

void WorkQueue::finished() {
  {
    std::lock_guard lock(mutex_);
    ++free_;
  }
  start_what_fits();
}

std::deque<WorkItem> WorkQueue::clear() {
  std::lock_guard lock(mutex_);
  std::deque<WorkItem> left = std::move(segments_);
  for (auto& item : videos_) left.push_back(std::move(item));
  segments_.clear();
  videos_.clear();
  return left;
}

int WorkQueue::running() const {
  std::lock_guard lock(mutex_);
  return workers_ - free_;
}

void WorkQueue::start_what_fits() {
  for (;;) {
    std::optional<WorkItem> item;
    {
      std::lock_guard lock(mutex_);
      auto& queue = segments_.empty() ? videos_ : segments_;
      if (free_ <= 0 || queue.empty()) return;
      item = std::move(queue.front());
      queue.pop_front();
      --free_;
    }
    start_(std::move(*item));
  }
}

}  // namespace reelmill
