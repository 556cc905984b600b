// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/scan.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <limits>
#include <unordered_set>

#include "base/digest.h"
#include "base/path_text.h"
#include "media/decode_log.h"
#include "media/decoder.h"
#include "stages/decode/change_reading.h"
#include "stages/decode/frame_clock.h"
#include "stages/decode/key_frame_index.h"
#include "stages/decode/seams.h"
#include "stages/decode/sparse_decoder.h"

namespace reelmill {
namespace {

/// Sound that waits for the first frame is bounded: beyond this many packets it goes ahead.
constexpr std::size_t kMaxWaitingAudioPackets = 2000;
/// Messages kept as texts; all are counted.
constexpr std::size_t kMaxMessages = 20;
/// Errors in a row after which a decoder is taken to be at its end.
constexpr int kMaxErrorsInARow = 64;

class Scan {
 public:
  explicit Scan(ScanRequest request)
      : plan_(request.plan),
        segment_(request.segment),
        sink_(request.sink),
        control_(std::move(request.control)),
        demuxer_(std::move(request.opened)) {}

  VideoResult<ScanOutcome> run() {
    if (auto failure = open()) return tl::unexpected(std::move(*failure));
    seek_to_seam();
    while (!is_over_) {
      auto packet = demuxer_->read();
      if (!packet) {
        if (auto fatal = fatal_failure()) return tl::unexpected(std::move(*fatal));
        note(packet.error().message);
        break;
      }
      if (!packet->has_value()) break;
      take(std::move(**packet));
      control_->made_progress();
    }
    drain();
    // A storage fault looks like an early end of the file to a demuxer: ask the input itself.
    if (auto fatal = fatal_failure()) return tl::unexpected(std::move(*fatal));
    return finish();
  }

 private:
  bool reads_video() const { return segment_.reads_video && plan_.video_stream.has_value(); }
  bool reads_audio() const { return segment_.reads_audio && plan_.audio_stream.has_value(); }
  bool is_part() const { return segment_.from_pts || segment_.to_pts; }

  const StreamInfo& stream_info(int index) const {
    return demuxer_->info().streams[static_cast<std::size_t>(index)];
  }

  std::optional<VideoError> open() {
    if (demuxer_ == nullptr) {
      auto opened = Demuxer::open(plan_.file.path, control_);
      if (!opened) return open_failure(std::move(opened).error());
      demuxer_ = std::move(*opened);
    }
    std::vector<int> streams;
    if (reads_video()) streams.push_back(*plan_.video_stream);
    if (reads_audio()) streams.push_back(*plan_.audio_stream);
    demuxer_->select(streams);
    for (const auto& message : demuxer_->info().messages) note(message);
    if (reads_video()) {
      const auto& stream = stream_info(*plan_.video_stream);
      time_base_ = stream.time_base;
      frame_clock_.emplace(stream.time_base, stream.frame_rate);
      DecoderOptions options;
      if (plan_.needs.frames == DecoderNeeds::Frames::key) options.skip = DecodeSkip::non_key;
      if (plan_.needs.frames == DecoderNeeds::Frames::reference)
        options.skip = DecodeSkip::non_reference;
      // Half the time of this codec, whose loop filter is slow, goes into what no detector sees.
      options.is_unfiltered = plan_.reading == Reading::around_changes && stream.codec == "vp8";
      auto decoder = Decoder::open(*demuxer_, *plan_.video_stream, options);
      if (!decoder) return VideoError{"no_decoder", std::move(decoder).error()};
      video_ = std::move(*decoder);
      if (plan_.needs.frames == DecoderNeeds::Frames::every_interval) wait_for_slots(stream);
      if (plan_.reading == Reading::around_changes)
        if (auto failure = look_for_changes(options)) return failure;
    }
    if (reads_audio()) {
      auto decoder = AudioDecoder::open(*demuxer_, *plan_.audio_stream);
      if (decoder)
        audio_ = std::move(*decoder);
      else
        note(decoder.error().message);
    }
    return {};
  }

