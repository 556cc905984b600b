// SPDX-License-Identifier: Apache-2.0
#include "tests/support/json_schema.h"

#include <algorithm>
#include <array>
#include <regex>
#include <string_view>

namespace reelmill::test {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kKnown{"$schema", "$id",     "$defs",      "title",    "description",
                            "default", "type",    "const",      "enum",     "minimum",
                            "maximum", "pattern", "properties", "required", "additionalProperties",
                            "items",   "$ref",    "examples"};

bool has_type(const Json& json, std::string_view type) {
  if (type == "object") return json.is_object();
  if (type == "array") return json.is_array();
  if (type == "string") return json.is_string();
  if (type == "boolean") return json.is_boolean();
  if (type == "null") return json.is_null();
  if (type == "integer") return json.is_number_integer();
  return type == "number" && json.is_number();
}

class Checker {
 public:
  explicit Checker(const Json& root) : root_(root) {}

  void check(const Json& schema, const Json& json, const std::string& at) {
    if (schema.is_boolean()) {
      if (!schema.get<bool>()) add(at, "must not be there");
      return;
    }
    for (const auto& [keyword, value] : schema.items())
      if (std::find(kKnown.begin(), kKnown.end(), keyword) == kKnown.end())
        add(at, "the checker does not know " + keyword);
    if (schema.contains("$ref")) check(resolve(schema["$ref"]), json, at);
    check_value(schema, json, at);
    if (json.is_object()) check_object(schema, json, at);
    if (json.is_array() && schema.contains("items"))
      for (std::size_t i = 0; i < json.size(); ++i)
        check(schema["items"], json[i], at + "[" + std::to_string(i) + "]");
  }

  std::vector<std::string> violations;

 private:
  void add(const std::string& at, const std::string& what) {
    violations.push_back((at.empty() ? "/" : at) + ": " + what);
  }

  const Json& resolve(const std::string& reference) const {
    return root_.at(Json::json_pointer(reference.substr(1)));
  }

  void check_value(const Json& schema, const Json& json, const std::string& at) {
    if (schema.contains("type")) {
      const auto types = schema["type"].is_array() ? schema["type"] : Json::array({schema["type"]});
      if (std::none_of(types.begin(), types.end(),
                       [&](const Json& type) { return has_type(json, type.get<std::string>()); }))
        add(at, "is " + json.dump() + ", not " + types.dump());
    }
    if (schema.contains("const") && json != schema["const"]) add(at, "is " + json.dump());
    if (schema.contains("enum")) {
      const auto& choices = schema["enum"];
      if (std::find(choices.begin(), choices.end(), json) == choices.end())
        add(at, json.dump() + " is not one of " + choices.dump());
    }
    if (json.is_number() && schema.contains("minimum") &&
        json.get<double>() < schema["minimum"].get<double>())
      add(at, json.dump() + " is too small");
    if (json.is_number() && schema.contains("maximum") &&
        json.get<double>() > schema["maximum"].get<double>())
      add(at, json.dump() + " is too large");
    if (json.is_string() && schema.contains("pattern") &&
        !std::regex_search(json.get<std::string>(),
                           std::regex(schema["pattern"].get<std::string>())))
      add(at, json.dump() + " does not match");
  }

  void check_object(const Json& schema, const Json& json, const std::string& at) {
    for (const auto& name : schema.value("required", Json::array()))
      if (!json.contains(name.get<std::string>())) add(at, "lacks " + name.get<std::string>());
    const auto properties = schema.value("properties", Json::object());
    for (const auto& [name, value] : json.items()) {
      const auto below = at + "/" + name;
      if (properties.contains(name))
        check(properties[name], value, below);
      else if (schema.contains("additionalProperties"))
        check(schema["additionalProperties"], value, below);
    }
  }

  const Json& root_;
};

}  // namespace

std::vector<std::string> schema_violations(const Json& schema, const Json& json) {
  Checker checker(schema);
  checker.check(schema, json, "");
  return checker.violations;
}

}  // namespace reelmill::test
