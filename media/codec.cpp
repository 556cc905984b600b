// SPDX-License-Identifier: Apache-2.0
#include "media/codec.h"

#include <array>
#include <cerrno>

#include "base/path_text.h"
#include "media/decode_log.h"

namespace reelmill {
namespace {

std::string stream_name(const Demuxer& demuxer, int stream) {
  return fmt::format("decode {}: stream {}",
                     path_to_line(demuxer.input().path().filename().native()), stream);
}

std::string tag_of(const AVCodecParameters& parameters) {
  std::array<char, AV_FOURCC_MAX_STRING_SIZE> text{};
  return path_to_line(av_fourcc_make_string(text.data(), parameters.codec_tag));
}

}  // namespace

Result<Owned<AVCodecContext, free_codec>> new_codec(const Demuxer& demuxer, int stream,
                                                    AVMediaType type) {
  const AVStream* source = demuxer.stream(stream);
  if (source == nullptr || source->codecpar->codec_type != type) {
    return fail(ErrorKind::invalid_input, "{}: no such {} stream", stream_name(demuxer, stream),
                av_get_media_type_string(type));
  }
  const auto* decoder = avcodec_find_decoder(source->codecpar->codec_id);
  if (decoder == nullptr) {
    return fail(ErrorKind::invalid_input, "{}: no decoder for codec {} (tag {})",
                stream_name(demuxer, stream),
                source->codecpar->codec_id == AV_CODEC_ID_NONE
                    ? "unknown"
                    : avcodec_get_name(source->codecpar->codec_id),
                tag_of(*source->codecpar));
  }
  Owned<AVCodecContext, free_codec> codec(avcodec_alloc_context3(decoder));
  if (codec == nullptr || avcodec_parameters_to_context(codec.get(), source->codecpar) < 0) {
    return fail(ErrorKind::internal, "{}: out of memory", stream_name(demuxer, stream));
  }
  codec->thread_count = 1;
  codec->pkt_timebase = source->time_base;
  codec->framerate = source->avg_frame_rate;
  return codec;
}

Status open_codec(AVCodecContext& codec, const Demuxer& demuxer, int stream) {
  const DecodeLog log;
  const int status = avcodec_open2(&codec, nullptr, nullptr);
  if (status >= 0) return {};
  return fail(ErrorKind::invalid_input, "{}: {} refuses: {}", stream_name(demuxer, stream),
              codec.codec != nullptr ? codec.codec->name : "decoder",
              log.messages().empty() ? libav_reason(status) : log.messages().front());
}

ErrorKind kind_of_decode_error(int averror) noexcept {
  // EAGAIN and EOF mean that we called libavcodec out of turn; all else is what the packet holds,
  // ENOMEM too: hostile streams ask for absurd buffers.
  return averror == AVERROR(EAGAIN) || averror == AVERROR_EOF ? ErrorKind::internal
                                                              : ErrorKind::invalid_input;
}

}  // namespace reelmill
