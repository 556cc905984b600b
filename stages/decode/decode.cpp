// SPDX-License-Identifier: Apache-2.0
#include "media/decoder.h"
#include "stages/api/registry.h"
#include "stages/decode/reading.h"
#include "stages/decode/scan.h"
#include "stages/decode/seams.h"

namespace reelmill {
namespace {

struct DecodeOptions {
  int video_stream = -1;
  int audio_stream = -1;
};

OptionTable<DecodeOptions> decode_options() {
  return OptionTable<DecodeOptions>()
      .add("video_stream", &DecodeOptions::video_stream,
           "index of the video stream; -1 takes the default one, never a cover picture",
           Range{-1, 4095})
      .add("audio_stream", &DecodeOptions::audio_stream,
           "index of the audio stream; -1 takes the default one", Range{-1, 4095});
}

std::optional<int> wanted(int index) {
  return index < 0 ? std::nullopt : std::optional(index);
}

class DecodeStage final : public FrameSource {
 public:
  explicit DecodeStage(const DecodeOptions& options) : options_(options) {}

  VideoResult<PlannedVideo> plan(const PlanRequest& request) const override;
  VideoResult<ScanOutcome> scan(ScanRequest request) const override {
    return scan_segment(std::move(request));
  }
  Result<Frame> frame_at(const ScanPlan& plan, std::int64_t pts) const override;

 private:
  std::optional<VideoError> choose_streams(ScanPlan& plan) const;

  DecodeOptions options_;
};

VideoError failure(std::string failure_class, std::string message) {
  return {std::move(failure_class), Error{ErrorKind::invalid_input, std::move(message)}};
}

std::optional<VideoError> DecodeStage::choose_streams(ScanPlan& plan) const {
  plan.video_stream = choose_video_stream(plan.media, wanted(options_.video_stream));
  plan.audio_stream = choose_audio_stream(plan.media, wanted(options_.audio_stream));
  if (options_.video_stream >= 0 && !plan.video_stream)
    return failure("no_streams", fmt::format("has no video stream {}", options_.video_stream));
  if (options_.audio_stream >= 0 && !plan.audio_stream)
    return failure("no_streams", fmt::format("has no audio stream {}", options_.audio_stream));
  if (!plan.video_stream && !plan.audio_stream)
    return failure("no_streams",
                   fmt::format("no video or audio stream in this {} file", plan.media.container));
  const auto& stream = plan.media.streams[static_cast<std::size_t>(
      plan.video_stream ? *plan.video_stream : *plan.audio_stream)];
  if (!stream.is_decodable)
    return failure("no_decoder",
                   fmt::format("no decoder for {} (stream {}) in this build of FFmpeg",
                               stream.codec, stream.index));
  return {};
}

VideoResult<PlannedVideo> DecodeStage::plan(const PlanRequest& request) const {
  auto opened = Demuxer::open(request.file.path, request.control);
  if (!opened) return tl::unexpected(open_failure(std::move(opened).error()));
  PlannedVideo video;
  video.plan.file = request.file;
  video.plan.media = (*opened)->info();
  video.plan.identity = (*opened)->input().identity();
  video.plan.needs = request.needs;
  video.plan.duration_s = video.plan.media.duration_s.value_or(0);
  if (auto unusable = choose_streams(video.plan)) return tl::unexpected(std::move(*unusable));
  auto choice = choose_reading(video.plan, **opened, request);
  video.plan.reading = choice.reading;
  video.plan.why_in_full = std::move(choice.why_in_full);
  const bool reads_video =
      request.needs.frames != DecoderNeeds::Frames::none && video.plan.video_stream.has_value();
  const bool reads_audio = request.needs.audio && video.plan.audio_stream.has_value();
  std::vector<std::int64_t> seams;
  if (reads_video && request.needs.frames == DecoderNeeds::Frames::all)
    seams = find_seams(video, request.segment_length_s, request.control);
  if (!seams.empty()) {
    auto first = frame_at(video.plan, std::numeric_limits<std::int64_t>::min());
    if (first && first->pts())
      video.plan.first_pts = first->pts();
    else
      seams.clear();
  }
  video.plan.segments = make_segments(seams, reads_video, reads_audio);
  video.opened = std::move(*opened);
  return video;
}

Result<Frame> DecodeStage::frame_at(const ScanPlan& plan, std::int64_t pts) const {
  REELMILL_ASSIGN(auto demuxer, Demuxer::open(plan.file.path));
  const int stream = plan.video_stream.value_or(-1);
  if (stream < 0) return fail(ErrorKind::not_found, "no video stream");
  const bool is_first = pts == std::numeric_limits<std::int64_t>::min();
  demuxer->select({stream});
  REELMILL_ASSIGN(auto decoder, Decoder::open(*demuxer, stream));
  if (!is_first) {
    REELMILL_ASSIGN(const auto key, seek_to_key_frame(*demuxer, stream, pts));
    (void)decoder->send(&key);
  }
  for (bool is_draining = false;;) {
    auto frame = decoder->receive();
    if (frame && frame->has_value()) {
      if (is_first || (**frame).pts() == pts) return std::move(**frame);
      if ((**frame).pts() && *(**frame).pts() > pts) break;
      continue;
    }
    if (is_draining) break;
    REELMILL_ASSIGN(auto packet, demuxer->read());
    is_draining = !packet.has_value();
    // What leads up to the frame is decoded only where the frame needs it.
    const bool is_before = !is_first && packet && packet->pts && *packet->pts < pts;
    decoder->set_skip(is_before && decoder->skips_exactly() ? DecodeSkip::non_reference
                                                            : DecodeSkip::nothing);
    (void)decoder->send(is_draining ? nullptr : &*packet);
  }
  return fail(ErrorKind::not_found, "no frame at pts {}", pts);
}

const RegisterStage registered{define_stage<DecodeOptions>(
    {.name = "decode",
     .version = 3,
     .summary =
         "Reads each video once and hands its frames and its sound to the stages that follow.",
     .kind = StageKind::source},
    decode_options(), [](const DecodeOptions& options, const StageContext&) {
      StageParts parts;
      parts.frame_source = std::make_shared<DecodeStage>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