  std::optional<VideoError> look_for_changes(const DecoderOptions& options) {
    auto decoder = Decoder::open(*demuxer_, *plan_.video_stream, options);
    if (!decoder) return VideoError{"no_decoder", std::move(decoder).error()};
    second_ = std::move(*decoder);
    const auto show = [this](Frame& frame, const FrameClock::Times& times) {
      control_->made_progress();
      hand_out(frame, times);
    };
    const auto hold = [this](std::int64_t pts, Held held) {
      ++outcome_.held_frames;
      sink_.on_held(pts, held);
    };
    const auto is_interrupted = [this] { return control_->is_interrupted(); };
    const auto& codec = stream_info(*plan_.video_stream).codec;
    changes_.emplace(*video_, *second_, codec, *frame_clock_,
                     ChangeReading::Sinks{show, hold, is_interrupted});
    return {};
  }

  void wait_for_slots(const StreamInfo& stream) {
    slots_.emplace(
        FrameSlots(to_seconds(plan_.needs.interval)), stream.time_base,
        [this](Frame& frame, const FrameClock::Times& times) { hand_out(frame, times); });
    if (plan_.reading == Reading::in_full) return;
    sparse_.emplace(*video_, *slots_, [this](const Packet* packet) { feed_sparse(packet); });
    if (plan_.reading == Reading::seeking)
      index_.emplace(demuxer_->indexed_key_frames(*plan_.video_stream), stream);
  }

  /// Feeds the key frame that the segment begins with.
  void seek_to_seam() {
    if (!segment_.from_pts) return;
    auto key = seek_to_key_frame(*demuxer_, *plan_.video_stream, *segment_.from_pts);
    if (!key) return inexact("seeking to the seam: " + key.error().message);
    take(std::move(*key));
  }

  /// What ends the scan of this video, whatever the demuxer made of it.
  std::optional<VideoError> fatal_failure() const {
    const auto name = path_to_line(plan_.file.path.native());
    if (const int fault = demuxer_->input().read_errno(); fault != 0)
      return VideoError{"storage", Error{ErrorKind::unavailable,
                                         fmt::format("read {}: {}", name, std::strerror(fault))}};
    if (control_->is_interrupted())
      return VideoError{"interrupted",
                        Error{ErrorKind::cancelled, fmt::format("read {}: interrupted", name)}};
    return {};
  }

  void take(Packet packet) {
    if (reads_video() && packet.stream == *plan_.video_stream)
      take_picture(std::move(packet));
    else if (audio_ != nullptr && packet.stream == *plan_.audio_stream)
      take_audio(std::move(packet));
  }

  void take_picture(Packet packet) {
    if (changes_) {
      is_started_ = true;
      if (!changes_->take(std::move(packet))) inexact(changes_->why_not());
    } else if (sparse_) {
      take_sparse(std::move(packet));
    } else {
      take_video(packet);
    }
  }

  void take_sparse(Packet packet) {
    is_started_ = true;
    const auto dts = packet.dts;
    if (packet.is_corrupt) note(fmt::format("corrupt packet at byte {}", packet.position));
    if (!sparse_->take(std::move(packet))) return read_on_in_full(sparse_->why_not());
    if (has_errors()) return read_on_in_full(errors_in_part());
    if (!index_ || !dts) return;
    const auto wanted = sparse_->next_pts();
    if (!wanted) return;
    const auto interval = std::llround(to_seconds(plan_.needs.interval) / time_base_.value());
    const auto place = index_->place_for(*wanted, *wanted + interval);
    if (!place || *place <= *dts || *place <= last_jump_) return;
    if (!demuxer_->seek(*plan_.video_stream, index_->seek_time(*place)))
      return inexact("a jump that failed");
    last_jump_ = *place;
    sparse_->jumped();
  }

