// SPDX-License-Identifier: Apache-2.0
#include "stages/api/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace reelmill {
namespace {

bool is_plain(const ConfigNode& node) {
  return node.kind == ConfigNode::Kind::scalar;
}

/// Numbers read better without quotes: `8 is below 16`.
std::string number_text(const ConfigNode& node) {
  return node.is_secret ? shown(node) : node.scalar;
}

bool wrong(const ConfigNode& node, const ProblemSink& sink, const std::string& wanted) {
  sink.add(node.line, shown(node) + " is not " + wanted);
  return false;
}

bool in_range(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink, double value,
              const std::function<std::string(double)>& show) {
  if (spec.min && value < *spec.min) {
    sink.add(node.line, number_text(node) + " is below " + show(*spec.min));
    return false;
  }
  if (spec.max && value > *spec.max) {
    sink.add(node.line, number_text(node) + " is above " + show(*spec.max));
    return false;
  }
  return true;
}

template <class Number>
bool parse_number(const std::string& text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

bool read_option(const ConfigNode& node, const OptionSpec&, const ProblemSink& sink, bool& value) {
  if (is_plain(node) && !node.is_quoted && (node.scalar == "true" || node.scalar == "false")) {
    value = node.scalar == "true";
    return true;
  }
  return wrong(node, sink, "true or false");
}

bool read_option(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 int& value) {
  int number = 0;
  if (!is_plain(node) || node.is_quoted || !parse_number(node.scalar, number))
    return wrong(node, sink, "a whole number");
  if (!in_range(node, spec, sink, number, [](double v) { return write_option(v); })) return false;
  value = number;
  return true;
}

bool read_option(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 double& value) {
  double number = 0;
  if (!is_plain(node) || node.is_quoted || !parse_number(node.scalar, number) ||
      !std::isfinite(number))
    return wrong(node, sink, "a number");
  if (!in_range(node, spec, sink, number, [](double v) { return write_option(v); })) return false;
  value = number;
  return true;
}

bool read_option(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 Duration& value) {
  if (!is_plain(node)) return wrong(node, sink, "a duration: write 250ms, 30s, 10m, 2h");
  const auto duration = parse_duration(node.scalar);
  if (!duration) {
    if (node.is_secret) return wrong(node, sink, "a duration: write 250ms, 30s, 10m, 2h");
    sink.add(node.line, duration.error().message);
    return false;
  }
  const auto show = [](double s) { return format_duration(Duration(std::llround(s * 1e9))); };
  if (!in_range(node, spec, sink, std::chrono::duration<double>(*duration).count(), show))
    return false;
  value = *duration;
  return true;
}

bool read_option(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 ByteSize& value) {
  if (!is_plain(node)) return wrong(node, sink, "a size: write 512B, 64MiB, 1.5GB");
  const auto bytes = parse_bytes(node.scalar);
  if (!bytes) {
    if (node.is_secret) return wrong(node, sink, "a size: write 512B, 64MiB, 1.5GB");
    sink.add(node.line, bytes.error().message);
    return false;
  }
  const auto show = [](double b) { return format_bytes(static_cast<Bytes>(b)); };
  if (!in_range(node, spec, sink, static_cast<double>(*bytes), show)) return false;
  value.value = *bytes;
  return true;
}

bool read_option(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 Bytes& value) {
  ByteSize size;
  if (!read_option(node, spec, sink, size)) return false;
  value = size.value;
  return true;
}

bool read_option(const ConfigNode& node, const OptionSpec&, const ProblemSink& sink,
                 std::string& value) {
  if (!is_plain(node)) return wrong(node, sink, "a text");
  value = node.scalar;
  return true;
}

bool read_option(const ConfigNode& node, const OptionSpec&, const ProblemSink& sink,
                 std::vector<std::string>& value) {
  if (is_plain(node)) {
    value = {node.scalar};
    return true;
  }
  if (node.kind != ConfigNode::Kind::list) return wrong(node, sink, "a list of texts");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (!is_plain(node.items[i])) return wrong(node.items[i], sink.at(i), "a text");
    texts.push_back(node.items[i].scalar);
  }
  value = std::move(texts);
  return true;
}

bool read_choice(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 std::size_t& index) {
  const auto list = fmt::format("{}", fmt::join(spec.choices, ", "));
  if (!is_plain(node)) return wrong(node, sink, "one of " + list);
  const auto found = std::find(spec.choices.begin(), spec.choices.end(), node.scalar);
  if (found == spec.choices.end()) {
    const auto near = node.is_secret ? "" : nearest(node.scalar, spec.choices);
    sink.add(node.line, shown(node) + " is none of " + list +
                            (near.empty() ? "" : "; did you mean '" + near + "'?"));
    return false;
  }
  index = static_cast<std::size_t>(found - spec.choices.begin());
  return true;
}

std::string write_option(bool value) {
  return value ? "true" : "false";
}
std::string write_option(int value) {
  return std::to_string(value);
}
std::string write_option(double value) {
  return fmt::format("{}", value);
}
std::string write_option(Duration value) {
  return format_duration(value);
}
std::string write_option(ByteSize value) {
  return format_bytes(value.value);
}
std::string write_option(Bytes value) {
  return format_bytes(value);
}
std::string write_option(const std::string& value) {
  return value;
}
std::string write_option(const std::vector<std::string>& value) {
  return value.empty() ? "" : fmt::format("[{}]", fmt::join(value, ", "));
}

const char* option_type(const bool*) {
  return "boolean";
}
const char* option_type(const int*) {
  return "integer";
}
const char* option_type(const double*) {
  return "number";
}
const char* option_type(const Duration*) {
  return "duration";
}
const char* option_type(const ByteSize*) {
  return "size";
}
const char* option_type(const Bytes*) {
  return "size";
}
const char* option_type(const std::string*) {
  return "text";
}
const char* option_type(const std::vector<std::string>*) {
  return "list";
}

bool check_keys(const ConfigNode& node, const std::vector<std::string>& known,
                const ProblemSink& sink) {
  if (node.kind == ConfigNode::Kind::null) return true;
  if (node.kind != ConfigNode::Kind::map) return wrong(node, sink, "a map of options");
  std::vector<std::string> seen;
  for (const auto& entry : node.entries) {
    if (std::find(known.begin(), known.end(), entry.key) == known.end()) {
      sink.at(entry.key).add(entry.line, "unknown key" + suggestion(entry.key, known));
    } else if (std::find(seen.begin(), seen.end(), entry.key) != seen.end()) {
      sink.at(entry.key).add(entry.line, "given twice");
    }
    seen.push_back(entry.key);
  }
  return true;
}

namespace {

/// `100`, `true` and `0.5` are JSON already; `250ms` and `fixed` are texts, `[a, b]` a list of
/// them.
nlohmann::ordered_json default_json(const OptionSpec& spec) {
  using Json = nlohmann::ordered_json;
  const auto& text = spec.default_text;
  if (spec.type == "boolean" || spec.type == "integer" || spec.type == "number")
    return Json::parse(text, nullptr, false);
  if (spec.type != "list") return text;
  Json list = Json::array();
  for (std::size_t from = 1; from < text.size();) {
    const auto end = std::min(text.find(", ", from), text.size() - 1);
    list.push_back(text.substr(from, end - from));
    from = end + 2;
  }
  return list;
}

}  // namespace

nlohmann::ordered_json option_schema(const OptionSpec& spec) {
  using Json = nlohmann::ordered_json;
  // Any scalar may be written as ${NAME}, to be filled in from the environment.
  const std::string placeholder = R"(\$\{.+\})";
  Json schema = {{"description", spec.summary}};
  if (spec.type == "boolean" || spec.type == "integer" || spec.type == "number") {
    schema["type"] = Json::array({spec.type, "string"});
    if (spec.min) schema["minimum"] = *spec.min;
    if (spec.max) schema["maximum"] = *spec.max;
    schema["pattern"] = "^" + placeholder + "$";
  } else if (spec.type == "duration" || spec.type == "size") {
    const bool is_duration = spec.type == "duration";
    schema["type"] = Json::array({"string", "integer"});
    schema["minimum"] = 0;  // as a bare number, without a unit, only zero is one
    schema["maximum"] = 0;
    schema["pattern"] =
        is_duration ? R"(^(0|([0-9]+(\.[0-9]+)? ?(ns|us|ms|s|m|min|h|d))+|)" + placeholder + ")$"
                    : R"(^(0|[0-9]+(\.[0-9]+)? ?([kMGT]?B|[KMGT]iB)|)" + placeholder + ")$";
  } else if (spec.type == "choice") {
    schema["anyOf"] =
        Json::array({Json{{"enum", spec.choices}}, Json{{"pattern", "^" + placeholder + "$"}}});
  } else if (spec.type == "list") {
    const Json text = {{"type", Json::array({"string", "number", "boolean"})}};
    schema["anyOf"] = Json::array({text, Json{{"type", "array"}, {"items", text}}});
  } else {
    schema["type"] = Json::array({"string", "number", "boolean"});
  }
  if (!spec.default_text.empty()) schema["default"] = default_json(spec);
  return schema;
}

nlohmann::ordered_json options_schema(const std::vector<OptionSpec>& specs) {
  using Json = nlohmann::ordered_json;
  Json properties = Json::object(), required = Json::array();
  for (const auto& spec : specs) {
    if (spec.is_required) required.push_back(spec.name);
    properties[spec.name] = option_schema(spec);
  }
  // A map without entries may be written as nothing at all.
  Json schema = {{"type", required.empty() ? Json::array({"object", "null"}) : Json("object")},
                 {"additionalProperties", false},
                 {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

}  // namespace reelmill
