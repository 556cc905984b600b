// SPDX-License-Identifier: Apache-2.0
#include "media/decode_log.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/path_text.h"
#include "media/libav.h"

namespace reelmill {
namespace {

constexpr std::size_t kMaxMessages = 20;
constexpr std::size_t kMaxLength = 500;

// A message as it is being put together: libav prints some lines in several calls.
struct PendingLine {
  std::string text;
  int level = AV_LOG_TRACE;
  const void* source = nullptr;
};

thread_local DecodeLog* innermost = nullptr;
thread_local PendingLine pending;

void finish_line() {
  auto line = std::exchange(pending, {});
  while (!line.text.empty() && (line.text.back() == ' ' || line.text.back() == '\r')) {
    line.text.pop_back();
  }
  if (line.text.empty()) return;
  if (line.level <= AV_LOG_ERROR && innermost != nullptr) {
    innermost->add(path_to_line(line.text));  // texts can quote bytes of the file
  } else {
    spdlog::trace("libav: {}", line.text);
  }
}

void append(void* source, int level, std::string_view piece) {
  if (!pending.text.empty() && pending.source != source) finish_line();
  if (pending.text.empty()) {
    pending.source = source;
    pending.level = level;
    if (source != nullptr) {
      const AVClass* type = *static_cast<AVClass**>(source);
      const char* name =
          type == nullptr || type->item_name == nullptr ? nullptr : type->item_name(source);
      // A parser's codec context has no codec yet, and calls itself NULL.
      if (name != nullptr && std::string_view(name) != "NULL") {
        pending.text = fmt::format("[{}] ", name);
      }
    }
  }
  pending.level = std::min(pending.level, level);
  const bool is_complete = piece.ends_with('\n');
  if (is_complete) piece.remove_suffix(1);
  if (pending.text.size() < kMaxLength) pending.text += piece.substr(0, kMaxLength);
  if (is_complete) finish_line();
}

void on_message(void* source, int level, const char* format, va_list arguments) noexcept {
  if (level >= 0) level &= 0xff;  // the rest is a colour
  const bool is_wanted = level <= AV_LOG_ERROR && innermost != nullptr;
  if (!is_wanted && !spdlog::should_log(spdlog::level::trace)) return;
  std::array<char, 1024> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  append(source, level, text.data());
}

}  // namespace

DecodeLog::DecodeLog() {
  static std::once_flag installed;
  std::call_once(installed, [] { av_log_set_callback(on_message); });
  finish_line();
  outer_ = std::exchange(innermost, this);
}

DecodeLog::~DecodeLog() {
  finish_line();
  innermost = outer_;
}

int DecodeLog::count() const {
  finish_line();  // libav forgets the line end of some messages
  return count_;
}

const std::vector<std::string>& DecodeLog::messages() const {
  finish_line();
  return messages_;
}

void DecodeLog::add(std::string message) {
  ++count_;
  if (messages_.size() < kMaxMessages) messages_.push_back(std::move(message));
}

}  // namespace reelmill
