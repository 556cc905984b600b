// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "media/frame.h"
#include "stages/api/observer.h"
#include "tests/support/synthetic.h"

namespace reelmill::test {

/// A decoded grey frame with this picture, full range.
Frame frame_of(const Image& image, std::int64_t pts = 0);

/// A video in memory: one picture every `frame_ms`, time base 1/1000.
struct SyntheticVideo {
  std::vector<Image> images = {};
  int frame_ms = 40;
  int rotation = 0;
  std::int64_t first_pts = 5000;

  std::int64_t pts(std::size_t frame) const {
    return first_pts + static_cast<std::int64_t>(frame) * frame_ms;
  }
  Timeline timeline() const;
  /// Shows frames [from, to) to the observer as one segment.
  void show(FrameObserver& observer, std::size_t from, std::size_t to) const;
};

/// Shows the video in segments that begin at 0 and at `cuts`, and merges what was seen.
template <class Make>
auto observe_in_segments(const SyntheticVideo& video, std::vector<std::size_t> cuts,
                         const Make& make) {
  cuts.insert(cuts.begin(), 0);
  cuts.push_back(video.images.size());
  auto whole = make();
  video.show(*whole, cuts[0], cuts[1]);
  for (std::size_t i = 1; i + 1 < cuts.size(); ++i) {
    auto next = make();
    video.show(*next, cuts[i], cuts[i + 1]);
    whole->merge(*next, static_cast<std::int64_t>(cuts[i]));
  }
  return whole;
}

}  // namespace reelmill::test
