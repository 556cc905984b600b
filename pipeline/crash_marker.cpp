// SPDX-License-Identifier: Apache-2.0
#include "pipeline/crash_marker.h"

#include <array>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace reelmill {
namespace {

constexpr std::array kFatalSignals = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
int note_file = -1;  // for the signal handler, which may read nothing else

extern "C" void leave_note(int signal_number) {
  constexpr char note[] = "crashed\n";
  if (note_file >= 0) (void)!::write(note_file, note, sizeof note - 1);
  ::signal(signal_number, SIG_DFL);
  ::raise(signal_number);
}

/// Kills for want of memory since boot, as the kernel counts them; empty where it does not say.
std::string out_of_memory_count() {
  std::string total;
  std::ifstream statistics("/proc/vmstat");
  for (std::string key, value; statistics >> key >> value;)
    if (key == "oom_kill") total = value;
  std::ifstream boot("/proc/sys/kernel/random/boot_id");
  std::string boot_id;
  boot >> boot_id;
  return boot_id + " " + total;
}

/// Same boot, higher counter.
bool ran_out_of_memory_since(const std::string& before) {
  std::istringstream then(before), now(out_of_memory_count());
  std::string boot_then, boot_now;
  long long count_then = 0, count_now = 0;
  return (then >> boot_then >> count_then) && (now >> boot_now >> count_now) &&
         boot_then == boot_now && count_now > count_then;
}

}  // namespace

CrashMarker::CrashMarker(const std::filesystem::path& folder) : file_(folder / ".running") {
  std::string line, evidence;
  if (std::ifstream last(file_); std::getline(last, line)) {
    std::getline(last, evidence);
    last_end_ = evidence == "crashed" || ran_out_of_memory_since(line) ? LastEnd::crashed
                                                                       : LastEnd::stopped;
  }
  note_file = ::open(file_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  const std::string now = out_of_memory_count() + "\n";
  if (note_file >= 0) (void)!::write(note_file, now.data(), now.size());
  for (const int signal_number : kFatalSignals) ::signal(signal_number, leave_note);
}

CrashMarker::~CrashMarker() {
  for (const int signal_number : kFatalSignals) ::signal(signal_number, SIG_DFL);
  if (note_file >= 0) ::close(note_file);
  note_file = -1;
  ::unlink(file_.c_str());
}

}  // namespace reelmill
