// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/group_decoder.h"

#include <algorithm>

#include "media/decode_log.h"

namespace reelmill {
namespace {

constexpr std::size_t kMostInside = 64;  // frames inside a decoder

void remember(std::deque<std::int64_t>& last, std::int64_t pts) {
  last.push_back(pts);
  if (last.size() > kMostInside) last.pop_front();
}

bool has(const std::deque<std::int64_t>& last, std::int64_t pts) {
  return std::find(last.begin(), last.end(), pts) != last.end();
}

/// What libav said while decoding. After a key frame in the midst of a stream it complains of
/// frames that shall be forgotten and were never there, which does no harm.
Status judge(const DecodeLog& log) {
  for (const auto& message : log.messages())
    if (message.find("mmco: unref short failure") == std::string::npos)
      return fail(ErrorKind::invalid_input, "{}", message);
  return {};
}

}  // namespace

void GroupDecoder::start(std::int64_t number, std::int64_t pts) {
  decoder_.flush();
  is_running_ = true;
  is_drained_ = false;
  first_ = next_ = number;
  start_pts_ = pts;
  frames_.clear();
  key_pts_.clear();
  spared_.clear();
}

Status GroupDecoder::send(const Packet& packet, DecodeSkip skip) {
  // What is shown before the first key frame refers to others, and libav complains of that.
  const bool is_beside = *packet.pts < start_pts_;
  if (packet.is_key) remember(key_pts_, *packet.pts);
  const bool is_spared = skip != DecodeSkip::nothing && decoder_.skips_exactly();
  if (is_spared) remember(spared_, *packet.pts);
  decoder_.set_skip(is_spared ? skip : DecodeSkip::nothing);
  ++next_;
  const DecodeLog log;
  if (auto sent = decoder_.send(&packet); !sent && !is_beside) return sent;
  REELMILL_TRY(take_frames(is_beside));
  return is_beside ? Status{} : judge(log);
}

Status GroupDecoder::drain() {
  is_drained_ = true;
  const DecodeLog log;
  REELMILL_TRY(decoder_.send(nullptr));
  REELMILL_TRY(take_frames(false));
  return judge(log);
}

Status GroupDecoder::take_frames(bool is_beside) {
  for (;;) {
    auto frame = decoder_.receive();
    if (!frame) {
      if (is_beside) return {};
      return tl::unexpected(std::move(frame).error());
    }
    if (!frame->has_value()) return {};
    if (!(*frame)->pts()) return fail(ErrorKind::invalid_input, "a frame without a time");
    const auto pts = *(*frame)->pts();
    if (pts < start_pts_) continue;
    (*frame)->mark_key(has(key_pts_, pts));
    frames_.push_back(std::move(**frame));
  }
}

bool GroupDecoder::was_spared(std::int64_t pts) const {
  return has(spared_, pts);
}

}  // namespace reelmill
