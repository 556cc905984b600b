// SPDX-License-Identifier: Apache-2.0
#include "media/vp8_packet.h"

#include "media/libav.h"

namespace reelmill {

bool is_hidden_vp8_frame(const Packet& packet) noexcept {
  constexpr int kShowFrame = 1 << 4;
  const AVPacket* data = packet.data.get();
  return data != nullptr && data->size > 0 && (data->data[0] & kShowFrame) == 0;
}

}  // namespace reelmill
