// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "stages/api/frame_call_stage.h"

namespace reelmill {

/// What became of one sampled frame.
struct FrameAnswer {
  enum class State {
    waiting,
    answered,
    set_aside,  ///< the service does not take this frame, though it takes others
    pending,    ///< the service could not be had: the next run asks again
    cancelled,  ///< the run stopped first
  };
  std::int64_t frame = 0;  ///< within its scan
  double time_s = 0;
  std::int64_t slot = 0;  ///< of frames with one slot, the first in the video counts
  State state = State::waiting;
  FrameOutput output;
  std::string reason;  ///< why it is set aside or pending
};

/// The answers that one scan waits for, of every model. The decoding thread says what is expected,
/// lanes bring what comes, and whoever brings the last one goes on with the scan. Thread-safe.
class FrameAnswers {
 public:
  explicit FrameAnswers(std::size_t models) : answers_(models) {}

  /// Returns the number under which the answer will be brought.
  std::size_t expect(std::size_t model, FrameAnswer frame);
  void bring(std::size_t model, std::size_t number, FrameOutput output);
  void bring(std::size_t model, std::size_t number, FrameAnswer::State state, std::string reason);

  /// No more frames will be expected. True when every answer is there; otherwise `then` will be
  /// called, once, by whoever brings the last.
  bool close(std::function<void()> then);
  /// Nobody wants the answers any more; close() will not be called, or its `then` is dropped.
  void abandon();
  bool is_abandoned() const;

  /// Of one model, in the order of the frames; only once all are there.
  const std::vector<FrameAnswer>& of(std::size_t model) const { return answers_[model]; }
  /// Whether some answer did not come because the run stopped; only once all are there.
  bool is_cancelled() const;

 private:
  void settled(std::unique_lock<std::mutex> lock);

  mutable std::mutex mutex_;
  std::vector<std::vector<FrameAnswer>> answers_;
  std::size_t missing_ = 0;
  bool is_abandoned_ = false;
  std::function<void()> then_;
};

}  // namespace reelmill
