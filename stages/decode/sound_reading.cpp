// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/sound_reading.h"

#include <utility>

namespace reelmill {
namespace {

constexpr std::size_t kMostWaitingPackets = 2000;

}  // namespace

void SoundReading::take(Packet packet) {
  if (is_released_) return decode(&packet);
  waiting_.push_back(std::move(packet));
  if (waiting_.size() > kMostWaitingPackets) release();
}

void SoundReading::release() {
  is_released_ = true;
  for (const auto& packet : waiting_) decode(&packet);
  waiting_.clear();
}

void SoundReading::finish() {
  release();
  decode(nullptr);
}

void SoundReading::decode(const Packet* packet) {
  const auto decoded =
      parts_.decoder->decode(packet, [this](const AudioView& view) { pass_on(view); });
  if (!decoded) parts_.errors.note(decoded.error().message);
}

void SoundReading::pass_on(const AudioView& view) {
  auto& outcome = parts_.outcome;
  const double at = view.pts ? static_cast<double>(*view.pts) * parts_.time_unit_s
                             : outcome.audio_end_s.value_or(0);
  if (!outcome.audio_start_s) outcome.audio_start_s = at;
  outcome.audio_end_s = at + static_cast<double>(view.frames()) / view.sample_rate;
  outcome.audio_frames += static_cast<std::int64_t>(view.frames());
  parts_.heard(view, at);
}

}  // namespace reelmill
