// SPDX-License-Identifier: Apache-2.0
// shots.edl: an edit decision list in the CMX 3600 format (SMPTE 258M), one event a shot, that cuts
// the video into its shots without moving anything. Editors take it to split a clip. CMX 3600 knows
// 999 events and 8 letters of a reel; editors read more digits and find the clip by the name in the
// comment, so every shot is written.
#include "stages/api/registry.h"
#include "stages/export/export_text.h"
#include "stages/export/timecode.h"

namespace reelmill {
namespace {

struct NoOptions {};

class EdlStage final : public VideoStage {
 public:
  Result<Findings> process(const VideoRecord& video, ArtifactWriter& artifacts) const override {
    const Timecode timecode(frame_rate_of(video.media));
    const auto title = title_of(video);
    std::string text = fmt::format("TITLE: {}\nFCM: {}\n\n", title,
                                   timecode.is_drop_frame() ? "DROP FRAME" : "NON-DROP FRAME");
    int number = 0;
    for (const auto& shot : shots_of(video)) {
      const auto first = timecode.frame_at(shot.start_s);
      const auto end = std::max(first + 1, timecode.frame_at(shot.end_s));  // events last a frame
      const auto from = timecode.text(first), to = timecode.text(end);
      text +=
          fmt::format("{:03}  AX       V     C        {} {} {} {}\n", ++number, from, to, from, to);
      text += fmt::format("* FROM CLIP NAME: {}\n", title);
      if (shot.transition_in == Transition::fade || shot.transition_in == Transition::dissolve)
        text += fmt::format("* COMMENT: BEGINS WITH A {}\n",
                            shot.transition_in == Transition::fade ? "FADE" : "DISSOLVE");
    }
    REELMILL_TRY(write_text(artifacts, "shots.edl", text));
    return Findings{};
  }
};

const RegisterStage registered{define_stage<NoOptions>(
    {.name = "edl",
     .version = 1,
     .summary = "EDL: shots.edl, an edit decision list (CMX 3600) with one event a shot",
     .kind = StageKind::video,
     .needs_findings = {"shots"}},
    OptionTable<NoOptions>(), [](const NoOptions&, const StageContext&) {
      StageParts parts;
      parts.video_stage = std::make_shared<EdlStage>();
      return parts;
    })};

}  // namespace
}  // namespace reelmill
