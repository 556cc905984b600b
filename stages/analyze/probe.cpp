// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/probe.h"

#include <algorithm>
#include <cmath>

#include "base/path_text.h"
#include "stages/api/registry.h"

namespace reelmill {
namespace {

template <class T>
Json value_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string_view name_of(StreamKind kind) {
  switch (kind) {
    case StreamKind::video:
      return "video";
    case StreamKind::audio:
      return "audio";
    case StreamKind::subtitle:
      return "subtitle";
    case StreamKind::attachment:
      return "attachment";
    case StreamKind::data:
      break;
  }
  return "data";
}

Json facts_of(const StreamInfo& stream) {
  Json facts{
      {"index", stream.index},
      {"kind", name_of(stream.kind)},
      {"codec", stream.codec},
      {"is_decodable", stream.is_decodable},
      {"is_default", stream.is_default},
      {"language", stream.language.empty() ? Json(nullptr) : Json(path_to_line(stream.language))},
      {"duration_s", value_or_null(stream.duration_s)}};
  if (stream.kind == StreamKind::video) {
    facts["is_attached_picture"] = stream.is_attached_picture;
    facts["width"] = stream.width;
    facts["height"] = stream.height;
    facts["pixel_format"] = stream.pixel_format;
    facts["rotation"] = stream.rotation;
    facts["frame_rate"] =
        stream.frame_rate.den == 0 ? Json(nullptr) : Json(stream.frame_rate.value());
    facts["claimed_frames"] = stream.frame_count > 0 ? Json(stream.frame_count) : Json(nullptr);
  } else if (stream.kind == StreamKind::audio) {
    facts["sample_rate"] = stream.sample_rate;
    facts["channels"] = stream.channels;
  }
  return facts;
}

void warn_of_duration(const VideoRecord& video, double tolerance, Findings& findings) {
  constexpr double kShort = 1;  // seconds: below, containers round
  const auto claimed = video.media.duration_s;
  const bool is_measured = video.timeline != nullptr && !video.timeline->empty();
  if (!claimed || !is_measured || !std::isfinite(*claimed)) return;
  const double off_by = std::abs(*claimed - video.duration_s);
  if (off_by > kShort && off_by > tolerance * std::max(*claimed, video.duration_s))
    findings.warn(fmt::format("probe: the container claims {:.6g} s, but {:.6g} s were measured",
                              *claimed, video.duration_s));
}

void warn_of_stream(const StreamInfo& stream, Findings& findings) {
  const auto name =
      fmt::format("probe: stream {} ({} {})", stream.index, name_of(stream.kind), stream.codec);
  const bool is_shown = stream.kind == StreamKind::video || stream.kind == StreamKind::audio;
  if (is_shown && !stream.is_decodable) findings.warn(name + ": no decoder in this build");
  if (stream.is_attached_picture) findings.warn(name + " is an attached picture, not a video");
  if (stream.kind == StreamKind::video && stream.is_decodable &&
      (stream.width <= 0 || stream.height <= 0))
    findings.warn(name + ": the headers state no size");
}

}  // namespace

OptionTable<ProbeOptions> probe_options() {
  return OptionTable<ProbeOptions>().add(
      "duration_tolerance", &ProbeOptions::duration_tolerance,
      "warn when claimed and measured duration differ by more than this share of the longer (0 to "
      "1)",
      Range{0, 1});
}

Result<Findings> ProbeStage::process(const VideoRecord& video, ArtifactWriter&) const {
  Findings findings;
  Json streams = Json::array();
  for (const auto& stream : video.media.streams) {
    streams.push_back(facts_of(stream));
    warn_of_stream(stream, findings);
  }
  warn_of_duration(video, options_.duration_tolerance, findings);
  findings.set("probe", Json{{"bit_rate", value_or_null(video.media.bit_rate)},
                             {"claimed_duration_s", value_or_null(video.media.duration_s)},
                             {"streams", std::move(streams)}});
  return findings;
}

namespace {

const RegisterStage registered{define_stage<ProbeOptions>(
    {.name = "probe",
     .version = 1,
     .summary = "Probe: what the headers say of container and streams, and which claims are wrong",
     .kind = StageKind::video},
    probe_options(), [](const ProbeOptions& options, const StageContext&) {
      StageParts parts;
      parts.video_stage = std::make_shared<ProbeStage>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
