// SPDX-License-Identifier: Apache-2.0
// Chapters from shots, in the two formats that players and muxers take: chapters.ffmeta (FFmpeg's
// metadata format, https://ffmpeg.org/ffmpeg-formats.html#Metadata-2; `ffmpeg -i VIDEO -i
// chapters.ffmeta -map_metadata 1 -map_chapters 1 -codec copy OUT` puts them into a file) and
// chapters.vtt (WebVTT, https://www.w3.org/TR/webvtt1/#chapters, for <track kind="chapters">).
#include <cmath>

#include "base/clock_time.h"
#include "stages/api/registry.h"
#include "stages/export/export_text.h"

namespace reelmill {
namespace {

struct ChaptersOptions {
  Duration min_duration = std::chrono::seconds(0);
};

struct Chapter {
  double start_s = 0, end_s = 0;
  std::size_t first_shot = 0, last_shot = 0;  // numbered from 1

  std::string title() const {
    return first_shot == last_shot ? fmt::format("Shot {}", first_shot)
                                   : fmt::format("Shots {} to {}", first_shot, last_shot);
  }
};

// Shots are joined until the chapter is long enough; what is left at the end joins the last.
std::vector<Chapter> chapters_of(const std::vector<Shot>& shots, double least_s) {
  std::vector<Chapter> chapters;
  for (std::size_t i = 0; i < shots.size(); ++i) {
    const bool goes_on =
        !chapters.empty() && chapters.back().end_s - chapters.back().start_s < least_s;
    if (!goes_on) chapters.push_back({shots[i].start_s, 0, i + 1, 0});
    chapters.back().end_s = shots[i].end_s;
    chapters.back().last_shot = i + 1;
  }
  if (chapters.size() > 1 && chapters.back().end_s - chapters.back().start_s < least_s) {
    const auto rest = chapters.back();
    chapters.pop_back();
    chapters.back().end_s = rest.end_s;
    chapters.back().last_shot = rest.last_shot;
  }
  return chapters;
}

class ChaptersStage final : public VideoStage {
 public:
  explicit ChaptersStage(const ChaptersOptions& options) : options_(options) {}

  Result<Findings> process(const VideoRecord& video, ArtifactWriter& artifacts) const override {
    std::string metadata = ";FFMETADATA1\n", webvtt = "WEBVTT\n";
    for (const auto& chapter : chapters_of(shots_of(video), to_seconds(options_.min_duration))) {
      metadata += fmt::format("[CHAPTER]\nTIMEBASE=1/1000\nSTART={}\nEND={}\ntitle={}\n",
                              std::llround(chapter.start_s * 1000),
                              std::llround(chapter.end_s * 1000), chapter.title());
      webvtt += fmt::format("\n{} --> {}\n{}\n", clock_time(chapter.start_s),
                            clock_time(chapter.end_s), chapter.title());
    }
    REELMILL_TRY(write_text(artifacts, "chapters.ffmeta", metadata));
    REELMILL_TRY(write_text(artifacts, "chapters.vtt", webvtt));
    return Findings{};
  }

 private:
  ChaptersOptions options_;
};

const RegisterStage registered{define_stage<ChaptersOptions>(
    {.name = "chapters",
     .version = 1,
     .summary = "Chapters: the shots as chapters, for FFmpeg (chapters.ffmeta) and as WebVTT",
     .kind = StageKind::video,
     .needs_findings = {"shots"}},
    OptionTable<ChaptersOptions>().add("min_duration", &ChaptersOptions::min_duration,
                                       "shots are joined until a chapter lasts so long",
                                       Range{0, 3600}),
    [](const ChaptersOptions& options, const StageContext&) {
      StageParts parts;
      parts.video_stage = std::make_shared<ChaptersStage>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
