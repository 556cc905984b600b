// SPDX-License-Identifier: Apache-2.0
#include "stages/export/export_text.h"

#include "base/path_text.h"

namespace reelmill {

Status write_text(ArtifactWriter& artifacts, std::string_view name, std::string_view text) {
  return artifacts.write(
      name, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

std::string title_of(const VideoRecord& video) {
  const auto& key = video.file.key;
  return path_to_line(std::string_view(key).substr(key.rfind('/') + 1));
}

Rational frame_rate_of(const MediaInfo& media) {
  for (const auto& stream : media.streams)
    if (stream.kind == StreamKind::video && !stream.is_attached_picture) return stream.frame_rate;
  return {0, 0};
}

std::vector<Shot> shots_of(const VideoRecord& video) {
  return video.findings.shots().value_or(std::vector<Shot>{});
}

}  // namespace reelmill
