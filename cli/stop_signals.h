// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <thread>

namespace reelmill {

/// Turns SIGINT, SIGTERM and SIGHUP into a call: `on_stop` on the first one; on the second the
/// process leaves at once with 130. A signal that is ignored already (nohup) stays so. The others
/// are blocked in the constructing thread and those it starts later, so make it before any thread.
class StopSignals {
 public:
  explicit StopSignals(std::function<void()> on_stop);
  ~StopSignals();  ///< at once: a short run does not wait for it
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  int signals_ = -1, over_ = -1;  ///< signalfd, and an eventfd that ends the watch
  std::jthread thread_;
};

}  // namespace reelmill
