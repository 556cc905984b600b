// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "resilience/batch_options.h"
#include "resilience/call_context.h"
#include "stages/api/observer.h"
#include "stages/api/tensor.h"

namespace reelmill {

/// A frame as a service takes it: what is sent, and with which others it may travel.
struct FrameInput {
  std::string key;  ///< frames of one key may share a call: width, height, pixel format, model
  int width = 0, height = 0;
  std::string data;  ///< the frame's part of the input tensor
};

/// What a service says of one frame.
using FrameOutput = std::vector<Tensor>;

/// Why a call failed, and of which frame of the call the service complained, if it named one.
struct FrameCallFailure {
  Error error;
  std::optional<std::size_t> culprit;
};

/// One output for each frame, or one failure for all.
using FrameCallAnswer = tl::expected<std::vector<FrameOutput>, FrameCallFailure>;

/// Frames handed to an external service, a batch at a time; its answers become findings. What it
/// needs of the decoder (StageParts::needs) says which frames: all, key frames, or one every so
/// often. Thread-safe: frames are converted on decoding threads, calls are made by several lane
/// threads, and where the guard hedges for the same frames at once.
class FrameCallStage {
 public:
  virtual ~FrameCallStage() = default;
  /// Bytes of FrameInput::data for a picture of this size as coded, to be turned by `rotation`.
  virtual std::size_t input_bytes(int width, int height, int rotation) const = 0;
  /// The frame, scaled and copied. Called on the decoding thread: be quick, and wait for nothing.
  virtual Result<FrameInput> convert(const FrameView& frame) const = 0;
  /// Sends frames of one key in one call and blocks. One output for each input, in their order, or
  /// one failure for all. `invalid_input`: the service refuses at least one of these frames;
  /// `internal`: it answered, but not with what was asked for; `denied`, `exhausted`: it will not
  /// work for us until a person acts.
  virtual FrameCallAnswer call(std::span<const FrameInput* const> frames,
                               const CallContext& context) = 0;
  /// Batches where the configuration says nothing.
  virtual BatchOptions batching() const = 0;
  /// Checks what can be checked before the run, without calling the service.
  virtual Status prepare() { return {}; }
  /// What the findings say of it beside the frames: its model.
  virtual Json description() const = 0;
  /// For plan and report: `https://host/path`, without secrets.
  virtual std::string target() const = 0;
};

}  // namespace reelmill
