// SPDX-License-Identifier: Apache-2.0
#include "media/decoder.h"

#include <bit>
#include <utility>

#include "media/codec.h"
#include "media/libav.h"

namespace reelmill {
namespace {

AVDiscard to_discard(DecodeSkip skip) {
  switch (skip) {
    case DecodeSkip::non_reference:
      return AVDISCARD_NONREF;
    case DecodeSkip::non_key:
      return AVDISCARD_NONKEY;
    case DecodeSkip::nothing:
      break;
  }
  return AVDISCARD_DEFAULT;
}

// What the container says of the shape of pixels goes before what the stream says. libav keeps it
// with the stream, which may be gone: so the codec's pointer for its user holds it, as a value.
AVRational aspect_of_container(const AVCodecContext& codec) {
  return std::bit_cast<AVRational>(codec.opaque);
}

}  // namespace

void free_codec(AVCodecContext** codec) noexcept {
  avcodec_free_context(codec);
}

Decoder::Decoder(Owned<AVCodecContext, free_codec> codec) : codec_(std::move(codec)) {}
Decoder::~Decoder() = default;

Result<std::unique_ptr<Decoder>> Decoder::open(const Demuxer& demuxer, int stream,
                                               DecoderOptions options) {
  REELMILL_ASSIGN(auto codec, new_codec(demuxer, stream, AVMEDIA_TYPE_VIDEO));
  codec->max_pixels = options.max_pixels.value_or(demuxer.info().is_still_image ? kMaxImagePixels
                                                                                : kMaxVideoPixels);
  codec->skip_frame = to_discard(options.skip);
  if (options.is_unfiltered) codec->skip_loop_filter = AVDISCARD_NONKEY;
  REELMILL_TRY(open_codec(*codec, demuxer, stream));
  codec->opaque = std::bit_cast<void*>(demuxer.stream(stream)->sample_aspect_ratio);
  return std::unique_ptr<Decoder>(new Decoder(std::move(codec)));
}

Status Decoder::send(const Packet* packet) {
  const int status = timer_.send([&] {
    return avcodec_send_packet(codec_.get(), packet == nullptr ? nullptr : packet->data.get());
  });
  if (status >= 0 || (packet == nullptr && status == AVERROR_EOF)) return {};
  return fail(kind_of_decode_error(status), "{}: {}", codec_->codec->name, libav_reason(status));
}

void Decoder::flush() {
  avcodec_flush_buffers(codec_.get());
}

void Decoder::set_skip(DecodeSkip skip) noexcept {
  codec_->skip_frame = to_discard(skip);
}

bool Decoder::skips_exactly() const noexcept {
  switch (codec_->codec_id) {
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
    case AV_CODEC_ID_MPEG4:
    case AV_CODEC_ID_H264:
      return true;
    default:
      return false;
  }
}

Result<std::optional<Frame>> Decoder::receive() {
  Owned<AVFrame, free_frame> frame(av_frame_alloc());
  if (frame == nullptr) return fail(ErrorKind::internal, "decode: out of memory");
  const int status =
      timer_.receive([&] { return avcodec_receive_frame(codec_.get(), frame.get()); });
  if (status == AVERROR(EAGAIN) || status == AVERROR_EOF) return std::optional<Frame>{};
  if (status < 0) {
    return fail(kind_of_decode_error(status), "{}: {}", codec_->codec->name, libav_reason(status));
  }
  const auto aspect = aspect_of_container(*codec_);
  if (aspect.num > 0 && aspect.den > 0) frame->sample_aspect_ratio = aspect;
  return std::optional<Frame>(Frame(std::move(frame)));
}

}  // namespace reelmill
