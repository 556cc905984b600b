// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#include "base/clock.h"

namespace reelmill {

/// How long a leg has been paused so far, over all pauses. A pause may have several causes at once;
/// it lasts from the first to the last of them. Thread-safe.
class PauseMeter {
 public:
  void begin(Clock::time_point at) {
    std::lock_guard lock(mutex_);
    if (causes_++ == 0) since_ = at;
  }
  void end(Clock::time_point at) {
    std::lock_guard lock(mutex_);
    if (causes_ > 0 && --causes_ == 0 && at > since_) total_ += at - since_;
  }
  Duration total(Clock::time_point now) const {
    std::lock_guard lock(mutex_);
    return causes_ > 0 && now > since_ ? total_ + (now - since_) : total_;
  }

 private:
  mutable std::mutex mutex_;
  int causes_ = 0;
  Clock::time_point since_;
  Duration total_{0};
};

}  // namespace reelmill
