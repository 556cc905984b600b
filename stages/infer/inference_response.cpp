// SPDX-License-Identifier: Apache-2.0
#include "stages/infer/inference_response.h"

#include <algorithm>
#include <charconv>
#include <regex>

#include "base/path_text.h"
#include "stages/api/service_json.h"

namespace reelmill {
namespace {

constexpr std::size_t kLongestQuote = 200;
constexpr std::size_t kMostDimensions = 16, kMostOutputs = 1000;

std::string shown(const Json& value) {
  return shortened(value.dump(-1, ' ', true, Json::error_handler_t::replace), kLongestQuote);
}

tl::unexpected<Error> nonsense(const std::string& field, const std::string& what) {
  return fail(ErrorKind::internal, "{}: {}", field, what);
}

Result<std::string> text_at(const Json& object, const char* key, const std::string& where) {
  const auto found = object.find(key);
  if (found == object.end()) return nonsense(where, fmt::format("has no '{}'", key));
  if (!found->is_string())
    return nonsense(where + "." + key, shown(*found) + " where a text should be");
  return found->get<std::string>();
}

Result<std::vector<std::int64_t>> shape_at(const Json& object, const std::string& where) {
  const auto found = object.find("shape");
  if (found == object.end()) return nonsense(where, "has no 'shape'");
  std::vector<std::int64_t> shape;
  bool is_shape = found->is_array() && found->size() <= kMostDimensions;
  if (is_shape)
    for (const auto& size : *found) {
      is_shape = is_shape && size.is_number_integer() && size.get<std::int64_t>() >= 0;
      if (is_shape) shape.push_back(size.get<std::int64_t>());
    }
  if (!is_shape || !element_count(shape))
    return nonsense(where + ".shape", fmt::format("{} where a list of at most {} sizes should be",
                                                  shown(*found), kMostDimensions));
  return shape;
}

/// Appends the numbers of a list, nested or not; parse_service_json() bounds how deep.
bool append_all(const Json& value, TensorType type, std::string& data, std::size_t& count) {
  if (value.is_array())
    return std::all_of(value.begin(), value.end(),
                       [&](const Json& one) { return append_all(one, type, data, count); });
  ++count;
  if (type != TensorType::bytes) return append_number(value, type, data);
  if (value.is_string()) append_bytes(value.get_ref<const std::string&>(), data);
  return value.is_string();
}

Status read_json_data(const Json& output, const std::string& where, Tensor& tensor) {
  const auto found = output.find("data");
  if (found == output.end()) return nonsense(where, "has no 'data'");
  std::size_t count = 0;
  if (!found->is_array() || !append_all(*found, tensor.type, tensor.data, count))
    return nonsense(where + ".data", fmt::format("is no list of {}", to_string(tensor.type)));
  if (count != element_count(tensor.shape))
    return nonsense(where + ".data",
                    fmt::format("{} elements where shape {} has {}", count,
                                shown(Json(tensor.shape)), *element_count(tensor.shape)));
  return {};
}

/// The size a binary output says it has; nothing where it is not binary.
Result<std::optional<std::size_t>> binary_size(const Json& output, const std::string& where) {
  const auto parameters = output.find("parameters");
  if (parameters == output.end() || !parameters->is_object()) return std::nullopt;
  const auto size = parameters->find("binary_data_size");
  if (size == parameters->end()) return std::nullopt;
  if (!size->is_number_integer() || size->get<std::int64_t>() < 0)
    return nonsense(where + ".parameters.binary_data_size", shown(*size) + " is no size");
  return std::optional(size->get<std::size_t>());
}

Status read_binary_data(std::size_t size, std::string_view& rest, const std::string& where,
                        Tensor& tensor) {
  if (size > rest.size())
    return nonsense(where + ".parameters.binary_data_size",
                    fmt::format("{} bytes promised, {} there", size, rest.size()));
  tensor.data = rest.substr(0, size);
  rest.remove_prefix(size);
  const auto count = *element_count(tensor.shape);
  if (tensor.type == TensorType::bytes) {
    const auto elements = byte_elements(tensor.data);
    if (!elements || elements->size() != count)
      return nonsense(where + ".data", fmt::format("is no list of {} byte strings", count));
    return {};
  }
  std::size_t expected = 0;
  if (__builtin_mul_overflow(count, element_size(tensor.type), &expected) || size != expected)
    return nonsense(where + ".parameters.binary_data_size",
                    fmt::format("{} bytes where {} of shape {} takes {}", size,
                                to_string(tensor.type), shown(Json(tensor.shape)), expected));
  return {};
}

Result<Tensor> read_output(const Json& output, std::size_t index, std::string_view& rest) {
  auto where = fmt::format("outputs[{}]", index);
  if (!output.is_object()) return nonsense(where, shown(output) + " where an output should be");
  Tensor tensor;
  REELMILL_ASSIGN(tensor.name, text_at(output, "name", where));
  where =
      fmt::format("outputs[{}] '{}'", index, path_to_line(shortened(tensor.name, kLongestQuote)));
  REELMILL_ASSIGN(const auto type_name, text_at(output, "datatype", where));
  const auto type = parse_tensor_type(type_name);
  if (!type)
    return nonsense(where + ".datatype", shown(Json(type_name)) + " is no type of the protocol");
  tensor.type = *type;
  REELMILL_ASSIGN(tensor.shape, shape_at(output, where));
  REELMILL_ASSIGN(const auto size, binary_size(output, where));
  REELMILL_TRY(size ? read_binary_data(*size, rest, where, tensor)
                    : read_json_data(output, where, tensor));
  return tensor;
}

std::string text_or_empty(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Result<std::string_view> take_head(std::string_view& body,
                                   const std::optional<std::string>& head_length) {
  if (!head_length) return std::exchange(body, {});
  std::size_t length = 0;
  const auto* end = head_length->data() + head_length->size();
  const auto [stopped, error] = std::from_chars(head_length->data(), end, length);
  if (error != std::errc() || stopped != end || length > body.size())
    return nonsense(
        "header Inference-Header-Content-Length",
        fmt::format("{} with a body of {} bytes", shown(Json(*head_length)), body.size()));
  const auto head = body.substr(0, length);
  body.remove_prefix(length);
  return head;
}

std::optional<std::string> error_in(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto found = json.find("error");
  if (found == json.end() || found->is_null()) return std::nullopt;
  auto text = found->is_string() ? found->get<std::string>() : shown(*found);
  std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  return shortened(text, kLongestQuote);
}

/// Row `index` of a tensor whose first dimension is `rows`.
std::vector<Tensor> split(Tensor tensor, std::size_t rows) {
  std::vector<Tensor> parts(rows);
  for (auto& part : parts) {
    part.name = tensor.name;
    part.type = tensor.type;
    part.shape.assign(tensor.shape.begin() + 1, tensor.shape.end());
  }
  if (tensor.type == TensorType::bytes) {
    const auto elements = *byte_elements(tensor.data);
    for (std::size_t i = 0; i < elements.size(); ++i)
      append_bytes(elements[i], parts[i / (elements.size() / rows)].data);
    return parts;
  }
  const auto bytes = tensor.data.size() / rows;
  for (std::size_t i = 0; i < rows; ++i) parts[i].data = tensor.data.substr(i * bytes, bytes);
  return parts;
}

}  // namespace

Result<InferenceResponse> decode_response(std::string_view body,
                                          const std::optional<std::string>& head_length) {
  std::string_view rest = body;
  REELMILL_ASSIGN(const auto head, take_head(rest, head_length));
  const auto parsed = parse_service_json(head);
  if (!parsed)
    return nonsense("body", fmt::format("{} bytes: {}", head.size(), parsed.error().message));
  const auto& json = *parsed;
  if (!json.is_object())
    return nonsense("body", fmt::format("{} bytes that are no JSON object", head.size()));
  if (const auto error = error_in(json)) return fail(ErrorKind::invalid_input, "error: {}", *error);
  const auto outputs = json.find("outputs");
  if (outputs == json.end() || !outputs->is_array())
    return nonsense("outputs", outputs == json.end() ? "there are none" : "is no list");
  if (outputs->size() > kMostOutputs)
    return nonsense("outputs", fmt::format("{} of them, of which at most {} are taken",
                                           outputs->size(), kMostOutputs));
  InferenceResponse response;
  response.id = text_or_empty(json, "id");
  response.model_version = text_or_empty(json, "model_version");
  for (std::size_t i = 0; i < outputs->size(); ++i) {
    REELMILL_ASSIGN(auto output, read_output((*outputs)[i], i, rest));
    response.outputs.push_back(std::move(output));
  }
  if (!rest.empty())
    return nonsense("body", fmt::format("{} bytes after the last tensor", rest.size()));
  return response;
}

Result<std::vector<FrameOutput>> rows_of(InferenceResponse response, std::size_t frames,
                                         const std::vector<std::string>& wanted) {
  for (const auto& name : wanted) {
    const bool is_there = std::any_of(response.outputs.begin(), response.outputs.end(),
                                      [&](const Tensor& output) { return output.name == name; });
    if (!is_there) return nonsense("outputs", fmt::format("'{}' is missing", name));
  }
  if (response.outputs.empty()) return nonsense("outputs", "is empty");
  std::vector<FrameOutput> rows(frames);
  for (std::size_t i = 0; i < response.outputs.size(); ++i) {
    auto& output = response.outputs[i];
    if (output.shape.empty() || static_cast<std::size_t>(output.shape.front()) != frames)
      return nonsense(fmt::format("outputs[{}] '{}'.shape", i, output.name),
                      fmt::format("{} for {} frames, which must be its first size",
                                  shown(Json(output.shape)), frames));
    auto parts = split(std::move(output), frames);
    for (std::size_t k = 0; k < frames; ++k) rows[k].push_back(std::move(parts[k]));
  }
  return rows;
}

std::optional<std::string> error_text(std::string_view body) {
  const auto json = parse_service_json(body);
  return json ? error_in(*json) : std::nullopt;
}

std::optional<std::size_t> guess_culprit(std::string_view body) {
  const auto json = parse_service_json(body);
  if (!json || !json->is_object()) return std::nullopt;
  if (const auto index = json->find("index"); index != json->end() && index->is_number_unsigned())
    return index->get<std::size_t>();
  const auto text = error_in(*json);
  if (!text) return std::nullopt;
  static const std::regex place(R"((?:item|index|element|entry|instance|sample|row|input|inputs)"
                                R"()[\s:=#\[]{1,3}(\d{1,6})\b)",
                                std::regex::icase);
  std::smatch match;
  if (!std::regex_search(*text, match, place)) return std::nullopt;
  return std::stoul(match[1]);
}

}  // namespace reelmill
