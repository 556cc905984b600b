// SPDX-License-Identifier: Apache-2.0
#include "pipeline/watchdog.h"

#include <algorithm>
#include <vector>

namespace reelmill {

Watchdog::Watch::Watch(Watchdog& owner, std::shared_ptr<ReadControl> control,
                       std::function<void()> write_off)
    : owner_(owner),
      control_(std::move(control)),
      write_off_(std::move(write_off)),
      progress_(control_->progress()),
      changed_at_(owner.clock_.now()) {
  std::lock_guard lock(owner_.mutex_);
  owner_.watches_.push_back(this);
}

Watchdog::Watch::~Watch() {
  if (!has_ended_) (void)end();
}

Watchdog::Verdict Watchdog::Watch::end() {
  std::lock_guard lock(owner_.mutex_);
  has_ended_ = true;
  owner_.watches_.remove(this);
  if (is_written_off_) {
    --owner_.lost_;
    return Verdict::written_off;
  }
  return is_interrupted_ ? Verdict::stalled : Verdict::finished;
}

Watchdog::Watchdog(Options options, Clock& clock) : options_(options), clock_(clock) {}

void Watchdog::look() {
  const auto now = clock_.now();
  std::vector<std::function<void()>> lost;
  {
    std::lock_guard lock(mutex_);
    for (Watch* watch : watches_) {
      if (watch->is_written_off_) continue;
      if (const auto progress = watch->control_->progress(); progress != watch->progress_) {
        watch->progress_ = progress;
        watch->changed_at_ = now;
      } else if (!watch->is_interrupted_ && now - watch->changed_at_ >= options_.stall_timeout) {
        watch->is_interrupted_ = true;
        watch->interrupted_at_ = now;
        watch->control_->interrupt();
      } else if (watch->is_interrupted_ && now - watch->interrupted_at_ >= options_.grace) {
        watch->is_written_off_ = true;
        ++lost_;
        lost.push_back(watch->write_off_);
      }
    }
  }
  for (const auto& write_off : lost) write_off();
}

void Watchdog::run(std::stop_token stop) {
  const Duration period = std::clamp<Duration>(
      options_.stall_timeout / 8, std::chrono::milliseconds(20), std::chrono::seconds(1));
  while (clock_.sleep_until(clock_.now() + period, stop)) look();
}

void Watchdog::interrupt_all() {
  std::lock_guard lock(mutex_);
  for (Watch* watch : watches_) watch->control_->interrupt();
}

int Watchdog::lost() const {
  std::lock_guard lock(mutex_);
  return lost_;
}

}  // namespace reelmill
