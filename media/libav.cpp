// SPDX-License-Identifier: Apache-2.0
#include "media/libav.h"

#include <array>
#include <cctype>

namespace reelmill {

std::string libav_reason(int averror) {
  if (averror == AVERROR_INVALIDDATA) return "invalid data";
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(averror, text.data(), text.size());
  std::string reason = text.data();
  if (reason.size() > 1 && std::islower(static_cast<unsigned char>(reason[1])) != 0) {
    reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  }
  return reason;
}

}  // namespace reelmill
