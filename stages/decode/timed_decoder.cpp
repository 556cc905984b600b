// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/timed_decoder.h"

#include <algorithm>

namespace reelmill {
namespace {

/// Errors in a row after which a decoder is taken to be at its end.
constexpr int kMaxErrorsInARow = 64;
/// Frames inside a decoder.
constexpr std::size_t kMostHeldBack = 64;

}  // namespace

Status TimedDecoder::send(const Packet* packet) {
  if (packet != nullptr) remember_key(*packet);
  return decoder_.send(packet);
}

void TimedDecoder::remember_key(const Packet& packet) {
  if (!packet.is_key || packet.is_discarded || !packet.pts) return;
  key_pts_.push_back(*packet.pts);
  if (key_pts_.size() > kMostHeldBack) key_pts_.pop_front();
}

void TimedDecoder::receive() {
  for (int errors = 0; errors < kMaxErrorsInARow;) {
    auto frame = decoder_.receive();
    if (!frame) {
      sinks_.error(frame.error().message);
      ++errors;
      continue;
    }
    if (!frame->has_value()) return;
    errors = 0;
    pass_on(**frame);
  }
}

void TimedDecoder::pass_on(Frame& frame) {
  const auto times = clock_.next(frame);
  if (frame.pts())
    frame.mark_key(std::find(key_pts_.begin(), key_pts_.end(), times.pts) != key_pts_.end());
  sinks_.frame(frame, times);
}

}  // namespace reelmill
