// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "media/frame_features.h"
#include "media/owned.h"

struct AVFrame;

namespace reelmill {

void free_frame(AVFrame** frame) noexcept;  // av_frame_free, without its header

/// A small 8-bit 4:2:0 picture for thumbnails: planes Y, U, V without padding, full range (JPEG
/// levels). `samples` holds width × height + 2 × ceil(width/2) × ceil(height/2) bytes.
struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> samples;
};

/// One decoded frame, a counted reference to the decoder's buffer. Owns the reference, never the
/// pixels alone; copying a reference is cheap. Not thread-safe; different references may be used
/// from different threads.
class Frame {
 public:
  Frame();
  explicit Frame(Owned<AVFrame, free_frame> frame);

  bool empty() const noexcept;  ///< no picture inside
  int width() const noexcept;   ///< as coded, before rotation
  int height() const noexcept;
  std::optional<std::int64_t> pts() const noexcept;  ///< best effort, in the stream's time base
  std::optional<std::int64_t> duration() const noexcept;  ///< in the stream's time base
  bool is_key() const noexcept;                           ///< decoding can begin here
  bool is_intra() const noexcept;                         ///< refers to no other frame
  bool is_corrupt() const noexcept;  ///< the decoder flagged it, or concealed errors in it
  bool is_interlaced() const noexcept;

  /// Says whether decoding can begin here: containers and decoders do not always agree.
  void mark_key(bool is_key) noexcept;

  /// Another reference to the same picture.
  Frame share() const;

  /// The luma plane. Formats without one (RGB, palette) are converted once, into memory of this
  /// object; an empty view where that fails. Valid while this object lives and is not moved from.
  LumaView luma();

  /// The chroma planes; an empty view for formats without (RGB, palette, grey, packed).
  ChromaView chroma() const;

  /// The frame scaled to width × height and turned clockwise by `rotation` (0, 90, 180, 270; the
  /// size is that of the turned picture). Area filter, so that shrinking does not alias.
  Result<Picture> scaled(int width, int height, int rotation = 0) const;

  AVFrame* get() const noexcept { return frame_.get(); }

 private:
  Owned<AVFrame, free_frame> frame_;
  Owned<AVFrame, free_frame> converted_;
};

}  // namespace reelmill
