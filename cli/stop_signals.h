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
  ~StopSignals();

 private:
  std::jthread thread_;
};

}  // namespace reelmill
