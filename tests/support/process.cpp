// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/sanitizer.h"

namespace reelmill::test {
namespace {

using SteadyClock = std::chrono::steady_clock;

class FileDescriptor {
 public:
  explicit FileDescriptor(int number = -1) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor() { reset(); }
  void reset() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

struct Pipe {
  FileDescriptor read_end, write_end;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    read_end = FileDescriptor(ends[0]);
    write_end = FileDescriptor(ends[1]);
  }
};

std::vector<std::string> merged_environment(const Command& command) {
  std::vector<std::string> merged;
  const auto is_replaced = [&](std::string_view entry) {
    return std::any_of(command.environment.begin(), command.environment.end(),
                       [&](const auto& added) { return entry.starts_with(added.first + "="); });
  };
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (!is_replaced(*entry)) merged.emplace_back(*entry);
  for (const auto& [name, value] : command.environment) merged.push_back(name + "=" + value);
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

/// Appends what can be read now; false at the end of the stream.
bool read_available(int descriptor, std::string& text) {
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto count = ::read(descriptor, buffer.data(), buffer.size());
    if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    if (count == 0) return false;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN;
  }
}

}  // namespace

struct ChildProcess::State {
  Command command;
  pid_t pid = -1;
  FileDescriptor handle, in, out, err;
  SteadyClock::time_point started = SteadyClock::now();

  mutable std::mutex mutex;
  std::condition_variable changed;
  ProcessResult result;
  bool has_ended = false;
  std::jthread watcher;

  void start();
  void watch();
  void feed(std::size_t& written);
  void finish(bool timed_out);
};

void ChildProcess::State::start() {
  Pipe input, output, errors, exec_error;
  auto arguments = command.arguments;
  auto environment = merged_environment(command);
  const auto argument_list = pointers(arguments);
  const auto environment_list = pointers(environment);
  const auto folder = command.working_folder.string();

  pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid == 0) {
    ::setpgid(0, 0);
    ::dup2(input.read_end.number(), STDIN_FILENO);
    ::dup2(output.write_end.number(), STDOUT_FILENO);
    ::dup2(errors.write_end.number(), STDERR_FILENO);
    // Whoever started the tests in the background may have had signals ignored.
    for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
    if (folder.empty() || ::chdir(folder.c_str()) == 0)
      ::execvpe(argument_list[0], argument_list.data(), environment_list.data());
    const int error = errno;
    static_cast<void>(::write(exec_error.write_end.number(), &error, sizeof error) == 0);
    ::_exit(127);
  }
  ::setpgid(pid, pid);  // here too: the child may not have come that far when we signal its group
  exec_error.write_end.reset();
  int error = 0;
  if (::read(exec_error.read_end.number(), &error, sizeof error) == sizeof error) {
    ::waitpid(pid, nullptr, 0);
    throw std::runtime_error("start " + arguments[0] + ": " + std::strerror(error));
  }
  handle = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  in = std::move(input.write_end);
  out = std::move(output.read_end);
  err = std::move(errors.read_end);
  for (const auto* stream : {&in, &out, &err}) ::fcntl(stream->number(), F_SETFL, O_NONBLOCK);
  if (command.input.empty()) in.reset();
  watcher = std::jthread([this] { watch(); });
}

void ChildProcess::State::feed(std::size_t& written) {
  const auto count =
      ::write(in.number(), command.input.data() + written, command.input.size() - written);
  if (count > 0) written += static_cast<std::size_t>(count);
  if ((count < 0 && errno != EAGAIN && errno != EINTR) || written == command.input.size())
    in.reset();
}

void ChildProcess::State::watch() {
  sigset_t broken_pipe;  // a child that closes its input must not end the test program
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  const auto deadline = started + command.timeout;
  std::size_t written = 0;
  for (bool timed_out = false;;) {
    std::array<pollfd, 4> watched{pollfd{handle.number(), POLLIN, 0},
                                  pollfd{out.number(), POLLIN, 0}, pollfd{err.number(), POLLIN, 0},
                                  pollfd{in.number(), POLLOUT, 0}};
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
    const int wait_ms = timed_out ? -1 : static_cast<int>(std::clamp<long>(left, 0, 1 << 30));
    if (::poll(watched.data(), watched.size(), wait_ms) == 0) {
      timed_out = true;
      ::kill(-pid, SIGKILL);
      continue;
    }
    {
      const std::lock_guard lock(mutex);
      if (watched[1].revents != 0 && !read_available(out.number(), result.out)) out.reset();
      if (watched[2].revents != 0 && !read_available(err.number(), result.err)) err.reset();
    }
    if (watched[3].revents != 0) feed(written);
    changed.notify_all();
    if (watched[0].revents != 0) return finish(timed_out);
  }
}

void ChildProcess::State::finish(bool timed_out) {
  const std::lock_guard lock(mutex);
  // Grandchildren may hold the pipes open, so take what is there and do not wait for their end.
  if (out.is_open()) read_available(out.number(), result.out);
  if (err.is_open()) read_available(err.number(), result.err);
  int status = 0;
  rusage usage{};
  while (::wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) continue;
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  result.timed_out = timed_out;
  result.peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  result.user_s = seconds(usage.ru_utime);
  result.system_s = seconds(usage.ru_stime);
  result.wall_s = std::chrono::duration<double>(SteadyClock::now() - started).count();
  has_ended = true;
  changed.notify_all();
}

ChildProcess::ChildProcess(Command command) : state_(std::make_unique<State>()) {
  state_->command = std::move(command);
  state_->start();
}

ChildProcess::~ChildProcess() {
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->has_ended) ::kill(-state_->pid, SIGKILL);
  }
  state_->watcher.join();
  // The exit code alone could be one that the test expects.
  if (has_sanitizer_report(state_->result.err))
    ADD_FAILURE() << state_->command.arguments[0] << ": " << state_->result.err;
}

pid_t ChildProcess::pid() const {
  return state_->pid;
}

bool ChildProcess::is_running() const {
  const std::lock_guard lock(state_->mutex);
  return !state_->has_ended;
}

std::string ChildProcess::out() const {
  const std::lock_guard lock(state_->mutex);
  return state_->result.out;
}

std::string ChildProcess::err() const {
  const std::lock_guard lock(state_->mutex);
  return state_->result.err;
}

void ChildProcess::send_signal(int signal) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->has_ended) ::kill(state_->pid, signal);
}

bool ChildProcess::wait_until(const std::function<bool()>& condition) {
  for (;;) {
    if (condition()) return true;
    std::unique_lock lock(state_->mutex);
    if (state_->has_ended) break;
    state_->changed.wait_for(lock, std::chrono::milliseconds(2));
  }
  return condition();
}

ProcessResult ChildProcess::wait() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this] { return state_->has_ended; });
  return state_->result;
}

ProcessResult run(Command command) {
  return ChildProcess(std::move(command)).wait();
}

ProcessResult run_and_signal_when(Command command, const std::function<bool()>& condition,
                                  int signal) {
  ChildProcess child(std::move(command));
  if (child.wait_until(condition)) child.send_signal(signal);
  return child.wait();
}

std::filesystem::path reelmill_program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "reelmill";
}

}  // namespace reelmill::test
