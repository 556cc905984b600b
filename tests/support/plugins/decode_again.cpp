// SPDX-License-Identifier: Apache-2.0
// A stage that does what no stage should: decodes every video a second time.
#include "media/decoder.h"
#include "stages/api/registry.h"
#include "stages/api/video_stage.h"

namespace reelmill {
namespace {

class DecodeAgain final : public VideoStage {
 public:
  Result<Findings> process(const VideoRecord& video, ArtifactWriter&) const override {
    REELMILL_ASSIGN(const auto demuxer, Demuxer::open(video.file.path));
    const int stream = 0;
    demuxer->select({stream});
    REELMILL_ASSIGN(const auto decoder, Decoder::open(*demuxer, stream));
    for (bool is_over = false; !is_over;) {
      REELMILL_ASSIGN(const auto packet, demuxer->read());
      is_over = !packet.has_value();
      REELMILL_TRY(decoder->send(is_over ? nullptr : &*packet));
      for (;;) {
        REELMILL_ASSIGN(const auto frame, decoder->receive());
        if (!frame) break;
      }
    }
    return Findings{};
  }
};

struct NoOptions {};

}  // namespace
}  // namespace reelmill

extern "C" int reelmill_plugin(reelmill::Registry& registry, int api_version) {
  using namespace reelmill;
  auto stage = define_stage<NoOptions>(
      {.name = "decode_again", .summary = "decodes a second time", .kind = StageKind::video},
      OptionTable<NoOptions>(), [](const NoOptions&, const StageContext&) {
        StageParts parts;
        parts.needs.frames = DecoderNeeds::Frames::all;
        parts.video_stage = std::make_shared<DecodeAgain>();
        return parts;
      });
  if (api_version == kApiVersion && !registry.add(std::move(stage))) return 0;
  return kApiVersion;
}
