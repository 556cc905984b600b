// SPDX-License-Identifier: Apache-2.0
#include "pipeline/config_schema.h"

#include "pipeline/config_sections.h"

namespace reelmill {
namespace {

using Json = nlohmann::ordered_json;

Json reference(const char* definition) {
  return {{"$ref", std::string("#/$defs/") + definition}};
}

Json described(Json schema, const char* description) {
  schema["description"] = description;
  return schema;
}

Json name_schema() {
  return {{"type", Json::array({"string", "integer"})}, {"pattern", kIdPattern}};
}

Json batch_schema() {
  return options_schema(batch_options().specs());
}

Json guard_schema() {
  return {{"type", Json::array({"object", "null"})},
          {"description",
           "the protection around one service; a part that is not written is not there, and with "
           "nothing written it suits an unattended run"},
          {"additionalProperties", false},
          {"properties",
           {{"retry", options_schema(retry_options().specs())},
            {"breaker", options_schema(breaker_options().specs())},
            {"rate", options_schema(rate_options().specs())},
            {"concurrency", options_schema(concurrency_options().specs())},
            {"budget", options_schema(budget_options().specs())},
            {"timeout", options_schema(timeout_options().specs())},
            {"hedge", options_schema(hedge_options().specs())}}}};
}

/// What holds for a stage with `use: NAME`.
Json rules_of(const StageDefinition& stage) {
  auto options = options_schema(stage.options);
  Json required = Json::array();
  if (stage.kind != StageKind::source) required.push_back("from");
  if (options.contains("required")) required.push_back("with");
  Json properties = Json::object();
  if (stage.kind == StageKind::source) properties["from"] = false;
  if (stage.kind != StageKind::call && stage.kind != StageKind::model)
    for (const auto* key : {"guard", "lanes", "batch"}) properties[key] = false;
  properties["with"] = std::move(options);
  Json rules = {{"description", stage.summary}};
  if (!required.empty()) rules["required"] = std::move(required);
  rules["properties"] = std::move(properties);
  return {{"if", {{"required", {"use"}}, {"properties", {{"use", {{"const", stage.name}}}}}}},
          {"then", std::move(rules)}};
}

Json stage_schema(const Registry& registry) {
  Json rules = Json::array();
  for (const auto* stage : registry.all()) rules.push_back(rules_of(*stage));
  const Json ids = {
      {"type", "array"}, {"items", name_schema()}, {"minItems", 1}, {"uniqueItems", true}};
  return {{"type", "object"},
          {"required", {"id", "use"}},
          {"additionalProperties", false},
          {"properties",
           {{"id", described(name_schema(), "a name of its own, for 'from' and for reports")},
            {"use", {{"type", "string"}, {"description", "what the stage does"}}},
            {"from",
             {{"description", "ids of the stages it stands on"},
              {"anyOf", Json::array({name_schema(), ids})}}},
            {"guard", described(name_schema(), "a name under 'guards'; for calls")},
            {"lanes", option_schema(lanes_option())},
            {"batch", reference("batch")},
            {"with", {{"description", "options of the stage"}}}}},
          {"allOf", std::move(rules)}};
}

Json flag_schema(const char* summary) {
  OptionSpec spec;
  spec.type = "boolean";
  spec.default_text = "false";
  spec.summary = summary;
  return option_schema(spec);
}

Json list_schema(const char* summary) {
  OptionSpec spec;
  spec.type = "list";
  spec.summary = summary;
  auto schema = option_schema(spec);
  schema["anyOf"].push_back({{"type", "null"}});
  return schema;
}

}  // namespace

Json config_schema(const Registry& registry) {
  Json names = Json::array();
  for (const auto* stage : registry.all()) names.push_back(stage->name);
  const Json uses_known_stages = {
      {"properties",
       {{"stages", {{"items", {{"properties", {{"use", {{"enum", std::move(names)}}}}}}}}}}}};
  return {
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"title", "What reelmill does with each video"},
      {"type", "object"},
      {"required", {"version", "stages"}},
      {"additionalProperties", false},
      {"properties",
       {{"version", {{"const", 1}, {"description", "of this format"}}},
        {"name",
         {{"type", Json::array({"string", "number", "boolean"})},
          {"description", "of this configuration, in reports"}}},
        {"input", options_schema(input_options().specs())},
        {"guards",
         {{"type", Json::array({"object", "null"})},
          {"propertyNames", {{"pattern", kIdPattern}}},
          {"additionalProperties", reference("guard")}}},
        {"plugins", list_schema("shared libraries with stages of your own, relative to this file")},
        {"limits", options_schema(limit_options().specs())},
        {"watchdog", options_schema(watchdog_options().specs())},
        {"hash", flag_schema("put the SHA-256 of each video into its results")},
        {"keep_timeline",
         flag_schema("keep what was seen of each frame (50 to 200 bytes) in OUT/timelines, so that "
                     "a changed detector runs again without decoding")},
        {"stages", {{"type", "array"}, {"minItems", 1}, {"items", reference("stage")}}}}},
      {"if",
       {{"properties",
         {{"plugins", {{"type", Json::array({"array", "null"})}, {"maxItems", 0}}}}}}},
      {"then", uses_known_stages},
      {"$defs",
       {{"stage", stage_schema(registry)}, {"guard", guard_schema()}, {"batch", batch_schema()}}}};
}

}  // namespace reelmill
