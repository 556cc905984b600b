// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/slot_reading.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace reelmill {
namespace {

const StreamInfo& video_stream(const SlotReading::Parts& parts) {
  return parts.demuxer.info().streams[static_cast<std::size_t>(*parts.plan.video_stream)];
}

FrameClock clock_of(const StreamInfo& stream) {
  return {stream.time_base, stream.frame_rate};
}

}  // namespace

SlotReading::SlotReading(const Parts& parts)
    : plan_(parts.plan),
      demuxer_(parts.demuxer),
      errors_(parts.errors),
      control_(parts.control),
      slots_(FrameSlots(to_seconds(plan_.needs.interval)), video_stream(parts).time_base,
             parts.shown),
      decoder_(parts.decoder, clock_of(video_stream(parts)),
               {[this](Frame& frame, const FrameClock::Times& times) { take_frame(frame, times); },
                [this](std::string error) { errors_.note(std::move(error)); }}) {
  if (plan_.reading == Reading::in_full) return;
  sparse_.emplace(parts.decoder, slots_, [this](const Packet* packet) { feed_sparse(packet); });
  if (plan_.reading == Reading::seeking)
    index_.emplace(demuxer_.indexed_key_frames(*plan_.video_stream), video_stream(parts));
}

bool SlotReading::refuse(std::string why) {
  if (why_not_.empty()) why_not_ = std::move(why);
  return false;
}

bool SlotReading::take(Packet packet) {
  is_started_ = true;
  const auto dts = packet.dts;
  if (packet.is_corrupt) errors_.note(fmt::format("corrupt packet at byte {}", packet.position));
  if (!sparse_) {
    feed(&packet);
    return true;
  }
  if (!sparse_->take(std::move(packet))) return read_on_in_full(sparse_->why_not());
  if (errors_.any()) return read_on_in_full(errors_.in_part());
  return !index_ || !dts || go_on(*dts);
}

/// Jumps to where the next wanted frame is, if that is ahead of the packet with this dts.
bool SlotReading::go_on(std::int64_t dts) {
  const auto wanted = sparse_->next_pts();
  if (!wanted) return true;
  const int stream = *plan_.video_stream;
  const auto unit_s = demuxer_.info().streams[static_cast<std::size_t>(stream)].time_base.value();
  const auto interval = std::llround(to_seconds(plan_.needs.interval) / unit_s);
  const auto place = index_->place_for(*wanted, *wanted + interval);
  if (!place || *place <= dts || *place <= last_jump_) return true;
  if (!demuxer_.seek(stream, index_->seek_time(*place))) return refuse("a jump that failed");
  last_jump_ = *place;
  sparse_->jumped();
  return true;
}

/// Ends what is decoded in part. Where nothing is missing yet, the whole costs no more than that.
bool SlotReading::read_on_in_full(std::string why) {
  if (sparse_->has_left_out() || has_unheard_) return refuse(std::move(why));
  sparse_->hand_over();
  sparse_.reset();
  return true;
}

void SlotReading::feed(const Packet* packet) {
  if (const auto sent = decoder_.send(packet); !sent) errors_.note(sent.error().message);
  decoder_.receive();
}

void SlotReading::feed_sparse(const Packet* packet) {
  if (packet == nullptr || !sparse_->is_beside(*packet)) return feed(packet);
  const DecodeLog unheard;
  const auto sent = decoder_.send(packet);
  decoder_.receive();
  has_unheard_ = has_unheard_ || !sent || unheard.count() > 0;
}

void SlotReading::take_frame(Frame& frame, const FrameClock::Times& times) {
  control_.made_progress();
  if (!sparse_ || sparse_->is_sound(frame, times.pts)) slots_.take(frame, times);
}

bool SlotReading::finish() {
  if (sparse_ && why_not_.empty()) {
    if (errors_.any())
      read_on_in_full(errors_.in_part());
    else if (!sparse_->finish())
      refuse(sparse_->why_not());
  }
  if (!sparse_ && is_started_) {
    (void)decoder_.send(nullptr);
    decoder_.receive();
  }
  slots_.finish();
  return why_not_.empty();
}

}  // namespace reelmill
