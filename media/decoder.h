// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "media/decode_timer.h"
#include "media/demuxer.h"
#include "media/frame.h"

struct AVCodecContext;

namespace reelmill {

void free_codec(AVCodecContext** codec) noexcept;  // avcodec_free_context, without its header

/// What a decoder may leave out, from most to least work.
enum class DecodeSkip { nothing, non_reference, non_key };

struct DecoderOptions {
  DecodeSkip skip = DecodeSkip::nothing;
  /// Without its loop filter a frame is blockier, and those that refer to it drift a little from
  /// what they should be, up to the next key frame.
  bool is_unfiltered = false;
  /// Larger frames are refused: a guard against absurd headers, which cost memory at once. Empty:
  /// kMaxVideoPixels, or kMaxImagePixels for a still image.
  std::optional<std::int64_t> max_pixels = {};
};

/// Nearly twice what the highest levels of H.264, HEVC and AV1 allow.
inline constexpr std::int64_t kMaxVideoPixels = 8192LL * 8192;
inline constexpr std::int64_t kMaxImagePixels = 16384LL * 16384;

/// Decodes one video stream on the calling thread (libav's own threads are off: many videos at once
/// are faster). Owns the codec context; counts the CPU time spent inside libavcodec. Used by one
/// thread at a time.
class Decoder {
 public:
  /// Errors: invalid_input where no decoder exists or the parameters are refused.
  static Result<std::unique_ptr<Decoder>> open(const Demuxer& demuxer, int stream,
                                               DecoderOptions options = {});
  ~Decoder();

  /// Feeds one packet; nullptr starts draining. An error concerns this packet only: go on with the
  /// next.
  Status send(const Packet* packet);
  /// The next finished frame, in output order; empty when more packets are needed or, after
  /// draining, at the end.
  Result<std::optional<Frame>> receive();

  /// Forgets all frames: what is sent next begins at another place.
  void flush();

  /// For packets sent from now on. Send after receive() had nothing more.
  void set_skip(DecodeSkip skip) noexcept;
  /// Whether the frames that are left come out bit for bit the same when non-reference frames are
  /// skipped. True of codecs in which such a frame can serve no other; HEVC's may serve frames of a
  /// higher temporal layer.
  bool skips_exactly() const noexcept;

  /// CPU seconds of the calling threads spent inside libavcodec so far.
  double cpu_seconds() const noexcept { return timer_.seconds(); }

 private:
  explicit Decoder(Owned<AVCodecContext, free_codec> codec);
  Owned<AVCodecContext, free_codec> codec_;
  DecodeTimer timer_;
};

}  // namespace reelmill
