// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "media/media_input.h"

namespace reelmill {

/// Looks after readers and acts on missing progress (no packet, frame or block of input for
/// `stall_timeout`), never on time alone. First it interrupts the reader, which ends at its next
/// packet or I/O call; a reader that does not come back within `grace` is stuck inside a call and
/// is written off. Thread-safe.
class Watchdog {
 public:
  struct Options {
    Duration stall_timeout = std::chrono::seconds(120);
    Duration grace = std::chrono::seconds(5);
  };
  enum class Verdict { finished, stalled, written_off };

  /// One reader under watch. The reader calls end() when it returns, once.
  class Watch {
   public:
    Watch(Watchdog& owner, std::shared_ptr<ReadControl> control, std::function<void()> write_off);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    /// stalled: the interruption was ours; written_off: somebody else has spoken for this work,
    /// touch nothing.
    Verdict end();

   private:
    friend class Watchdog;
    Watchdog& owner_;
    std::shared_ptr<ReadControl> control_;
    std::function<void()> write_off_;
    std::uint64_t progress_ = 0;
    Clock::time_point changed_at_, interrupted_at_{};
    bool is_interrupted_ = false, is_written_off_ = false, has_ended_ = false;
  };

  Watchdog(Options options, Clock& clock);

  /// Looks once at every reader. Called by a thread of run(), and by tests.
  void look();
  /// Looks again and again until stopped.
  void run(std::stop_token stop);
  /// Interrupts every reader: the run ends.
  void interrupt_all();
  /// Readers that were written off and have not come back.
  int lost() const;

 private:
  const Options options_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::list<Watch*> watches_;
  int lost_ = 0;
};

}  // namespace reelmill
