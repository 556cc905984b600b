// SPDX-License-Identifier: Apache-2.0
#include "media/stream_facts.h"

#include <cmath>
#include <string_view>
#include <vector>

#include "media/decoder.h"
#include "media/libav.h"

namespace reelmill {
namespace {

StreamKind kind_of(AVMediaType type) {
  switch (type) {
    case AVMEDIA_TYPE_VIDEO:
      return StreamKind::video;
    case AVMEDIA_TYPE_AUDIO:
      return StreamKind::audio;
    case AVMEDIA_TYPE_SUBTITLE:
      return StreamKind::subtitle;
    case AVMEDIA_TYPE_ATTACHMENT:
      return StreamKind::attachment;
    default:
      return StreamKind::data;
  }
}

int rotation_of(const AVStream& stream) {
  std::size_t bytes = 0;
  const auto* matrix = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &bytes);
  if (matrix == nullptr || bytes < 9 * sizeof(std::int32_t)) return 0;
  // libav's angle is counter-clockwise, and NaN for a singular matrix.
  const double angle = -av_display_rotation_get(reinterpret_cast<const std::int32_t*>(matrix));
  if (!std::isfinite(angle)) return 0;
  const auto quarters = std::lround(angle / 90.0);
  return static_cast<int>(((quarters % 4) + 4) % 4) * 90;
}

bool is_picture_format(std::string_view name) {
  return name.ends_with("_pipe") || name == "image2" || name == "ico";
}

Rational to_rational(AVRational value) {
  if (value.num <= 0 || value.den <= 0) return {};
  return {value.num, value.den};
}

/// One frame that is missing or lasts longer moves the average off the rate that the video has and
/// that timecodes count by: an NTSC rate close to the average is that rate. An average that is a
/// whole number is believed.
Rational frame_rate_of(const AVStream& stream) {
  constexpr int kNtscDenominator = 1001;
  constexpr double kClose = 0.01;
  const auto average = to_rational(stream.avg_frame_rate);
  const auto nominal = to_rational(stream.r_frame_rate);
  if (average.den <= 1 || nominal.den != kNtscDenominator || nominal.num % 1000 != 0)
    return average;
  return std::abs(average.value() / nominal.value() - 1) <= kClose ? nominal : average;
}

StreamInfo describe(const AVStream& stream) {
  const auto& parameters = *stream.codecpar;
  StreamInfo info;
  info.index = stream.index;
  info.kind = kind_of(parameters.codec_type);
  info.codec =
      parameters.codec_id == AV_CODEC_ID_NONE ? "unknown" : avcodec_get_name(parameters.codec_id);
  info.is_decodable = avcodec_find_decoder(parameters.codec_id) != nullptr;
  info.is_attached_picture = (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  info.is_default = (stream.disposition & AV_DISPOSITION_DEFAULT) != 0;
  if (const auto* language = av_dict_get(stream.metadata, "language", nullptr, 0)) {
    info.language = language->value;
  }
  info.time_base = to_rational(stream.time_base);
  if (stream.duration != AV_NOPTS_VALUE && stream.duration >= 0) {
    info.duration_s = static_cast<double>(stream.duration) * av_q2d(stream.time_base);
  }
  info.start_pts = optional_time(stream.start_time);
  if (info.kind == StreamKind::video) {
    info.width = parameters.width;
    info.height = parameters.height;
    const char* format = av_get_pix_fmt_name(static_cast<AVPixelFormat>(parameters.format));
    if (format != nullptr) info.pixel_format = format;
    info.rotation = rotation_of(stream);
    info.frame_rate = frame_rate_of(stream);
    info.frame_count = stream.nb_frames;
  } else if (info.kind == StreamKind::audio) {
    info.sample_rate = parameters.sample_rate;
    info.channels = parameters.ch_layout.nb_channels;
  }
  return info;
}

}  // namespace

int find_stream_facts(AVFormatContext& format) {
  // Probing decodes; what guards the decoder guards it here too.
  const unsigned count = format.nb_streams;
  std::vector<AVDictionary*> options(count, nullptr);
  const auto max_pixels =
      is_picture_format(format.iformat->name) ? kMaxImagePixels : kMaxVideoPixels;
  for (auto& option : options) av_dict_set_int(&option, "max_pixels", max_pixels, 0);
  const int status = avformat_find_stream_info(&format, options.data());
  for (auto& option : options) av_dict_free(&option);
  return status;
}

MediaInfo describe(const AVFormatContext& format) {
  MediaInfo info;
  info.container = format.iformat->name;
  if (format.duration != AV_NOPTS_VALUE && format.duration >= 0) {
    info.duration_s = static_cast<double>(format.duration) / AV_TIME_BASE;
  }
  if (format.bit_rate > 0) info.bit_rate = format.bit_rate;
  info.is_still_image = is_picture_format(info.container);
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    info.streams.push_back(describe(*format.streams[i]));
  }
  return info;
}

}  // namespace reelmill
