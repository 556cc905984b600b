// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>

namespace reelmill {

/// Adds the CPU seconds that the calling thread spends in this object's scope to `total`.
class ThreadCpuTime {
 public:
  explicit ThreadCpuTime(double& total) noexcept : total_(total), start_(now()) {}
  ~ThreadCpuTime() { total_ += now() - start_; }
  ThreadCpuTime(const ThreadCpuTime&) = delete;
  ThreadCpuTime& operator=(const ThreadCpuTime&) = delete;

 private:
  static double now() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }
  double& total_;
  double start_;
};

}  // namespace reelmill
