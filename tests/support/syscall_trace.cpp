// SPDX-License-Identifier: Apache-2.0
#include "tests/support/syscall_trace.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "tests/support/sanitizer.h"

namespace reelmill::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTracedCalls =
    "trace=openat,write,pwrite64,pwritev,writev,fsync,fdatasync,rename,renameat,renameat2";

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

/// Reads a C string literal that begins at text[at] == '"'; `at` ends up behind it.
std::string read_literal(std::string_view text, std::size_t& at) {
  static const std::map<char, char> escapes{{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'v', '\v'},
                                            {'f', '\f'}, {'a', '\a'}, {'b', '\b'}};
  std::string bytes;
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      bytes += text[at];
      continue;
    }
    ++at;
    if (is_octal(text[at])) {
      int value = 0;
      std::size_t digits = 0;
      for (; digits < 3 && at < text.size() && is_octal(text[at]); ++digits, ++at)
        value = value * 8 + (text[at] - '0');
      --at;
      bytes += static_cast<char>(value);
    } else {
      const auto escape = escapes.find(text[at]);
      bytes += escape == escapes.end() ? text[at] : escape->second;
    }
  }
  ++at;
  return bytes;
}

std::vector<std::string> literals(std::string_view text) {
  std::vector<std::string> found;
  for (std::size_t at = text.find('"'); at < text.size(); at = text.find('"', at))
    found.push_back(read_literal(text, at));
  return found;
}

/// What -y says behind the first descriptor: `fsync(7</out/a>)` gives /out/a.
std::string descriptor_path(std::string_view arguments) {
  const auto begin = arguments.find('<');
  const auto end = arguments.find('>', begin);
  if (begin == arguments.npos || end == arguments.npos || begin > arguments.find_first_of(",\""))
    return "";
  return std::string(arguments.substr(begin + 1, end - begin - 1));
}

/// A whole call: `fsync(7</out/a>) = 0`. Nothing when it failed or is of no interest.
std::optional<SystemCall> parse_call(std::string_view text) {
  const auto open = text.find('(');
  const auto result = text.rfind(" = ");
  if (open == text.npos || result == text.npos || text.substr(result + 3).starts_with('-'))
    return std::nullopt;
  SystemCall call;
  call.name = text.substr(0, open);
  const auto arguments = text.substr(open + 1, result - open - 1);
  const auto texts = literals(arguments);
  if (call.name.starts_with("rename")) {
    if (texts.size() < 2) return std::nullopt;
    call.path = texts[0];
    call.to_path = texts[1];
  } else if (call.name == "openat") {
    if (texts.empty()) return std::nullopt;
    call.path = texts[0];
  } else {
    call.path = descriptor_path(arguments);
    for (const auto& data : texts) call.data += data;
  }
  return call;
}

struct Gaps {
  const std::vector<SystemCall>& calls;

  /// The first call after `earliest` that fits, or nothing.
  template <class Fits>
  const SystemCall* first(int earliest, Fits fits) const {
    for (const auto& call : calls)
      if (call.begun > earliest && fits(call)) return &call;
    return nullptr;
  }
  template <class Fits>
  const SystemCall* last(int latest, Fits fits) const {
    const SystemCall* found = nullptr;
    for (const auto& call : calls)
      if (call.ended < latest && fits(call)) found = &call;
    return found;
  }
};

bool is_write(const SystemCall& call) {
  return call.name.find("write") != std::string::npos;
}

bool is_flush(const SystemCall& call) {
  return call.name == "fsync" || call.name == "fdatasync";
}

