// SPDX-License-Identifier: Apache-2.0
#include "pipeline/results_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>

#include "base/path_text.h"

namespace reelmill {
namespace {

constexpr std::array kFindingsInOrder{"shots",    "black",   "freeze", "silence",
                                      "loudness", "quality", "infer"};
constexpr std::array kReserved{"schema", "video", "status", "frames", "warnings"};

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view kind_name(StreamKind kind) {
  switch (kind) {
    case StreamKind::video:
      return "video";
    case StreamKind::audio:
      return "audio";
    case StreamKind::subtitle:
      return "subtitle";
    case StreamKind::data:
      return "data";
    case StreamKind::attachment:
      return "attachment";
  }
  return "data";
}

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json stream_json(const StreamInfo& stream) {
  Json json{{"index", stream.index},
            {"kind", kind_name(stream.kind)},
            {"codec", stream.codec},
            {"is_default", stream.is_default},
            {"language", stream.language.empty() ? Json(nullptr) : Json(stream.language)},
            {"duration_s", or_null(stream.duration_s)}};
  if (stream.kind == StreamKind::video) {
    json["width"] = stream.width;
    json["height"] = stream.height;
    json["pixel_format"] = stream.pixel_format;
    json["rotation"] = stream.rotation;
    json["frame_rate"] = stream.frame_rate.value() > 0 ? Json(stream.frame_rate.value()) : nullptr;
    json["is_attached_picture"] = stream.is_attached_picture;
  }
  if (stream.kind == StreamKind::audio) {
    json["sample_rate"] = stream.sample_rate;
    json["channels"] = stream.channels;
  }
  return json;
}

Json video_json(const VideoResults& results) {
  Json json{{"path", path_to_text(results.file.key)}, {"bytes", results.file.bytes}};
  if (results.sha256) json["sha256"] = *results.sha256;
  json["container"] = results.media.container;
  json["duration_s"] = or_null(results.duration_s);
  json["streams"] = Json::array();
  for (const auto& stream : results.media.streams) json["streams"].push_back(stream_json(stream));
  return json;
}

Json warning_json(const Warning& warning) {
  Json json{{"message", warning.message}};
  if (warning.frame) json["frame"] = *warning.frame;
  return json;
}

}  // namespace

std::optional<double> duration_of(std::optional<double> measured_s, const MediaInfo& media) {
  for (const auto& candidate : {measured_s, media.duration_s})
    if (candidate && std::isfinite(*candidate) && *candidate > 0) return candidate;
  return {};
}

Json to_json(const VideoResults& results) {
  Json frames{{"decoded", results.frames_decoded}, {"corrupt", results.frames_corrupt}};
  if (results.frames_held > 0) frames["held"] = results.frames_held;
  Json json{{"schema", kResultsSchema},
            {"video", video_json(results)},
            {"status", results.status},
            {"frames", std::move(frames)}};
  for (const char* name : kFindingsInOrder)
    if (const Json* value = results.findings.find(name)) json[name] = *value;

  Json warnings = Json::array();
  for (const auto& warning : results.findings.warnings()) warnings.push_back(warning_json(warning));
  std::map<std::string_view, const Json*> others;
  for (const auto& [name, value] : results.findings.values()) {
    if (holds(kReserved, name))
      warnings.push_back(warning_json(
          {"a stage calls a finding '" + name + "', which is taken: it was left out", {}}));
    else if (!holds(kFindingsInOrder, name))
      others.emplace(name, &value);
  }
  for (const auto& [name, value] : others) json[std::string(name)] = *value;
  json["warnings"] = std::move(warnings);
  return json;
}

std::string results_text(const VideoResults& results) {
  // Texts of containers and codecs may hold any bytes; those that are not UTF-8 become U+FFFD.
  return to_json(results).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace reelmill
