// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/body_part.h"
#include "stages/api/tensor.h"

namespace reelmill {

/// An input tensor whose data lies in several pieces of memory, for example one a frame.
struct InputTensor {
  std::string name;
  TensorType type = TensorType::uint8;
  std::vector<std::int64_t> shape;
  std::vector<std::string_view> parts;  ///< little-endian, row-major; outlive the request
};

/// An inference request of the Open Inference Protocol (KServe v2).
struct InferenceRequest {
  std::string id;  ///< comes back with the answer; empty: none
  std::vector<InputTensor> inputs;
  std::vector<std::string> outputs;  ///< empty: all that the model has
};

/// A request as it is sent. Data is neither copied nor, as JSON, written out before its turn: a
/// batch takes no more memory than its tensors.
struct EncodedRequest {
  std::vector<BodyPart> parts;
  std::vector<std::pair<std::string, std::string>> headers;  ///< of HTTP
};

/// The request as JSON. Not for FP16, which has no JSON form.
/// Source: Open Inference Protocol, "Inference Request JSON Object".
EncodedRequest encode_as_json(const InferenceRequest& request);

/// The request with its tensors as they are, asking for binary answers.
/// Source: the protocol's binary tensor data extension.
EncodedRequest encode_as_binary(const InferenceRequest& request);

}  // namespace reelmill
