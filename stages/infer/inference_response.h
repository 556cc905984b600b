// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stages/api/frame_call_stage.h"

namespace reelmill {

/// An answer of the Open Inference Protocol (KServe v2).
struct InferenceResponse {
  std::string id, model_version;  ///< empty where the server says nothing
  std::vector<Tensor> outputs;
};

/// Reads an answer. `head_length` is the header Inference-Header-Content-Length, where there was
/// one: then binary tensors follow the JSON. Errors name the field: internal for what does not
/// follow the protocol, invalid_input where the server put an `error` in.
Result<InferenceResponse> decode_response(std::string_view body,
                                          const std::optional<std::string>& head_length);

/// Takes the outputs apart along their first dimension, one row a frame; of each row the shape is
/// the rest. Errors: internal where an output has not as many rows as `frames`, or a wanted output
/// is missing.
Result<std::vector<FrameOutput>> rows_of(InferenceResponse response, std::size_t frames,
                                         const std::vector<std::string>& wanted);

/// The text of the protocol's error object, `{"error": ...}`; nothing where the body is none.
std::optional<std::string> error_text(std::string_view body);

/// Which item of the batch an error object is about, where it says so: `index`, or a number after
/// one of the usual words in the text ("item 3", "index: 3", "inputs[3]"). A guess, to be proven.
std::optional<std::size_t> guess_culprit(std::string_view body);

}  // namespace reelmill
