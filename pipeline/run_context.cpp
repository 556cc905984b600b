// SPDX-License-Identifier: Apache-2.0
#include "pipeline/run_context.h"

#include <algorithm>

#include "base/log.h"

namespace reelmill {
namespace {

/// Failures kept for the report; all are in quarantine.jsonl.
constexpr std::size_t kMaxFailures = 10'000;

}  // namespace

void RunContext::stop(StopReason reason, std::string message) {
  {
    std::lock_guard lock(mutex_);
    if (reason_ != StopReason::none) return;
    reason_ = reason;
    message_ = std::move(message);
  }
  stop_source.request_stop();
}

StopReason RunContext::stop_reason() const {
  std::lock_guard lock(mutex_);
  return reason_;
}

std::string RunContext::stop_message() const {
  std::lock_guard lock(mutex_);
  return message_;
}

void RunContext::add_failure(FailureReport failure) {
  std::lock_guard lock(mutex_);
  if (failures_.size() < kMaxFailures) failures_.push_back(std::move(failure));
}

std::vector<FailureReport> RunContext::failures() const {
  std::lock_guard lock(mutex_);
  auto sorted = failures_;
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.video < b.video; });
  return sorted;
}

void RunContext::add_note(std::string note) {
  {
    std::lock_guard lock(mutex_);
    if (std::find(notes_.begin(), notes_.end(), note) != notes_.end()) return;
    notes_.push_back(note);
  }
  spdlog::warn("{}", note);
}

std::vector<std::string> RunContext::notes() const {
  std::lock_guard lock(mutex_);
  return notes_;
}

}  // namespace reelmill
