// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "stages/api/video_stage.h"

namespace reelmill::test {

/// Keeps artifacts in memory, or refuses them all with `refusal`.
class MemoryArtifacts final : public ArtifactWriter {
 public:
  std::map<std::string, std::vector<std::uint8_t>, std::less<>> files;
  std::optional<Error> refusal;

  Status write(std::string_view name, std::span<const std::uint8_t> bytes) override {
    if (refusal) return fail(*refusal);
    files.emplace(name, std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
    return {};
  }
};

/// Width and height in the frame header of a JPEG; zeroes when there is none.
inline std::pair<int, int> jpeg_size(std::span<const std::uint8_t> jpeg) {
  for (std::size_t at = 2; at + 8 < jpeg.size() && jpeg[at] == 0xFF;) {
    const int marker = jpeg[at + 1];
    if (marker >= 0xC0 && marker <= 0xC2)
      return {jpeg[at + 7] * 256 + jpeg[at + 8], jpeg[at + 5] * 256 + jpeg[at + 6]};
    at += 2 + static_cast<std::size_t>(jpeg[at + 2] * 256 + jpeg[at + 3]);
  }
  return {};
}

}  // namespace reelmill::test
