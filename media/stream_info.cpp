// SPDX-License-Identifier: Apache-2.0
#include "media/stream_info.h"

namespace reelmill {
namespace {

std::optional<int> choose(const MediaInfo& info, StreamKind kind, std::optional<int> wanted) {
  const StreamInfo* best = nullptr;
  for (const auto& stream : info.streams) {
    if (stream.kind != kind || stream.is_attached_picture) continue;
    if (wanted && stream.index == *wanted) return wanted;
    if (best == nullptr || (stream.is_default && !best->is_default)) best = &stream;
  }
  if (best == nullptr || wanted) return {};
  return best->index;
}

}  // namespace

std::optional<int> choose_video_stream(const MediaInfo& info, std::optional<int> wanted) {
  return choose(info, StreamKind::video, wanted);
}

std::optional<int> choose_audio_stream(const MediaInfo& info, std::optional<int> wanted) {
  return choose(info, StreamKind::audio, wanted);
}

}  // namespace reelmill
