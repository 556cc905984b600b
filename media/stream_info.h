// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reelmill {

/// A fraction; `den` 0 means unknown.
struct Rational {
  std::int64_t num = 0;
  std::int64_t den = 0;
  double value() const noexcept {
    return den == 0 ? 0.0 : static_cast<double>(num) / static_cast<double>(den);
  }
};

enum class StreamKind { video, audio, subtitle, data, attachment };

/// What the headers say of one stream. Sizes in pixels as coded, before rotation.
struct StreamInfo {
  int index = 0;
  StreamKind kind = StreamKind::data;
  std::string codec;          ///< FFmpeg's name, `h264`; `unknown` where it has none
  bool is_decodable = false;  ///< this build has a decoder for it
  bool is_attached_picture = false;
  bool is_default = false;
  std::string language;  ///< ISO 639-2, or empty
  Rational time_base;
  std::optional<double> duration_s;
  std::optional<std::int64_t> start_pts;
  // video
  int width = 0, height = 0;
  std::string pixel_format;
  int rotation = 0;              ///< degrees clockwise to show upright: 0, 90, 180, 270
  Rational frame_rate;           ///< average, or NTSC near it
  std::int64_t frame_count = 0;  ///< what the container claims; 0 = unknown
  // audio
  int sample_rate = 0, channels = 0;
};

/// What the headers say of a file. Nothing is decoded beyond what probing needs.
struct MediaInfo {
  std::string container;             ///< FFmpeg's name, `mov,mp4,m4a,3gp,3g2,mj2`
  std::optional<double> duration_s;  ///< as claimed; may be absent or absurd
  std::optional<std::int64_t> bit_rate;
  bool is_still_image = false;  ///< a picture format, one frame by nature
  std::vector<StreamInfo> streams;
  std::vector<std::string> messages;  ///< libav error messages while opening
};

/// The video stream to decode: `wanted` when given, otherwise the first that is not an attached
/// picture, by default disposition, then index. Empty when there is none.
std::optional<int> choose_video_stream(const MediaInfo& info, std::optional<int> wanted = {});

/// The audio stream to decode: `wanted` when given, otherwise by default disposition, then index.
std::optional<int> choose_audio_stream(const MediaInfo& info, std::optional<int> wanted = {});

}  // namespace reelmill
