// SPDX-License-Identifier: Apache-2.0
// shots.csv: one line a shot after RFC 4180, for spreadsheets and scripts.
#include "stages/api/registry.h"
#include "stages/export/export_text.h"
#include "stages/export/timecode.h"

namespace reelmill {
namespace {

struct NoOptions {};

class ShotsCsvStage final : public VideoStage {
 public:
  Result<Findings> process(const VideoRecord& video, ArtifactWriter& artifacts) const override {
    const Timecode timecode(frame_rate_of(video.media));
    std::string text =
        "shot,start_frame,end_frame,start_s,end_s,duration_s,start_timecode,end_timecode,"
        "transition_in\r\n";
    int number = 0;
    for (const auto& shot : shots_of(video))
      text +=
          fmt::format("{},{},{},{:.6f},{:.6f},{:.6f},{},{},{}\r\n", ++number, shot.start_frame,
                      shot.end_frame, shot.start_s, shot.end_s, shot.end_s - shot.start_s,
                      timecode.text(timecode.frame_at(shot.start_s)),
                      timecode.text(timecode.frame_at(shot.end_s)), to_string(shot.transition_in));
    REELMILL_TRY(write_text(artifacts, "shots.csv", text));
    return Findings{};
  }
};

const RegisterStage registered{define_stage<NoOptions>(
    {.name = "shots_csv",
     .version = 1,
     .summary = "Shots as CSV: shots.csv with frames, seconds and timecodes of every shot",
     .kind = StageKind::video,
     .needs_findings = {"shots"}},
    OptionTable<NoOptions>(), [](const NoOptions&, const StageContext&) {
      StageParts parts;
      parts.video_stage = std::make_shared<ShotsCsvStage>();
      return parts;
    })};

}  // namespace
}  // namespace reelmill
