// SPDX-License-Identifier: Apache-2.0
#include "media/container_policy.h"

#include <array>
#include <string_view>

#include "media/libav.h"

namespace reelmill {
namespace {

constexpr std::array<std::string_view, 13> kReferToOtherFiles{
    "hls",  "applehttp", "concat", "dash",  "imf",      "webm_dash_manifest", "sdp",
    "rtsp", "mmsh",      "rtp",    "redir", "avisynth", "vapoursynth"};

// NOLINTNEXTLINE(readability-non-const-parameter): the signature is libav's
int refuse_to_open(AVFormatContext* /*format*/, AVIOContext** io, const char* /*url*/,
                   int /*flags*/, AVDictionary** /*options*/) {
  *io = nullptr;
  return AVERROR(EPERM);
}

}  // namespace

std::string refusal_of_container(const AVInputFormat& format) {
  const std::string_view names = format.name;
  for (const auto name : kReferToOtherFiles) {
    for (std::string_view rest = names; !rest.empty();) {
      const auto comma = rest.find(',');
      if (rest.substr(0, comma) == name) {
        return fmt::format("a {} playlist: it refers to other files, which are never opened", name);
      }
      rest = comma == rest.npos ? "" : rest.substr(comma + 1);
    }
  }
  if ((format.flags & AVFMT_NOFILE) != 0) return fmt::format("{} is not a file format", names);
  if (names == "tty") return "not a media file: text";
  return {};
}

void confine_to_this_file(AVFormatContext& format) {
  format.io_open = refuse_to_open;
  // A demuxer that opens a nested context hands this list on, not the callback above.
  av_freep(static_cast<void*>(&format.protocol_whitelist));
  format.protocol_whitelist = av_strdup("none");
}

}  // namespace reelmill
