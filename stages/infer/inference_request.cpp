// SPDX-License-Identifier: Apache-2.0
#include "stages/infer/inference_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace reelmill {
namespace {

std::size_t data_size(const InputTensor& input) {
  std::size_t size = 0;
  for (const auto part : input.parts) size += part.size();
  return size;
}

/// What both forms say of an input before its data.
Json described(const InputTensor& input) {
  return {{"name", input.name}, {"shape", input.shape}, {"datatype", to_string(input.type)}};
}

/// Samples written as text at a time.
constexpr std::size_t kSamplesAPart = std::size_t{1} << 16;

/// A picture has many samples and few values, so their texts are made once: `,255`.
const std::array<std::string, 256>& sample_texts() {
  static const auto texts = [] {
    std::array<std::string, 256> made;
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = fmt::format(",{}", i);
    return made;
  }();
  return texts;
}

void write_floats(std::string_view data, std::string& text) {
  std::array<char, 32> digits{};
  for (std::size_t i = 0; i + sizeof(float) <= data.size(); i += sizeof(float)) {
    float value = 0;
    std::copy_n(data.data() + i, sizeof value, reinterpret_cast<char*>(&value));
    text += ',';
    text.append(digits.data(),
                std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
  }
}

/// `,7,255,0`
std::string numbers_of(TensorType type, std::string_view data) {
  std::string text;
  if (type == TensorType::uint8) {
    text.reserve(4 * data.size());
    for (const char sample : data) text += sample_texts()[static_cast<unsigned char>(sample)];
  } else if (type == TensorType::fp32) {
    write_floats(data, text);
  } else {
    const Tensor tensor{"", type, {}, std::string(data)};
    const auto count = data.size() / element_size(type);
    for (std::size_t i = 0; i < count; ++i) {
      text += ',';
      text += number_at(tensor, i).dump();
    }
  }
  return text;
}

/// Bytes of numbers_of().
std::uint64_t size_of_numbers(TensorType type, std::string_view data) {
  if (type != TensorType::uint8) return numbers_of(type, data).size();
  std::uint64_t size = 0;
  for (const char sample : data) size += sample_texts()[static_cast<unsigned char>(sample)].size();
  return size;
}

/// The first numbers of a list have no comma before them.
BodyPart numbers_part(TensorType type, std::string_view data, bool is_first) {
  const std::size_t comma = is_first ? 1 : 0;
  return {.made = [=] { return numbers_of(type, data).substr(comma); },
          .made_bytes = size_of_numbers(type, data) - comma};
}

void add_numbers(const InputTensor& input, std::vector<BodyPart>& parts) {
  const auto most = kSamplesAPart * element_size(input.type);
  bool is_first = true;
  for (auto part : input.parts) {
    while (!part.empty()) {
      const auto some = part.substr(0, most);
      parts.push_back(numbers_part(input.type, some, is_first));
      part.remove_prefix(some.size());
      is_first = false;
    }
  }
}

/// `{...` without its closing brace, so that data can follow.
std::string opened(const Json& object) {
  auto text = object.dump();
  text.pop_back();
  return text;
}

}  // namespace

EncodedRequest encode_as_json(const InferenceRequest& request) {
  EncodedRequest encoded;
  std::string text = "{";
  if (!request.id.empty()) text += "\"id\":" + Json(request.id).dump() + ",";
  text += "\"inputs\":[";
  for (std::size_t i = 0; i < request.inputs.size(); ++i) {
    if (i > 0) text += ",";
    text += opened(described(request.inputs[i])) + ",\"data\":[";
    encoded.parts.push_back({.text = std::exchange(text, "]}")});
    add_numbers(request.inputs[i], encoded.parts);
  }
  text += "]";
  if (!request.outputs.empty()) {
    Json outputs = Json::array();
    for (const auto& name : request.outputs) outputs.push_back({{"name", name}});
    text += ",\"outputs\":" + outputs.dump();
  }
  encoded.parts.push_back({.text = text + "}"});
  encoded.headers = {{"Content-Type", "application/json"}};
  return encoded;
}

EncodedRequest encode_as_binary(const InferenceRequest& request) {
  EncodedRequest encoded;
  encoded.parts.emplace_back();  // the head, whose size is not known yet
  Json head = Json::object();
  if (!request.id.empty()) head["id"] = request.id;
  if (request.outputs.empty()) head["parameters"] = {{"binary_data_output", true}};
  head["inputs"] = Json::array();
  for (const auto& input : request.inputs) {
    Json one = described(input);
    one["parameters"] = {{"binary_data_size", data_size(input)}};
    head["inputs"].push_back(std::move(one));
    for (const auto part : input.parts) encoded.parts.push_back({.lent = part});
  }
  for (const auto& name : request.outputs)
    head["outputs"].push_back({{"name", name}, {"parameters", {{"binary_data", true}}}});
  auto& text = encoded.parts.front().text;
  text = head.dump();
  encoded.headers = {{"Content-Type", "application/octet-stream"},
                     {"Inference-Header-Content-Length", std::to_string(text.size())}};
  return encoded;
}

}  // namespace reelmill