/// From the rename, which ended at `earliest`, to the ledger.
std::string gap_behind_rename(const Gaps& trace, const VouchedFile& vouched, const fs::path& wal,
                              int earliest) {
  const auto* folder = trace.first(earliest, [&](const SystemCall& call) {
    return is_flush(call) && call.path == vouched.file.parent_path();
  });
  if (folder == nullptr) return "its folder is not flushed after the rename";
  const auto* recorded = trace.first(-1, [&](const SystemCall& call) {
    return is_write(call) && call.path == wal &&
           call.data.find(vouched.ledger_mark) != std::string::npos;
  });
  if (recorded == nullptr) return "the ledger never writes '" + vouched.ledger_mark + "'";
  if (recorded->begun < folder->ended) return "in the ledger before its folder is flushed";
  const auto* committed = trace.first(
      recorded->ended, [&](const SystemCall& call) { return is_flush(call) && call.path == wal; });
  return committed == nullptr ? "the ledger's record of it is not flushed" : "";
}

std::string first_gap(const Gaps& trace, const VouchedFile& vouched, const fs::path& wal) {
  constexpr int kEndOfTime = std::numeric_limits<int>::max();
  const auto* rename = trace.last(kEndOfTime, [&](const SystemCall& call) {
    return call.name.starts_with("rename") && call.to_path == vouched.file;
  });
  if (vouched.is_left_alone)
    return rename == nullptr ? gap_behind_rename(trace, vouched, wal, -1) : "not left alone";
  if (rename == nullptr) return "never renamed to its name";
  if (trace.first(-1, [&](const SystemCall& call) {
        return is_write(call) && call.path == vouched.file;
      }) != nullptr)
    return "written under its own name";
  // Before this rename: a temporary name may be used again for another file.
  const auto* written = trace.last(rename->begun, [&](const SystemCall& call) {
    return is_write(call) && call.path == rename->path;
  });
  const auto* flushed =
      trace.first(written == nullptr ? -1 : written->ended, [&](const SystemCall& call) {
        return is_flush(call) && call.path == rename->path && call.ended < rename->begun;
      });
  if (flushed == nullptr) return "not flushed between its last write and its rename";
  return gap_behind_rename(trace, vouched, wal, rename->ended);
}

}  // namespace

Command traced(Command command, const fs::path& trace) {
  std::vector<std::string> arguments{"strace",      "-f", "-y",         "-s", "8192",         "-e",
                                     "signal=none", "-e", kTracedCalls, "-o", trace.string(), "--"};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  command.arguments = std::move(arguments);
  // Leaks are looked for with ptrace(), which strace has taken: that would fail the child.
  command.environment.push_back(address_sanitizer_with("detect_leaks=0"));
  return command;
}

std::vector<SystemCall> parse_trace(std::string_view text) {
  struct Begun {
    std::string text;
    int at = 0;
  };
  std::map<std::string, Begun> unfinished;  // by thread
  std::vector<SystemCall> calls;
  for (int place = 0; !text.empty(); place += 2) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::string thread(line.substr(0, line.find(' ')));
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ', thread.size())));
    int begun = place;
    std::string whole(line);
    if (const auto cut = line.rfind(" <unfinished ...>"); cut != line.npos) {
      unfinished[thread] = {std::string(line.substr(0, cut)), place};
      continue;
    }
    if (line.starts_with("<... ")) {
      const auto& begin = unfinished[thread];
      begun = begin.at;
      whole = begin.text + std::string(line.substr(line.find("resumed>") + 8));
    }
    if (auto call = parse_call(whole)) {
      call->begun = begun;
      call->ended = place + 1;
      calls.push_back(std::move(*call));
    }
  }
  std::stable_sort(calls.begin(), calls.end(),
                   [](const auto& a, const auto& b) { return a.begun < b.begun; });
  return calls;
}

std::vector<std::string> power_loss_gaps(const std::vector<SystemCall>& calls,
                                         const std::vector<VouchedFile>& files,
                                         const fs::path& wal) {
  std::vector<std::string> gaps;
  for (const auto& vouched : files)
    if (const auto gap = first_gap({calls}, vouched, wal); !gap.empty())
      gaps.push_back(vouched.file.string() + ": " + gap);
  return gaps;
}

}  // namespace reelmill::test
