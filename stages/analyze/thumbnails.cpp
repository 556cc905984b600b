// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/thumbnails.h"

#include <algorithm>
#include <utility>

#include "media/image_encoder.h"
#include "stages/analyze/frame_score.h"
#include "stages/analyze/picture_size.h"
#include "stages/analyze/shot_candidates.h"
#include "stages/api/registry.h"

namespace reelmill {
namespace {

constexpr int kTallest = 16384;

struct Thumbnail {
  std::int64_t frame = 0;
  std::int64_t pts = 0;
  std::vector<std::uint8_t> jpeg;
};

const ShotCandidate* best_inside(const std::vector<const ShotCandidate*>& candidates,
                                 const Shot& shot) {
  const auto from = std::lower_bound(
      candidates.begin(), candidates.end(), shot.start_frame,
      [](const ShotCandidate* candidate, std::int64_t frame) { return candidate->frame < frame; });
  const ShotCandidate* best = nullptr;
  for (auto it = from; it != candidates.end() && (*it)->frame < shot.end_frame; ++it)
    if (best == nullptr || (*it)->score > best->score) best = *it;
  return best;
}

/// The shot's best frame by the timeline, as it was decoded for an earlier run, or decoded once
/// more.
Result<Thumbnail> decode_best(const VideoRecord& video, const Shot& shot,
                              const ThumbnailsOptions& options, ShotCandidates* pictures) {
  if (video.timeline == nullptr || !video.frame_at)
    return fail(ErrorKind::not_found, "the video cannot be read again");
  Thumbnail thumbnail;
  double best_score = -1;
  auto reader = video.timeline->read(shot.start_frame);
  while (const TimelineFrame* frame = reader.next()) {
    if (reader.index() >= shot.end_frame) break;
    const double score = frame_score(frame->features, frame->is_corrupt);
    if (score <= best_score) continue;
    best_score = score;
    thumbnail.frame = reader.index();
    thumbnail.pts = frame->pts;
  }
  REELMILL_TRY(reader.status());
  if (best_score < 0) return fail(ErrorKind::not_found, "the shot has no frame");
  if (pictures != nullptr)
    if (const auto* known = pictures->remembered(thumbnail.frame)) {
      thumbnail.jpeg = known->jpeg;
      return thumbnail;
    }
  REELMILL_ASSIGN(const auto frame, video.frame_at(thumbnail.pts));
  const auto size = fitted_size(shown_size(frame), video.rotation, {options.width, kTallest});
  REELMILL_ASSIGN(const auto picture, frame.scaled(size.width, size.height, video.rotation));
  REELMILL_ASSIGN(thumbnail.jpeg, encode_jpeg(picture, options.quality));
  if (pictures != nullptr)
    pictures->remember({thumbnail.frame, thumbnail.pts, best_score, thumbnail.jpeg});
  return thumbnail;
}

}  // namespace

OptionTable<ThumbnailsOptions> thumbnails_options() {
  return OptionTable<ThumbnailsOptions>()
      .add("width", &ThumbnailsOptions::width,
           "width of the pictures in pixels; never larger than the video", Range{16, 4096})
      .add("quality", &ThumbnailsOptions::quality, "quality of the JPEG from 1 (worst) to 100",
           Range{1, 100})
      .add("max", &ThumbnailsOptions::max,
           "most pictures of one video; of more shots, this many at equal distances",
           Range{1, 10000});
}

Result<Findings> ThumbnailsStage::process(const VideoRecord& video,
                                          ArtifactWriter& artifacts) const {
  Findings findings;
  std::vector<const ShotCandidate*> candidates;
  auto* pictures = dynamic_cast<ShotCandidates*>(video.observer);
  if (pictures != nullptr) candidates = pictures->list();
  const auto& shots = video.findings.shots();
  const auto all = shots ? shots->size() : 0;
  const auto wanted = std::min(all, static_cast<std::size_t>(options_.max));
  Json list = Json::array();
  for (std::size_t i = 0; i < wanted; ++i) {
    const auto number = i * all / wanted;
    const Shot& shot = (*shots)[number];
    Thumbnail thumbnail;
    if (const auto* kept = best_inside(candidates, shot)) {
      thumbnail = {kept->frame, kept->pts, kept->jpeg};
    } else {
      auto decoded = decode_best(video, shot, options_, pictures);
      if (!decoded) {
        findings.warn(fmt::format("thumbnails: shot {}: {}", number + 1, decoded.error().message),
                      shot.start_frame);
        continue;
      }
      thumbnail = *std::move(decoded);
    }
    const auto name = fmt::format("shot-{:04}.jpg", number + 1);
    REELMILL_TRY(artifacts.write(name, thumbnail.jpeg));
    const double time_s = video.timeline != nullptr ? video.timeline->seconds(thumbnail.pts) : 0;
    list.push_back(
        Json{{"shot", number + 1}, {"file", name}, {"frame", thumbnail.frame}, {"time_s", time_s}});
  }
  findings.set("thumbnails", std::move(list));
  return findings;
}

namespace {

const RegisterStage registered{define_stage<ThumbnailsOptions>(
    {.name = "thumbnails",
     .version = 2,
     .summary = "Thumbnails: one good JPEG of every shot",
     .kind = StageKind::video,
     .needs_findings = {"shots"}},
    thumbnails_options(), [](const ThumbnailsOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.frames = DecoderNeeds::Frames::all;
      CandidateOptions keep;
      keep.width = options.width;
      keep.quality = options.quality;
      parts.make_frame_observer = [keep] { return std::make_unique<ShotCandidates>(keep); };
      parts.restore_frame_observer = [keep](std::string_view saved) {
        return ShotCandidates::restore(saved, keep);
      };
      parts.video_stage = std::make_shared<ThumbnailsStage>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
