// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

namespace reelmill {

/// Tells from the lengths of groups why the next key frame stands where it stands. Encoders set one
/// at a greatest distance, and many also where they see a new picture.
class GroupRhythm {
 public:
  enum class Length {
    regular,  ///< the greatest distance, perhaps together with those before it
    early,    ///< shorter: the encoder had a reason
    unknown   ///< longer than all before it
  };

  /// Of the next group, in frames.
  Length next(std::size_t frames) {
    constexpr std::size_t kLeeway = 1;
    const auto longest = longest_;
    longest_ = std::max(longest_, frames);
    since_regular_ += frames;
    const bool makes_up =
        since_regular_ + kLeeway >= longest && since_regular_ <= longest + kLeeway;
    const bool is_as_long = frames + kLeeway >= longest || makes_up;
    if (is_as_long) since_regular_ = 0;
    if (frames > longest + kLeeway) return Length::unknown;
    return is_as_long ? Length::regular : Length::early;
  }

 private:
  std::size_t longest_ = 0, since_regular_ = 0;
};

}  // namespace reelmill
