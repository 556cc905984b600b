// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace reelmill::test {

/// A command to run as a child process.
struct Command {
  std::vector<std::string> arguments =
      {};  ///< the program first; looked up in PATH without a slash
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< added to our own
  std::filesystem::path working_folder = {};                          ///< empty: our own
  std::string input = {};                                             ///< what it reads from stdin
  std::chrono::milliseconds timeout = std::chrono::seconds(120);      ///< then it is killed
};

/// How a child process ended.
struct ProcessResult {
  int exit_code = -1;                ///< -1 when a signal ended it
  int signal = 0;                    ///< that ended it; 0 = it exited
  bool timed_out = false;            ///< we killed it because of Command::timeout
  std::string out, err;              ///< all it printed
  std::uint64_t peak_rss_bytes = 0;  ///< at least what this test program had when it forked
  double wall_s = 0, user_s = 0, system_s = 0;
};

/// A running child process in a process group of its own; what it prints is collected by a thread.
/// The destructor kills the group if it still runs. Methods may be called from any thread.
class ChildProcess {
 public:
  /// Throws std::runtime_error when the program cannot be started.
  explicit ChildProcess(Command command);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const;
  bool is_running() const;
  /// What it printed so far.
  std::string out() const;
  std::string err() const;
  /// To the process alone, not its children. Nothing happens when it has ended.
  void send_signal(int signal);
  /// Waits until `condition` holds or the process ended; says whether the condition held. The
  /// condition is asked every 2 ms and whenever the process prints something.
  bool wait_until(const std::function<bool()>& condition);
  /// Waits for the end.
  ProcessResult wait();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Runs a command to its end.
ProcessResult run(Command command);

/// Runs a command and sends `signal` as soon as `condition` holds.
ProcessResult run_and_signal_when(Command command, const std::function<bool()>& condition,
                                  int signal = SIGKILL);

/// The reelmill program of this build, beside the test program.
std::filesystem::path reelmill_program();

}  // namespace reelmill::test
