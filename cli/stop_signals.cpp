// SPDX-License-Identifier: Apache-2.0
#include "cli/stop_signals.h"

#include <cstdlib>

#include <signal.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/exit_code.h"

namespace reelmill {
namespace {

sigset_t stop_set() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
    // A blocked signal arrives even where whoever started us (nohup, a shell's &) had it ignored.
    struct sigaction action{};
    if (::sigaction(signal_number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) continue;
    ::sigaddset(&set, signal_number);
  }
  return set;
}

}  // namespace

StopSignals::StopSignals(std::function<void()> on_stop) {
  const sigset_t set = stop_set();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::jthread([set, on_stop = std::move(on_stop)](std::stop_token stop) {
    bool is_first = true;
    while (!stop.stop_requested()) {
      const timespec patience{0, 100'000'000};
      if (::sigtimedwait(&set, nullptr, &patience) < 0) continue;
      if (!is_first) std::_Exit(static_cast<int>(ExitCode::interrupted));
      is_first = false;
      spdlog::warn("stopping: what is nearly done is finished; once more ends at once");
      on_stop();
    }
  });
}

StopSignals::~StopSignals() {
  thread_.request_stop();
  thread_.join();
  const sigset_t set = stop_set();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace reelmill
