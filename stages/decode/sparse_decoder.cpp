// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/sparse_decoder.h"

#include <algorithm>
#include <utility>

namespace reelmill {
namespace {

/// Packets kept beyond this are decoded, needed or not.
constexpr std::int64_t kMaxPendingBytes = 64LL << 20;

}  // namespace

bool SparseDecoder::refuse(std::string why) {
  if (why_not_.empty()) why_not_ = std::move(why);
  return false;
}

bool SparseDecoder::refuse(Packet packet, std::string why) {
  keep(std::move(packet));
  return refuse(std::move(why));
}

bool SparseDecoder::take(Packet packet) {
  if (!packet.pts) return refuse(std::move(packet), "a packet without a time");
  const bool is_start = packet.is_key && !packet.is_discarded;
  // A jump may end before the place that was asked for.
  if (is_lost_ && !(is_start && packet.pts > last_key_pts_)) return true;
  is_lost_ = false;
  if (!slots_.has_origin()) {  // the first frame is wanted, whatever it takes
    if (is_start) last_key_pts_ = packet.pts;
    feed(std::move(packet));
    return why_not_.empty();
  }
  if (!is_start) return take_other(std::move(packet));
  if (last_key_pts_ && *packet.pts <= *last_key_pts_)
    return refuse(std::move(packet), "key frames out of order");
  last_key_pts_ = packet.pts;
  const auto slot = slots_.slot_of(*packet.pts);
  if (!slot) return refuse(std::move(packet), "a key frame before the first frame");
  return take_key(std::move(packet), *slot);
}

/// Whether every slot before this one has its frame, given that no key frame of them will come.
bool SparseDecoder::has_all_before(std::int64_t slot) {
  if (slots_.wanted_slot() < slot && slots_.holds_wanted()) slots_.finish();
  return slots_.wanted_slot() >= slot;
}

bool SparseDecoder::take_key(Packet packet, std::int64_t slot) {
  if (target_pts_) {  // decoding the one before is not over: this one follows it
    if (slot > slots_.slot_of(*target_pts_)) target_pts_ = packet.pts;
    feed(std::move(packet));
    return why_not_.empty();
  }
  if (target_slot_ || !has_all_before(slot)) {
    // A slot before has no key frame: it takes all that follows the last one, up to and with this
    // one.
    if (is_gap_ && pending_.empty()) return refuse("a key frame was jumped over");
    decode_up_to(slot);
    if (target_slot_) {  // its frame may still be inside the decoder: this one follows
      target_slot_.reset();
    } else {
      leave_out();
    }
  } else if (slots_.wanted_slot() > slot || !pending_.empty()) {
    leave_out();
  }
  if (slots_.wanted_slot() > slot) {  // not needed, unless the next slot has none
    keep(std::move(packet));
    return true;
  }
  target_pts_ = packet.pts;
  feed(std::move(packet));
  return why_not_.empty();
}

bool SparseDecoder::take_other(Packet packet) {
  if (target_pts_ || target_slot_) {
    feed(std::move(packet));
    return why_not_.empty();
  }
  constexpr std::int64_t kNone = -1;
  const auto slot = packet.dts ? slots_.slot_of(*packet.dts).value_or(kNone) : kNone;
  keep(std::move(packet));
  // A key frame of an earlier slot would have come before this packet: such a slot has none.
  if (slot != kNone && !has_all_before(slot)) {
    decode_up_to(slot);
  } else if (pending_bytes_ > kMaxPendingBytes) {
    feed_pending();
  }
  return why_not_.empty();
}

void SparseDecoder::keep(Packet packet) {
  pending_bytes_ += packet.bytes;
  pending_.push_back(std::move(packet));
}

void SparseDecoder::feed(Packet packet) {
  if (std::exchange(is_gap_, false)) {
    decoder_.flush();
    first_sound_pts_ = packet.pts;
  }
  last_fed_pts_ = std::max(last_fed_pts_, packet.pts);
  feed_(&packet);
}

void SparseDecoder::feed_pending() {
  for (auto packets = std::exchange(pending_, {}); auto& packet : packets) feed(std::move(packet));
  pending_bytes_ = 0;
}

std::int64_t SparseDecoder::slot_after(std::optional<std::int64_t> pts) const {
  return (pts ? slots_.slot_of(*pts).value_or(-1) : -1) + 1;
}

/// Feeds what is kept until all slots before this one have their frames, and no further.
void SparseDecoder::decode_up_to(std::int64_t slot) {
  while (!pending_.empty() && (target_slot_ || !has_all_before(slot))) {
    if (!target_slot_) target_slot_ = slots_.wanted_slot();
    auto packet = std::move(pending_.front());
    pending_.pop_front();
    pending_bytes_ -= packet.bytes;
    feed(std::move(packet));
  }
}

void SparseDecoder::leave_out() {
  if (!pending_.empty()) is_gap_ = has_left_out_ = true;
  pending_.clear();
  pending_bytes_ = 0;
}

bool SparseDecoder::is_sound(const Frame& frame, std::int64_t pts) {
  if (first_sound_pts_ && pts < *first_sound_pts_) return false;
  if (target_pts_ && pts >= *target_pts_) {
    if (pts != *target_pts_ || !frame.is_intra()) refuse("a key frame did not come out as it is");
    target_pts_.reset();
  }
  if (const auto slot = slots_.slot_of(pts); target_slot_ && slot && *slot >= *target_slot_)
    target_slot_.reset();
  return true;
}

bool SparseDecoder::finish() {
  auto end = slot_after(last_fed_pts_);
  for (const auto& packet : pending_) end = std::max(end, slot_after(packet.pts));
  decode_up_to(end);
  if (target_pts_ || target_slot_ || !slots_.has_origin() || !has_all_before(end)) feed_(nullptr);
  if (target_pts_) return refuse("a key frame did not come out");
  return why_not_.empty();
}

void SparseDecoder::hand_over() {
  target_pts_.reset();
  target_slot_.reset();
  feed_pending();
}

std::optional<std::int64_t> SparseDecoder::next_pts() const {
  if (!slots_.has_origin() || target_pts_ || target_slot_) return {};
  return slots_.start_pts(slots_.wanted_slot());
}

void SparseDecoder::jumped() {
  leave_out();
  is_gap_ = is_lost_ = has_left_out_ = true;
}

}  // namespace reelmill
