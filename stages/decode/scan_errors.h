// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "media/decode_log.h"
#include "stages/api/frame_source.h"

namespace reelmill {

/// What goes wrong while a segment is scanned, for its outcome: the first messages as texts, all of
/// them counted, and what libav says on this thread meanwhile. Owns no outcome. Used by the thread
/// that made it.
class ScanErrors {
 public:
  explicit ScanErrors(ScanOutcome& outcome) : outcome_(outcome) {}

  void note(std::string message) {
    ++outcome_.message_count;
    if (outcome_.messages.size() < kMaxMessages) outcome_.messages.push_back(std::move(message));
  }
  /// Whether anything went wrong so far, damaged frames included.
  bool any() const {
    return outcome_.message_count > 0 || outcome_.corrupt_frames > 0 || log_.count() > 0;
  }
  /// Why a part of the video is not enough, given that something went wrong.
  std::string in_part() const {
    const auto& texts = outcome_.messages.empty() ? log_.messages() : outcome_.messages;
    return "errors while decoding a part of the video" +
           (texts.empty() ? "" : ": " + texts.front());
  }
  /// Moves what libav said to the outcome; once, at the end.
  void close() {
    for (const auto& message : log_.messages()) note(message);
    outcome_.message_count += log_.count() - static_cast<int>(log_.messages().size());
  }

 private:
  /// Messages kept as texts.
  static constexpr std::size_t kMaxMessages = 20;
  ScanOutcome& outcome_;
  DecodeLog log_;
};

}  // namespace reelmill
