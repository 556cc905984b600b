// SPDX-License-Identifier: Apache-2.0
#include "stages/api/tensor.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace reelmill {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor data is little-endian");

struct TypeFacts {
  TensorType type;
  std::string_view name;
  std::size_t bytes;
};

constexpr std::array<TypeFacts, 13> kTypes{{{TensorType::boolean, "BOOL", 1},
                                            {TensorType::uint8, "UINT8", 1},
                                            {TensorType::uint16, "UINT16", 2},
                                            {TensorType::uint32, "UINT32", 4},
                                            {TensorType::uint64, "UINT64", 8},
                                            {TensorType::int8, "INT8", 1},
                                            {TensorType::int16, "INT16", 2},
                                            {TensorType::int32, "INT32", 4},
                                            {TensorType::int64, "INT64", 8},
                                            {TensorType::fp16, "FP16", 2},
                                            {TensorType::fp32, "FP32", 4},
                                            {TensorType::fp64, "FP64", 8},
                                            {TensorType::bytes, "BYTES", 0}}};

template <class T>
T load(std::string_view data, std::size_t index) {
  T value;
  std::memcpy(&value, data.data() + index * sizeof(T), sizeof(T));
  return value;
}

template <class T>
void store(T value, std::string& data) {
  data.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// IEEE 754 binary16.
double from_half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1F, fraction = bits & 0x3FF;
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  if (exponent == 31)
    return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
  return sign * std::ldexp(fraction + 1024, exponent - 25);
}

/// The double that prints as the float does.
double as_briefly(float value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double brief = value;
  std::from_chars(text.data(), end, brief);
  return brief;
}

Json finite_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

template <class T>
bool append_integer(const Json& value, std::string& data) {
  if (!value.is_number_integer()) return false;
  const bool fits = value.is_number_unsigned() ? std::in_range<T>(value.get<std::uint64_t>())
                                               : std::in_range<T>(value.get<std::int64_t>());
  if (fits) store(value.get<T>(), data);
  return fits;
}

Json nested(const Tensor& tensor, const std::vector<Json>& flat, std::size_t dimension,
            std::size_t& next) {
  if (dimension == tensor.shape.size()) return flat[next++];
  Json list = Json::array();
  for (std::int64_t i = 0; i < tensor.shape[dimension]; ++i)
    list.push_back(nested(tensor, flat, dimension + 1, next));
  return list;
}

}  // namespace

std::string_view to_string(TensorType type) noexcept {
  return kTypes[static_cast<std::size_t>(type)].name;
}

std::optional<TensorType> parse_tensor_type(std::string_view name) noexcept {
  for (const auto& facts : kTypes)
    if (facts.name == name) return facts.type;
  return std::nullopt;
}

std::size_t element_size(TensorType type) noexcept {
  return kTypes[static_cast<std::size_t>(type)].bytes;
}

std::optional<std::size_t> element_count(const std::vector<std::int64_t>& shape) noexcept {
  std::int64_t count = 1;
  for (const auto size : shape)
    if (size < 0 || __builtin_mul_overflow(count, size, &count)) return std::nullopt;
  return static_cast<std::size_t>(count);
}

Json number_at(const Tensor& tensor, std::size_t index) {
  const std::string_view data = tensor.data;
  switch (tensor.type) {
    case TensorType::boolean:
      return load<std::uint8_t>(data, index) != 0;
    case TensorType::uint8:
      return load<std::uint8_t>(data, index);
    case TensorType::uint16:
      return load<std::uint16_t>(data, index);
    case TensorType::uint32:
      return load<std::uint32_t>(data, index);
    case TensorType::uint64:
      return load<std::uint64_t>(data, index);
    case TensorType::int8:
      return load<std::int8_t>(data, index);
    case TensorType::int16:
      return load<std::int16_t>(data, index);
    case TensorType::int32:
      return load<std::int32_t>(data, index);
    case TensorType::int64:
      return load<std::int64_t>(data, index);
    case TensorType::fp16:
      return finite_or_null(from_half(load<std::uint16_t>(data, index)));
    case TensorType::fp32:
      return finite_or_null(as_briefly(load<float>(data, index)));
    case TensorType::fp64:
      return finite_or_null(load<double>(data, index));
    case TensorType::bytes:
      break;
  }
  return nullptr;
}

bool append_number(const Json& value, TensorType type, std::string& data) {
  switch (type) {
    case TensorType::boolean:
      if (value.is_boolean()) store<std::uint8_t>(value.get<bool>() ? 1 : 0, data);
      return value.is_boolean();
    case TensorType::uint8:
      return append_integer<std::uint8_t>(value, data);
    case TensorType::uint16:
      return append_integer<std::uint16_t>(value, data);
    case TensorType::uint32:
      return append_integer<std::uint32_t>(value, data);
    case TensorType::uint64:
      return append_integer<std::uint64_t>(value, data);
    case TensorType::int8:
      return append_integer<std::int8_t>(value, data);
    case TensorType::int16:
      return append_integer<std::int16_t>(value, data);
    case TensorType::int32:
      return append_integer<std::int32_t>(value, data);
    case TensorType::int64:
      return append_integer<std::int64_t>(value, data);
    case TensorType::fp32:
      if (value.is_number()) store(value.get<float>(), data);
      return value.is_number();
    case TensorType::fp64:
      if (value.is_number()) store(value.get<double>(), data);
      return value.is_number();
    case TensorType::fp16:  // the protocol has no JSON form for it
    case TensorType::bytes:
      break;
  }
  return false;
}

std::optional<std::vector<std::string_view>> byte_elements(std::string_view data) {
  std::vector<std::string_view> elements;
  while (!data.empty()) {
    if (data.size() < sizeof(std::uint32_t)) return std::nullopt;
    const auto size = load<std::uint32_t>(data, 0);
    data.remove_prefix(sizeof size);
    if (data.size() < size) return std::nullopt;
    elements.push_back(data.substr(0, size));
    data.remove_prefix(size);
  }
  return elements;
}

void append_bytes(std::string_view element, std::string& data) {
  store(static_cast<std::uint32_t>(element.size()), data);
  data += element;
}

Json values_of(const Tensor& tensor) {
  const auto count = element_count(tensor.shape);
  // Sizes beside a 0 may be huge: what they would nest is empty all the same.
  if (count == std::size_t{0} && tensor.data.empty()) return Json::array();
  std::vector<Json> flat;
  if (tensor.type == TensorType::bytes) {
    const auto elements = byte_elements(tensor.data);
    if (!elements || count != elements->size()) return nullptr;
    for (const auto element : *elements) flat.emplace_back(std::string(element));
  } else {
    std::size_t bytes = 0;
    if (!count || __builtin_mul_overflow(*count, element_size(tensor.type), &bytes) ||
        bytes != tensor.data.size())
      return nullptr;
    for (std::size_t i = 0; i < *count; ++i) flat.push_back(number_at(tensor, i));
  }
  std::size_t next = 0;
  return nested(tensor, flat, 0, next);
}

}  // namespace reelmill
