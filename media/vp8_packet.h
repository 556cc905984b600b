// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/demuxer.h"

namespace reelmill {

/// Whether a packet of VP8 holds a frame that is never shown and only serves others: the show_frame
/// bit of its frame tag (RFC 6386, section 9.1) is 0.
bool is_hidden_vp8_frame(const Packet& packet) noexcept;

}  // namespace reelmill
