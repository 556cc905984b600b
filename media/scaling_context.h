// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/libav.h"
#include "media/owned.h"

namespace reelmill {

/// Whether samples run from 0 to 255 rather than 16 to 235. Where nothing is said, grey formats
/// count as full range, as in swscale, all others as limited.
bool is_full_range(AVColorRange range, AVPixelFormat format, bool is_gray) noexcept;

/// A swscale context that is kept as long as sizes, formats and ranges stay the same. Makes
/// bit-exact results only. RGB becomes YCbCr by BT.601; the matrix of YCbCr stays what it was. Not
/// thread-safe: one a thread.
class ScalingContext {
 public:
  /// Converts and scales all of `from` into `to`, whose buffers must exist. False where swscale
  /// knows no way.
  bool scale(const AVFrame& from, AVFrame& to, int filter);

 private:
  struct Key {
    int from_width = 0, from_height = 0, from_format = -1, to_width = 0, to_height = 0,
        to_format = -1, filter = 0;
    bool from_full = false, to_full = false;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Free {
    void operator()(SwsContext* context) const noexcept { sws_freeContext(context); }
  };
  static std::unique_ptr<SwsContext, Free> new_context(const Key& key);
  Key key_;
  std::unique_ptr<SwsContext, Free> context_;
};

}  // namespace reelmill