  bool has_errors() const {
    return outcome_.message_count > 0 || outcome_.corrupt_frames > 0 || log_.count() > 0;
  }
  std::string errors_in_part() const {
    const auto& texts = outcome_.messages.empty() ? log_.messages() : outcome_.messages;
    return "errors while decoding a part of the video" +
           (texts.empty() ? "" : ": " + texts.front());
  }

  /// Ends what is decoded in part. Where nothing is missing yet, the whole costs no more than that.
  void read_on_in_full(std::string why) {
    if (sparse_->has_left_out() || has_unheard_) return inexact(std::move(why));
    sparse_->hand_over();
    sparse_.reset();
  }

  void feed_sparse(const Packet* packet) {
    std::optional<DecodeLog> unheard;
    const bool is_beside = packet != nullptr && sparse_->is_beside(*packet);
    if (is_beside) unheard.emplace();
    if (packet != nullptr) remember_key(*packet);
    const auto sent = video_->send(packet);
    if (!sent && !is_beside) note(sent.error().message);
    receive_frames();
    has_unheard_ = has_unheard_ || (is_beside && (!sent || unheard->count() > 0));
  }

  /// Containers say where decoding can begin; decoders call only some of these frames key frames.
  void remember_key(const Packet& packet) {
    constexpr std::size_t kMostHeldBack = 64;  // frames inside a decoder
    if (!packet.is_key || packet.is_discarded || !packet.pts) return;
    key_pts_.push_back(*packet.pts);
    if (key_pts_.size() > kMostHeldBack) key_pts_.pop_front();
  }

  void take_video(const Packet& packet) {
    if (is_video_fed_) return;
    if (!is_started_ && !begin_at(packet)) return;
    if (packet.is_corrupt) note(fmt::format("corrupt packet at byte {}", packet.position));
    if (is_part() && !check_packet(packet)) return;
    const bool is_leading = segment_.from_pts && packet.pts && *packet.pts < *segment_.from_pts;
    const bool is_beyond = segment_.to_pts && packet.pts && *packet.pts >= *segment_.to_pts;
    const double cpu_before = video_->cpu_seconds();
    remember_key(packet);
    if (is_leading) {
      // These refer to frames that this segment does not have: what libav says is not of this
      // video.
      DecodeLog unheard;
      (void)video_->send(&packet);
      receive_frames();
    } else {
      if (auto sent = video_->send(&packet); !sent) note(sent.error().message);
      receive_frames();
    }
    if (is_leading || is_beyond) outcome_.waste_cpu_s += video_->cpu_seconds() - cpu_before;
  }

  /// True from the packet on with which this segment begins.
  bool begin_at(const Packet& packet) {
    if (!segment_.from_pts || (packet.is_key && packet.pts == segment_.from_pts))
      is_started_ = true;
    else if (packet.is_key && packet.pts && *packet.pts > *segment_.from_pts)
      inexact("the key frame of the seam was not found again");
    return is_started_;
  }

  /// Holds a packet against what exact seams need; false where nothing more is fed.
  bool check_packet(const Packet& packet) {
    if (!packet.pts) {
      inexact("a packet without pts");
      return false;
    }
    if (!pts_seen_.insert(*packet.pts).second) inexact("two packets with the same pts");
    if (segment_.from_pts && *packet.pts > *segment_.from_pts) is_past_leading_ = true;
    if (segment_.from_pts && *packet.pts < *segment_.from_pts && is_past_leading_)
      inexact("a frame of the segment before comes late");
    if (!segment_.to_pts) return true;
    if (*packet.pts > *segment_.to_pts) {
      if (!has_next_key_) inexact("the next seam's key frame does not come first");
      is_video_fed_ = true;
      is_over_ = is_over_ || !reads_audio();
      return false;
    }
    if (*packet.pts == *segment_.to_pts) has_next_key_ = packet.is_key;
    return true;
  }

  void receive_frames() {
    for (int errors = 0; errors < kMaxErrorsInARow;) {
      auto frame = video_->receive();
      if (!frame) {
        note(frame.error().message);
        ++errors;
        continue;
      }
      if (!frame->has_value()) return;
      errors = 0;
      take_frame(**frame);
    }
  }

