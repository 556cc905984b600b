// SPDX-License-Identifier: Apache-2.0
#include "pipeline/scan_summary.h"

#include "base/counted.h"
#include "pipeline/media_info_json.h"

namespace reelmill {
namespace {

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

template <class T>
void read(const Json& json, const char* name, std::optional<T>& value) {
  if (const auto& given = json.at(name); !given.is_null()) value = given.get<T>();
}

}  // namespace

int ScanSummary::rotation() const {
  return video_stream ? media.streams[static_cast<std::size_t>(*video_stream)].rotation : 0;
}

Findings with_messages(const ScanSummary& summary, const Findings& findings) {
  Findings all;
  for (const auto& message : summary.messages) all.warn(message);
  if (summary.unsaid_messages > 0)
    all.warn(counted(summary.unsaid_messages, "more message", "more messages") + " of the decoder");
  if (summary.has_empty_sound) all.warn("the audio stream holds no sample");
  if (!summary.why_in_full.empty())
    all.warn("every frame was decoded, fast had no effect: " + summary.why_in_full);
  all.merge(findings);
  return all;
}

Json to_json(const ScanSummary& summary) {
  return Json{{"media", to_json(summary.media)},
              {"video_stream", or_null(summary.video_stream)},
              {"audio_stream", or_null(summary.audio_stream)},
              {"status", summary.status},
              {"frames_decoded", summary.frames_decoded},
              {"frames_corrupt", summary.frames_corrupt},
              {"frames_held", summary.frames_held},
              {"messages", summary.messages},
              {"unsaid_messages", summary.unsaid_messages},
              {"why_in_full", summary.why_in_full},
              {"has_empty_sound", summary.has_empty_sound},
              {"measured_s", or_null(summary.measured_s)},
              {"sound_end_s", summary.sound_end_s},
              {"sound_origin_s", or_null(summary.sound_origin_s)},
              {"sha256", or_null(summary.sha256)}};
}

ScanSummary scan_summary_from_json(const Json& json) {
  ScanSummary summary;
  summary.media = media_info_from_json(json.at("media"));
  read(json, "video_stream", summary.video_stream);
  read(json, "audio_stream", summary.audio_stream);
  json.at("status").get_to(summary.status);
  json.at("frames_decoded").get_to(summary.frames_decoded);
  json.at("frames_corrupt").get_to(summary.frames_corrupt);
  summary.frames_held = json.value("frames_held", std::int64_t{0});
  json.at("messages").get_to(summary.messages);
  json.at("unsaid_messages").get_to(summary.unsaid_messages);
  summary.why_in_full = json.value("why_in_full", std::string());
  json.at("has_empty_sound").get_to(summary.has_empty_sound);
  read(json, "measured_s", summary.measured_s);
  json.at("sound_end_s").get_to(summary.sound_end_s);
  if (json.contains("sound_origin_s")) read(json, "sound_origin_s", summary.sound_origin_s);
  read(json, "sha256", summary.sha256);
  return summary;
}

}  // namespace reelmill
