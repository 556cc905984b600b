// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <ctime>
#include <optional>

namespace reelmill {

/// CPU seconds spent inside a decoder. A thread's CPU time is a system call, 0.3 to 1.5 µs, and a
/// packet of sound decodes in 20: so it is asked for before a packet is sent and after the first
/// answer to it, and what is asked for after that, which seldom has work left to do, is timed by
/// the steady clock. Nothing but the next packet's calls may come between a packet and its first
/// answer. Used by one thread at a time.
class DecodeTimer {
 public:
  /// Runs `call`, which gives the decoder a packet.
  template <class Call>
  auto send(Call&& call) {
    settle();
    sent_at_ = thread_cpu_s();
    return timed(unanswered_s_, call);
  }
  /// Runs `call`, which asks the decoder for what is finished.
  template <class Call>
  auto receive(Call&& call) {
    if (!sent_at_) return timed(seconds_, call);
    const auto answer = call();
    seconds_ += thread_cpu_s() - *sent_at_;
    sent_at_.reset();
    return answer;
  }
  /// Of all calls so far.
  double seconds() const noexcept { return seconds_ + (sent_at_ ? unanswered_s_ : 0); }

 private:
  using Clock = std::chrono::steady_clock;

  static double thread_cpu_s() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }
  template <class Call>
  auto timed(double& total_s, Call& call) {
    const auto begin = Clock::now();
    const auto answer = call();
    total_s += std::chrono::duration<double>(Clock::now() - begin).count();
    return answer;
  }
  /// The packet before was sent and never asked about: counts what sending it took.
  void settle() noexcept {
    seconds_ = seconds();
    sent_at_.reset();
    unanswered_s_ = 0;
  }

  double seconds_ = 0, unanswered_s_ = 0;
  std::optional<double> sent_at_;
};

}  // namespace reelmill
