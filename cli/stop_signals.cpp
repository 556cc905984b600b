// SPDX-License-Identifier: Apache-2.0
#include "cli/stop_signals.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <tuple>

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
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

/// True when a signal came, false when the watch is over.
bool wait_for_signal(int signals, int over) {
  std::array<pollfd, 2> waited{pollfd{signals, POLLIN, 0}, pollfd{over, POLLIN, 0}};
  for (;;) {
    if (::poll(waited.data(), waited.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    const bool is_over = (waited[1].revents & POLLIN) != 0;
    // Asked after the other, whatever poll() says: one that came before the end is heard.
    signalfd_siginfo taken{};
    if (::read(signals, &taken, sizeof taken) == static_cast<ssize_t>(sizeof taken)) return true;
    if (is_over) return false;
  }
}

}  // namespace

StopSignals::StopSignals(std::function<void()> on_stop) : over_(::eventfd(0, EFD_CLOEXEC)) {
  const sigset_t set = stop_set();
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals_ < 0 || over_ < 0) {  // out of descriptors: the first signal ends the process
    spdlog::warn("signals end this run at once: {}", std::strerror(errno));
    return;
  }
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::jthread([this, on_stop = std::move(on_stop)] {
    for (bool is_first = true; wait_for_signal(signals_, over_); is_first = false) {
      if (!is_first) std::_Exit(static_cast<int>(ExitCode::interrupted));
      spdlog::warn("stopping: what is nearly done is finished; once more ends at once");
      on_stop();
    }
  });
}

StopSignals::~StopSignals() {
  const std::uint64_t one = 1;
  // Only a counter at its limit refuses a write.
  if (thread_.joinable()) std::ignore = ::write(over_, &one, sizeof one);
  if (thread_.joinable()) thread_.join();
  for (const int file : {signals_, over_})
    if (file >= 0) ::close(file);
  const sigset_t set = stop_set();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace reelmill
