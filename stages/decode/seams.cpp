// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/seams.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace reelmill {
namespace {

constexpr std::array kExactCodecs = {"h264", "hevc", "mpeg2video", "vp8", "vp9", "av1"};
constexpr std::array kExactContainers = {"mpegts", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"};
/// Packets looked at for a key frame behind each wanted place: several seconds of any format.
constexpr int kMaxPacketsToKeyFrame = 3000;
constexpr int kMaxSegments = 4096;
/// How far before a wanted key frame a seek aims, growing.
constexpr std::array kSeekMargins_s = {0.0, 2.0, 12.0, 60.0, 1e9};
/// Before any pts of a real file, with room for sums.
constexpr std::int64_t kEarliest = std::numeric_limits<std::int64_t>::min() / 4;

std::optional<std::int64_t> key_frame_after(Demuxer& demuxer, int stream, std::int64_t wanted) {
  if (!demuxer.seek(stream, wanted)) return {};
  for (int i = 0; i < kMaxPacketsToKeyFrame; ++i) {
    auto packet = demuxer.read();
    if (!packet || !packet->has_value()) return {};
    const Packet& found = **packet;
    if (found.is_key && found.pts && *found.pts >= wanted && !found.is_discarded) return found.pts;
  }
  return {};
}

}  // namespace

bool is_known_exact(const MediaInfo& media, const StreamInfo& stream) {
  const auto has = [](const auto& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return has(kExactCodecs, stream.codec) && has(kExactContainers, media.container);
}

std::vector<std::int64_t> find_seams(const PlannedVideo& video, double segment_length_s,
                                     std::shared_ptr<ReadControl> control) {
  const ScanPlan& plan = video.plan;
  if (segment_length_s <= 0 || !plan.video_stream || plan.duration_s < 1.5 * segment_length_s)
    return {};
  const auto& stream = plan.media.streams[static_cast<std::size_t>(*plan.video_stream)];
  if (!is_known_exact(plan.media, stream) || stream.time_base.value() <= 0) return {};
  const double count = std::ceil(plan.duration_s / segment_length_s);
  if (!(count <= kMaxSegments)) return {};
  auto opened = Demuxer::open(plan.file.path, std::move(control));
  if (!opened) return {};
  Demuxer& demuxer = **opened;
  demuxer.select({*plan.video_stream});
  const double start = static_cast<double>(stream.start_pts.value_or(0)) * stream.time_base.value();
  const double step = plan.duration_s / count;
  std::vector<std::int64_t> seams;
  for (int i = 1; i < static_cast<int>(count); ++i) {
    const auto wanted = std::llround((start + i * step) / stream.time_base.value());
    const auto seam = key_frame_after(demuxer, *plan.video_stream, wanted);
    if (!seam) break;
    if (seams.empty() || *seam > seams.back()) seams.push_back(*seam);
  }
  return seams;
}

Result<Packet> seek_to_key_frame(Demuxer& demuxer, int stream, std::int64_t pts) {
  const auto unit = demuxer.info().streams[static_cast<std::size_t>(stream)].time_base.value();
  for (const double margin_s : kSeekMargins_s) {
    const auto margin = unit > 0 ? std::llround(std::min(margin_s / unit, 0x1p60)) : 0;
    if (!demuxer.seek(stream, pts - std::min<std::int64_t>(margin, pts - kEarliest))) continue;
    for (int i = 0; i < kMaxPacketsToKeyFrame; ++i) {
      auto packet = demuxer.read();
      if (!packet || !packet->has_value()) break;
      if ((*packet)->stream != stream || !(*packet)->is_key || !(*packet)->pts) continue;
      if (*(*packet)->pts > pts) break;
      return std::move(**packet);
    }
  }
  return fail(ErrorKind::not_found, "no key frame at or before pts {}", pts);
}

std::vector<Segment> make_segments(const std::vector<std::int64_t>& seams, bool reads_video,
                                   bool reads_audio) {
  if (seams.empty()) return {Segment{0, {}, {}, reads_video, reads_audio}};
  std::vector<Segment> segments;
  for (std::size_t i = 0; i <= seams.size(); ++i) {
    Segment segment{static_cast<int>(i), {}, {}, true, false};
    if (i > 0) segment.from_pts = seams[i - 1];
    if (i < seams.size()) segment.to_pts = seams[i];
    segments.push_back(segment);
  }
  if (reads_audio)
    segments.push_back(Segment{static_cast<int>(segments.size()), {}, {}, false, true});
  return segments;
}

}  // namespace reelmill