  void take_frame(Frame& frame) {
    control_->made_progress();
    const auto times = frame_clock_->next(frame);
    if (frame.pts())
      frame.mark_key(std::find(key_pts_.begin(), key_pts_.end(), times.pts) != key_pts_.end());
    if (slots_) {
      if (!sparse_ || sparse_->is_sound(frame, times.pts)) slots_->take(frame, times);
      return;
    }
    if (segment_.from_pts && times.pts < *segment_.from_pts) return;
    if (segment_.to_pts && times.pts >= *segment_.to_pts) {
      if (times.pts == *segment_.to_pts) outcome_.next_frame_digest = frame_digest(frame);
      return;
    }
    if (outcome_.frames == 0) {
      outcome_.first_pts = times.pts;
      if (segment_.from_pts) {
        outcome_.first_frame_digest = frame_digest(frame);
        if (times.pts != *segment_.from_pts || !frame.is_key())
          inexact("the first frame is not the seam's key frame");
      }
    } else if (is_part() && times.pts <= *outcome_.last_pts) {
      inexact("frames out of order");
    }
    hand_out(frame, times);
  }

  void hand_out(Frame& frame, const FrameClock::Times& times) {
    if (outcome_.frames == 0) outcome_.first_pts = times.pts;
    outcome_.last_pts = times.pts;
    ++outcome_.frames;
    if (frame.is_corrupt()) ++outcome_.corrupt_frames;
    sink_.on_frame(frame, times.pts, times.duration);
    if (!is_audio_released_) release_audio();
  }

  void take_audio(Packet packet) {
    if (is_audio_released_ || !reads_video()) {
      decode_audio(&packet);
      return;
    }
    waiting_audio_.push_back(std::move(packet));
    if (waiting_audio_.size() > kMaxWaitingAudioPackets) release_audio();
  }

  void release_audio() {
    is_audio_released_ = true;
    for (const auto& packet : waiting_audio_) decode_audio(&packet);
    waiting_audio_.clear();
  }

  void decode_audio(const Packet* packet) {
    if (audio_ == nullptr) return;
    const auto base = stream_info(*plan_.audio_stream).time_base.value();
    const auto decoded = audio_->decode(packet, [&](const AudioView& view) {
      control_->made_progress();
      const double at =
          view.pts ? static_cast<double>(*view.pts) * base : outcome_.audio_end_s.value_or(0);
      if (!outcome_.audio_start_s) outcome_.audio_start_s = at;
      outcome_.audio_end_s = at + static_cast<double>(view.frames()) / view.sample_rate;
      outcome_.audio_frames += static_cast<std::int64_t>(view.frames());
      sink_.on_audio(view, at);
    });
    if (!decoded) note(decoded.error().message);
  }

  void drain() {
    if (control_->is_interrupted()) return;
    if (changes_) {
      if (outcome_.is_exact && !changes_->finish()) inexact(changes_->why_not());
      outcome_.why_in_full = changes_->why_in_full();
    } else if (sparse_ && has_errors() && outcome_.is_exact) {
      read_on_in_full(errors_in_part());
    } else if (sparse_) {
      if (outcome_.is_exact && !sparse_->finish()) inexact(sparse_->why_not());
    }
    // The others drained the decoder as far as they need it; sparse_ may have gone over to this.
    if (!sparse_ && !changes_ && video_ != nullptr && is_started_) {
      (void)video_->send(nullptr);
      receive_frames();
    }
    if (slots_) slots_->finish();
    release_audio();
    decode_audio(nullptr);
  }

