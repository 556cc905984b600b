// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "media/stream_info.h"

namespace reelmill {

/// Where decoding can begin, as the container's index lists it: decoding or presentation times in
/// the stream's time base. Immutable.
class KeyFrameIndex {
 public:
  /// `times` in any order.
  KeyFrameIndex(std::vector<std::int64_t> times, const StreamInfo& stream);

  /// The listed time from which to read on, so that no key frame with pts >= `pts` is missed, and
  /// none before it is read without need: the last one that is surely before, or the first that may
  /// be the one, where that is surely before `until`. Empty where none is listed so early.
  std::optional<std::int64_t> place_for(std::int64_t pts, std::int64_t until) const;

  /// What to ask a container for so that it goes to `place`, a listed time, and not to the key
  /// frame before: some take it for a presentation time, which is later. Halfway to the next one.
  std::int64_t seek_time(std::int64_t place) const;

  const std::vector<std::int64_t>& times() const noexcept { return times_; }

 private:
  std::vector<std::int64_t> times_;
  std::int64_t margin_;  // by which pts and listed times may differ
};

}  // namespace reelmill
