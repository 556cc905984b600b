// SPDX-License-Identifier: Apache-2.0
#include "media/image_encoder.h"

#include <algorithm>

#include "media/decode_log.h"
#include "media/libav.h"

namespace reelmill {
namespace {

void free_encoder(AVCodecContext** codec) noexcept {
  avcodec_free_context(codec);
}
void free_bytes(AVPacket** packet) noexcept {
  av_packet_free(packet);
}

struct PlaneShape {
  std::size_t width = 0, height = 0, offset = 0;
};

std::array<PlaneShape, 3> planes_of(const Picture& picture) {
  const auto width = static_cast<std::size_t>(picture.width);
  const auto height = static_cast<std::size_t>(picture.height);
  const auto chroma_width = (width + 1) / 2, chroma_height = (height + 1) / 2;
  const auto luma = width * height;
  return {{{width, height, 0},
           {chroma_width, chroma_height, luma},
           {chroma_width, chroma_height, luma + chroma_width * chroma_height}}};
}

std::size_t size_of(const Picture& picture) {
  const auto last = planes_of(picture)[2];
  return last.offset + last.width * last.height;
}

/// The quantiser (1 finest to 31) of FFmpeg's encoder for a quality: its tables are MPEG's, scaled,
/// so that the steps resemble those of the independent JPEG group.
int quantiser_of(int quality) {
  const double scale = quality < 50 ? 50.0 / quality : 2.0 - quality / 50.0;
  return std::clamp(static_cast<int>(1.5 + 7.5 * scale), 1, 31);
}

}  // namespace

Result<std::vector<std::uint8_t>> encode_jpeg(const Picture& picture, int quality) {
  if (picture.width < 1 || picture.height < 1 || picture.samples.size() != size_of(picture)) {
    return fail(ErrorKind::internal, "encode JPEG: a {}x{} picture of {} bytes", picture.width,
                picture.height, picture.samples.size());
  }
  const DecodeLog log;
  const auto* encoder = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
  Owned<AVCodecContext, free_encoder> codec(encoder == nullptr ? nullptr
                                                               : avcodec_alloc_context3(encoder));
  Owned<AVFrame, free_frame> frame(av_frame_alloc());
  Owned<AVPacket, free_bytes> packet(av_packet_alloc());
  if (codec == nullptr || frame == nullptr || packet == nullptr) {
    return fail(ErrorKind::internal, "encode JPEG: no encoder");
  }
  const int quantiser = quantiser_of(std::clamp(quality, 1, 100)) * FF_QP2LAMBDA;
  codec->width = picture.width;
  codec->height = picture.height;
  codec->pix_fmt = AV_PIX_FMT_YUVJ420P;
  codec->color_range = AVCOL_RANGE_JPEG;
  codec->time_base = {1, 1};
  codec->thread_count = 1;
  codec->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
  codec->global_quality = quantiser;
  int status = avcodec_open2(codec.get(), encoder, nullptr);
  frame->format = codec->pix_fmt;
  frame->color_range = AVCOL_RANGE_JPEG;
  frame->width = picture.width;
  frame->height = picture.height;
  frame->quality = quantiser;
  frame->pts = 0;
  if (status >= 0) status = av_frame_get_buffer(frame.get(), 0);
  if (status >= 0) {
    const auto planes = planes_of(picture);
    for (std::size_t i = 0; i < planes.size(); ++i) {
      av_image_copy_plane(frame->data[i], frame->linesize[i],
                          picture.samples.data() + planes[i].offset,
                          static_cast<int>(planes[i].width), static_cast<int>(planes[i].width),
                          static_cast<int>(planes[i].height));
    }
    status = avcodec_send_frame(codec.get(), frame.get());
  }
  if (status >= 0) status = avcodec_send_frame(codec.get(), nullptr);
  if (status >= 0) status = avcodec_receive_packet(codec.get(), packet.get());
  if (status < 0) {
    return fail(ErrorKind::internal, "encode JPEG of {}x{}: {}", picture.width, picture.height,
                log.messages().empty() ? libav_reason(status) : log.messages().front());
  }
  return std::vector<std::uint8_t>(packet->data, packet->data + packet->size);
}

Picture black_picture(int width, int height) {
  Picture picture;
  picture.width = std::max(width, 0);
  picture.height = std::max(height, 0);
  picture.samples.assign(size_of(picture), 128);
  std::fill_n(picture.samples.begin(), planes_of(picture)[0].width * planes_of(picture)[0].height,
              std::uint8_t{0});
  return picture;
}

void paste(Picture& sheet, const Picture& tile, int x, int y) {
  if (x < 0 || y < 0) return;
  const auto to = planes_of(sheet), from = planes_of(tile);
  for (std::size_t i = 0; i < to.size(); ++i) {
    const auto left = static_cast<std::size_t>(i == 0 ? x : x / 2);
    const auto top = static_cast<std::size_t>(i == 0 ? y : y / 2);
    if (left >= to[i].width || top >= to[i].height) continue;
    const auto width = std::min(from[i].width, to[i].width - left);
    const auto height = std::min(from[i].height, to[i].height - top);
    for (std::size_t row = 0; row < height; ++row) {
      std::copy_n(tile.samples.data() + from[i].offset + row * from[i].width, width,
                  sheet.samples.data() + to[i].offset + (top + row) * to[i].width + left);
    }
  }
}

}  // namespace reelmill
