// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stages/api/findings.h"

namespace reelmill {

/// Types of tensor elements, as the Open Inference Protocol names them.
enum class TensorType {
  boolean,
  uint8,
  uint16,
  uint32,
  uint64,
  int8,
  int16,
  int32,
  int64,
  fp16,
  fp32,
  fp64,
  bytes,  ///< each element: its length (4 bytes, little-endian), then as many bytes
};

/// `FP32`
std::string_view to_string(TensorType type) noexcept;
std::optional<TensorType> parse_tensor_type(std::string_view name) noexcept;
/// Bytes of one element; 0 for `bytes`, whose elements differ.
std::size_t element_size(TensorType type) noexcept;
/// The product; 1 for no dimensions, nothing when it does not fit or a dimension is negative.
std::optional<std::size_t> element_count(const std::vector<std::int64_t>& shape) noexcept;

/// A named array of numbers or texts. `data`: little-endian, row-major, without padding.
struct Tensor {
  std::string name;
  TensorType type = TensorType::fp32;
  std::vector<std::int64_t> shape;
  std::string data;
};

/// The values, nested as the shape says; a number alone where the shape is empty, an empty list
/// where one of its sizes is 0. Numbers that are not finite become null. Float32 prints as briefly
/// as it round-trips.
Json values_of(const Tensor& tensor);

/// One number of the data as JSON, for every type but `bytes`.
Json number_at(const Tensor& tensor, std::size_t index);

/// Appends a JSON number as an element of the type; false when it is no such number.
bool append_number(const Json& value, TensorType type, std::string& data);

/// The elements of a `bytes` tensor; nothing when the lengths do not add up.
std::optional<std::vector<std::string_view>> byte_elements(std::string_view data);
/// Appends an element of a `bytes` tensor.
void append_bytes(std::string_view element, std::string& data);

}  // namespace reelmill
