// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/change_reading.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "media/vp8_packet.h"

namespace reelmill {
namespace {

/// Packets kept while a group is not over; beyond, the rest is read in full.
constexpr std::int64_t kMostKeptBytes = 64LL << 20;
constexpr std::size_t kMostKeptPackets = 6000;
/// Shorter groups are decoded whole: to look at their key frames would cost as much.
constexpr std::size_t kShortGroup = 8;
/// So short that decoding on is cheaper than doubt.
constexpr std::size_t kSmallGroup = 24;
/// Frames looked at beyond a key frame for a change that goes on, in levels of the mean and of all.
constexpr std::size_t kBeyondKey = 6;
constexpr float kFading = 8, kMoving = 12;
/// Pictures a frame costs where it moves so much that an encoder may take motion for a cut.
/// More in codecs with boosted frames, whose key frames cost less.
constexpr double kLivelyFrame = 0.12, kLivelyBoosted = 0.3;
/// Correlation of two pictures below which motion alone cannot explain it.
constexpr float kQuiteUnlike = 0.3F;

}  // namespace

bool ChangeReading::refuse(std::string why) {
  if (why_not_.empty()) why_not_ = std::move(why);
  return false;
}

bool ChangeReading::send(GroupDecoder& decoder, const Packet& packet, DecodeSkip skip) {
  if (sinks_.is_interrupted()) return refuse("interrupted");
  const auto sent = decoder.send(packet, skip);
  return sent.has_value() || refuse(sent.error().message);
}

bool ChangeReading::drain(GroupDecoder& decoder) {
  const auto drained = decoder.drain();
  return drained.has_value() || refuse(drained.error().message);
}

bool ChangeReading::take(Packet packet) {
  if (!packet.pts) return refuse("a packet without a time");
  if (packet.is_discarded) return refuse("a frame that is not shown");
  if (packet.is_corrupt) return refuse("a damaged packet");
  if (packet.is_key && !is_in_full_ && !begin_group(*packet.pts)) return false;
  if (is_in_full_) return send_in_full(packet);
  if (groups_.empty()) return refuse("no key frame at the start");
  Group& group = groups_.back();
  kept_bytes_ += packet.bytes;
  ++packets_taken_;
  if (codec_ != "vp8" || !is_hidden_vp8_frame(packet))
    group.facts.packets.push_back({*packet.pts, packet.bytes});
  group.packets.push_back(std::move(packet));
  if (kept_bytes_ > kMostKeptBytes || group.packets.size() > kMostKeptPackets)
    return read_on_in_full();
  return true;
}

bool ChangeReading::begin_group(std::int64_t pts) {
  if (!groups_.empty() && pts <= *groups_.back().packets.front().pts)
    return refuse("key frames out of order");
  if (groups_.size() == 2 && !close_first()) return false;
  groups_.emplace_back().first = packets_taken_;
  groups_.back().facts.has_boosted_frames = codec_ == "vp8" || codec_ == "vp9";
  return true;
}

/// The frames of the first group in output order: from its key frame on, up to the next one's.
bool ChangeReading::list_frames(const Group* next) {
  display_.clear();
  const auto begin = *groups_.front().packets.front().pts;
  constexpr auto kNever = std::numeric_limits<std::int64_t>::max();
  const auto end = next != nullptr ? next->packets.front().pts.value_or(kNever) : kNever;
  for (const auto& packet : groups_.front().facts.packets) {
    if (packet.pts >= end) return refuse("a frame that is shown after the next key frame");
    if (packet.pts >= begin)
      display_.push_back(packet.pts);
    else if (is_first_group_)
      return refuse("a frame before the first key frame");
  }
  const auto own = display_.size();
  if (next != nullptr)
    for (const auto& packet : next->facts.packets) {
      if (packet.pts < begin) return refuse("a frame that comes late");
      if (packet.pts < end) display_.push_back(packet.pts);
    }
  has_leading_ = display_.size() > own;
  std::sort(display_.begin(), display_.end());
  if (std::adjacent_find(display_.begin(), display_.end()) != display_.end())
    return refuse("two frames at the same time");
  if (display_.empty() || display_.front() != begin) return refuse("a key frame that is not shown");
  return true;
}

/// Decodes a key frame to see what it shows. Where packets tell that its group will be decoded, the
/// decoder stays ready to go on.
bool ChangeReading::look_at_key(Group& group, GroupDecoder& decoder) {
  if (group.features) return true;
  const auto& key = group.packets.front();
  const auto& shown = group.facts.packets;
  if (shown.empty() || shown.front().pts != *key.pts)
    return refuse("a key frame that is not shown");
  const bool goes_on =
      !has_leading_ && !find_change_places(group.facts, Expectation::change).empty();
  decoder.start(group.first, *key.pts);
  for (std::size_t i = 0; decoder.frames().empty() && !decoder.is_drained(); ++i) {
    const bool is_over = i > 0 && (!goes_on || i == group.packets.size());
    if (!(is_over ? drain(decoder) : send(decoder, group.packets[i], DecodeSkip::nothing)))
      return false;
  }
  auto& frames = decoder.frames();
  if (frames.empty() || frames.front().pts() != key.pts || !frames.front().is_intra())
    return refuse("a key frame did not come out as it is");
  if (frames.front().is_interlaced()) return refuse("interlaced frames");
  group.picture = frames.front().share();
  group.features = compute_frame_features(group.picture.luma());
  if (!goes_on) decoder.stop();
  return true;
}

/// Takes the decoder that is where the first group begins, or came by there.
void ChangeReading::choose_decoder() {
  const auto first = groups_.front().first;
  const auto is_there = [&](const GroupDecoder& decoder) {
    return decoder.is_running() && decoder.first() <= first && decoder.next() > first;
  };
  if (!is_there(running()) && is_there(idle())) running_ = 1 - running_;
  if (!is_there(running())) running().stop();
}

bool ChangeReading::look_around(Group& first, Group* next) {
  if (!look_at_key(first, running().is_running() ? idle() : running())) return false;
  first.facts.is_beside_blank = is_nearly_blank(*first.features);
  if (next == nullptr) return true;
  if (!look_at_key(*next, idle())) return false;
  first.facts.next_key_bytes = next->packets.front().bytes;
  first.facts.is_beside_blank = first.facts.is_beside_blank || is_nearly_blank(*next->features);
  return true;
}

GroupView ChangeReading::view_of(const Group& first, const Group* next) const {
  return {first.facts, display_, *first.features, next != nullptr ? &*next->features : nullptr,
          first.begins_with_change};
}

bool ChangeReading::close_first() {
  Group& first = groups_.front();
  Group* next = groups_.size() > 1 ? &groups_[1] : nullptr;
  if (!list_frames(next)) return false;
  choose_decoder();
  const auto length = rhythm_.next(display_.size());
  const bool is_short = display_.size() < kShortGroup;
  if (!is_short && !look_around(first, next)) return false;
  Course course = is_short ? whole_course(display_.size()) : plan_course(view_of(first, next));
  Progress progress;
  if (!course.last) show_key(first, progress);
  if (course.last && !show_until(*course.last, course, progress)) return false;
  if (next != nullptr && next->features && !show_rest(course, progress, *next, length))
    return false;
  if (next != nullptr && !next->features) next->begins_with_change = true;
  hold_rest(progress, Held::as_before);
  leave_first();
  return true;
}

/// What lies between the last frame that was decoded and the next key frame. Another picture there
/// came by a cut at the key frame, if the encoder put it there for that, or if nothing before could
/// pay for one; or it came by motion, if key frames keep their distance. If in doubt, look.
bool ChangeReading::show_rest(Course& course, Progress& progress, Group& next,
                              GroupRhythm::Length length) {
  const auto last = compute_frame_features(progress.last.luma());
  const bool is_over = progress.next == display_.size();
  const bool is_other = is_other_picture(last, *next.features);
  if (is_over) next.begins_with_change = course.ends_with_change || is_other;
  if (is_over) return true;
  if (!is_other) {
    hold_rest(progress, Held::on_the_way);
    return true;
  }
  const double pictures = pictures_after(progress);
  const auto frames = static_cast<double>(display_.size() - progress.next);
  bool is_doubtful =
      display_.size() < kSmallGroup || frames <= kMargin || length == GroupRhythm::Length::unknown;
  const bool is_early = length == GroupRhythm::Length::early;
  if (is_early || pictures < 1) {
    const bool is_boosted = groups_.front().facts.has_boosted_frames;
    const double lively = is_boosted ? kLivelyBoosted : kLivelyFrame;
    is_doubtful = is_doubtful || pictures >= lively * frames;
    if (!is_doubtful && !look_beyond_key(next, is_doubtful)) return false;
  } else {
    is_doubtful = is_doubtful || content_correlation(last, *next.features) <= kQuiteUnlike;
  }
  if (is_doubtful) return show_to_end(course, progress, next);
  next.begins_with_change = is_early || pictures < 1;
  hold_rest(progress, next.begins_with_change ? Held::as_before : Held::on_the_way);
  return true;
}

bool ChangeReading::show_to_end(Course& course, Progress& progress, Group& next) {
  const auto end = display_.size() - 1;
  course.look_closely(end - std::min(end, kCloseToEnd), end);
  if (!show_until(end, course, progress)) return false;
  next.begins_with_change =
      is_other_picture(compute_frame_features(progress.last.luma()), *next.features);
  return true;
}

/// What the frames after those shown cost, in pictures: from one on they may have led to another.
double ChangeReading::pictures_after(const Progress& progress) const {
  const auto& facts = groups_.front().facts;
  const auto shown = display_[progress.next - 1];
  std::int64_t bytes = 0;
  for (const auto& packet : facts.packets)
    if (packet.pts > shown) bytes += packet.bytes;
  return static_cast<double>(bytes) /
         static_cast<double>(std::max<std::int64_t>(facts.picture_bytes(), 1));
}

/// Whether the picture goes on changing after the next key frame, as it does where an encoder put
/// one into the midst of a fade. The decoder stays ready to go on there.
bool ChangeReading::look_beyond_key(const Group& next, bool& is_moving) {
  GroupDecoder& decoder = idle();
  if (!decoder.is_running() || decoder.first() != next.first)
    decoder.start(next.first, *next.packets.front().pts);
  while (decoder.frames().size() <= kBeyondKey && !decoder.is_drained()) {
    const auto number = static_cast<std::size_t>(decoder.next() - next.first);
    const bool is_over = number >= next.packets.size();
    if (!(is_over ? drain(decoder) : send(decoder, next.packets[number], DecodeSkip::nothing)))
      return false;
  }
  if (decoder.frames().empty()) return refuse("a frame did not come out");
  Frame& beyond = decoder.frames()[std::min(kBeyondKey, decoder.frames().size() - 1)];
  const auto features = compute_frame_features(beyond.luma());
  is_moving = std::abs(features.mean - next.features->mean) >= kFading ||
              picture_difference(features, *next.features) >= kMoving;
  return true;
}

void ChangeReading::show_key(Group& first, Progress& progress) {
  first.picture.mark_key(true);
  progress.last = first.picture.share();
  sinks_.shown(first.picture, clock_.next(first.picture));
  progress.next = 1;
}

bool ChangeReading::show_until(std::size_t last, const Course& course, Progress& progress) {
  const Group& first = groups_.front();
  if (!running().is_running()) running().start(first.first, *first.packets.front().pts);
  while (progress.next <= last)
    if (!show_next(course, progress)) return false;
  return true;
}

bool ChangeReading::show_next(const Course& course, Progress& progress) {
  const auto pts = display_[progress.next];
  auto& frames = running().frames();
  for (;;) {
    if (frames.empty() && running().is_drained()) break;
    if (frames.empty()) {
      if (!feed(course)) return false;
    } else if (progress.next > 0 && *frames.front().pts() <= display_[progress.next - 1]) {
      frames.pop_front();  // the key frame, which was shown without the others
    } else {
      break;
    }
  }
  if (!frames.empty() && frames.front().pts() == pts) {
    Frame frame = std::move(frames.front());
    frames.pop_front();
    progress.last = frame.share();
    sinks_.shown(frame, clock_.next(frame));
  } else if (running().was_spared(pts)) {
    sinks_.held(pts, Held::on_the_way);
  } else {
    return refuse("a frame did not come out");
  }
  ++progress.next;
  return true;
}

/// Sends the next packet of the first group; beyond its end, if frames of the group come later in
/// the file or the next one is decoded anyway, those of the next group; else lets out what is left.
bool ChangeReading::feed(const Course& course) {
  GroupDecoder& decoder = running();
  auto number = static_cast<std::size_t>(decoder.next() - groups_.front().first);
  const auto& own = groups_.front().packets;
  if (number < own.size()) {
    const auto place = place_of(*own[number].pts, display_);
    const bool is_close = place >= course.is_close.size() || course.is_close[place];
    return send(decoder, own[number], is_close ? DecodeSkip::nothing : DecodeSkip::non_reference);
  }
  number -= own.size();
  if ((has_leading_ || course.runs_on) && groups_.size() > 1 && number < groups_[1].packets.size())
    return send(decoder, groups_[1].packets[number], DecodeSkip::nothing);
  return drain(decoder);
}

void ChangeReading::hold_rest(Progress& progress, Held held) {
  if (progress.next == display_.size()) return;
  running().stop();
  for (; progress.next < display_.size(); ++progress.next)
    sinks_.held(display_[progress.next], held);
}

void ChangeReading::leave_first() {
  const auto& first = groups_.front();
  const auto after = first.first + static_cast<std::int64_t>(first.packets.size());
  if (running().next() <= after || running().is_drained()) running().stop();
  for (const auto& packet : first.packets) kept_bytes_ -= packet.bytes;
  groups_.pop_front();
  is_first_group_ = false;
}

/// All that follows is decoded, from the first group on.
bool ChangeReading::read_on_in_full() {
  is_in_full_ = true;
  why_in_full_ = fmt::format("no key frame for long after packet {}", groups_.back().first);
  choose_decoder();
  const Group& first = groups_.front();
  if (!running().is_running() || running().is_drained())
    running().start(first.first, *first.packets.front().pts);
  auto number = first.first;
  for (const auto& group : groups_)
    for (const auto& packet : group.packets)
      if (number++ >= running().next() && !send_in_full(packet)) return false;
  groups_.clear();
  return true;
}

bool ChangeReading::send_in_full(const Packet& packet) {
  if (!send(running(), packet, DecodeSkip::nothing)) return false;
  pass_on();
  return true;
}

void ChangeReading::pass_on() {
  for (auto& frame : std::exchange(running().frames(), {})) sinks_.shown(frame, clock_.next(frame));
}

bool ChangeReading::finish() {
  while (!is_in_full_ && !groups_.empty())
    if (!close_first()) return false;
  if (!is_in_full_) return true;
  if (!drain(running())) return false;
  pass_on();
  return true;
}

}  // namespace reelmill
