// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/sparse_decoder.h"

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

bool SparseDecoder::take(Packet packet) {
  if (!packet.pts) return refuse("a packet without a time");
  const bool is_start = packet.is_key && !packet.is_discarded;
  if (is_lost_ && !is_start) return true;
  is_lost_ = false;
  if (!slots_.has_origin()) {  // the first frame is wanted, whatever it takes
    if (is_start) last_key_pts_ = packet.pts;
    feed(std::move(packet));
    return why_not_.empty();
  }
  if (!is_start) return take_other(std::move(packet));
  if (last_key_pts_ && *packet.pts <= *last_key_pts_) return refuse("key frames out of order");
  last_key_pts_ = packet.pts;
  const auto slot = slots_.slot_of(*packet.pts);
  if (!slot) return refuse("a key frame before the first frame");
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
    feed_pending();
    target_slot_.reset();
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
  const auto slot = packet.dts ? slots_.slot_of(*packet.dts) : std::nullopt;
  keep(std::move(packet));
  // A key frame of an earlier slot would have come before this packet: such a slot has none.
  if (slot && !has_all_before(*slot)) {
    target_slot_ = slots_.wanted_slot();
    feed_pending();
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
  feed_(&packet);
}

void SparseDecoder::feed_pending() {
  for (auto packets = std::exchange(pending_, {}); auto& packet : packets) feed(std::move(packet));
  pending_bytes_ = 0;
}

void SparseDecoder::leave_out() {
  if (!pending_.empty()) is_gap_ = true;
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
  const auto first_without = slots_.wanted_slot() + (slots_.holds_wanted() ? 1 : 0);
  const auto is_beyond = [&](const Packet& packet) {
    const auto slot = slots_.slot_of(*packet.pts);
    return slot && *slot >= first_without;
  };
  bool is_wanted = target_pts_ || target_slot_ || !slots_.has_origin();
  for (const auto& packet : pending_) is_wanted = is_wanted || is_beyond(packet);
  if (!is_wanted) return why_not_.empty();
  feed_pending();
  feed_(nullptr);
  if (target_pts_) return refuse("a key frame did not come out");
  return why_not_.empty();
}

std::optional<std::int64_t> SparseDecoder::next_pts() const {
  if (!slots_.has_origin() || target_pts_ || target_slot_) return {};
  return slots_.start_pts(slots_.wanted_slot());
}

void SparseDecoder::jumped() {
  leave_out();
  is_gap_ = true;
  is_lost_ = true;
}

}  // namespace reelmill