  VideoResult<ScanOutcome> finish() {
    if (segment_.to_pts && !outcome_.next_frame_digest)
      inexact("the next seam's key frame was not decoded");
    if (video_ != nullptr) outcome_.decode_cpu_s += video_->cpu_seconds() - outcome_.waste_cpu_s;
    if (second_ != nullptr) outcome_.decode_cpu_s += second_->cpu_seconds();
    if (audio_ != nullptr) outcome_.decode_cpu_s += audio_->cpu_seconds();
    outcome_.bytes_read = demuxer_->input().bytes_read();
    for (const auto& message : log_.messages()) note(message);
    outcome_.message_count += log_.count() - static_cast<int>(log_.messages().size());
    if (is_part() && (outcome_.message_count > 0 || outcome_.corrupt_frames > 0))
      inexact("errors while decoding a segment");
    if ((sparse_ || changes_) && (outcome_.message_count > 0 || outcome_.corrupt_frames > 0))
      inexact(errors_in_part());
    return std::move(outcome_);
  }

  void note(std::string message) {
    ++outcome_.message_count;
    if (outcome_.messages.size() < kMaxMessages) outcome_.messages.push_back(std::move(message));
  }

  void inexact(std::string why) {
    is_over_ = true;
    if (!outcome_.is_exact) return;
    outcome_.is_exact = false;
    outcome_.why_not_exact = std::move(why);
  }

  const ScanPlan& plan_;
  const Segment& segment_;
  ScanSink& sink_;
  std::shared_ptr<ReadControl> control_;
  std::unique_ptr<Demuxer> demuxer_;
  std::unique_ptr<Decoder> video_;
  std::unique_ptr<AudioDecoder> audio_;
  std::optional<FrameClock> frame_clock_;
  std::optional<SlotFrames> slots_;      // where one frame a slot is wanted
  std::optional<SparseDecoder> sparse_;  // where the rest is not decoded
  bool has_unheard_ = false;             // errors of its packets that are not of this video
  std::int64_t last_jump_ = std::numeric_limits<std::int64_t>::min();
  std::optional<KeyFrameIndex> index_;  // where the rest is not even read
  std::unique_ptr<Decoder> second_;     // of changes_
  std::optional<ChangeReading> changes_;
  std::deque<std::int64_t> key_pts_;  // of packets fed last
  DecodeLog log_;
  Rational time_base_;
  ScanOutcome outcome_;
  bool is_started_ = false;       // the segment's first packet came
  bool is_video_fed_ = false;     // no more video packets are wanted
  bool is_over_ = false;          // nothing more is wanted
  bool is_past_leading_ = false;  // a packet after the seam's key frame was shown later than it
  bool has_next_key_ = false;     // the next seam's key frame was fed
  std::unordered_set<std::int64_t> pts_seen_;
  std::deque<Packet> waiting_audio_;
  bool is_audio_released_ = false;
};

}  // namespace

VideoResult<ScanOutcome> scan_segment(ScanRequest request) {
  return Scan(std::move(request)).run();
}

VideoError open_failure(Error error) {
  const auto says = [&](std::string_view text) {
    return error.message.find(text) != std::string::npos;
  };
  std::string name;
  switch (error.kind) {
    case ErrorKind::not_found:
      name = "vanished";
      break;
    case ErrorKind::denied:
      name = "unreadable";
      break;
    case ErrorKind::unavailable:
      name = "storage";
      break;
    case ErrorKind::cancelled:
      name = "interrupted";
      break;
    case ErrorKind::exhausted:
      name = "too_large";
      break;
    default:
      name = says("is empty")             ? "empty"
             : says("encrypted")          ? "encrypted"
             : says("not a regular file") ? "not_regular"
                                          : "not_media";
  }
  return {std::move(name), std::move(error)};
}

std::uint64_t frame_digest(Frame& frame) {
  const LumaView luma = frame.luma();
  const auto row_bytes = static_cast<std::size_t>(luma.width) * (luma.bit_depth > 8 ? 2 : 1);
  std::uint64_t digest = static_cast<std::uint64_t>(luma.width);
  for (int y = 0; y < luma.height; ++y) {
    const auto* row = reinterpret_cast<const char*>(luma.data + y * luma.stride);
    digest = xxh3(std::string_view(row, row_bytes), digest);
  }
  return digest;
}

}  // namespace reelmill
