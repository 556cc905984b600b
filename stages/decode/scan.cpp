// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/scan.h"

#include <cstring>
#include <unordered_set>

#include "base/digest.h"
#include "base/path_text.h"
#include "media/decode_log.h"
#include "media/decoder.h"
#include "stages/decode/change_reading.h"
#include "stages/decode/scan_errors.h"
#include "stages/decode/seams.h"
#include "stages/decode/slot_reading.h"
#include "stages/decode/sound_reading.h"
#include "stages/decode/timed_decoder.h"

namespace reelmill {
namespace {

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
        errors_.note(packet.error().message);
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
    for (const auto& message : demuxer_->info().messages) errors_.note(message);
    if (reads_video())
      if (auto failure = open_video()) return failure;
    if (reads_audio()) open_audio();
    return {};
  }

  std::optional<VideoError> open_video() {
    const auto& stream = stream_info(*plan_.video_stream);
    DecoderOptions options;
    if (plan_.needs.frames == DecoderNeeds::Frames::key) options.skip = DecodeSkip::non_key;
    if (plan_.needs.frames == DecoderNeeds::Frames::reference)
      options.skip = DecodeSkip::non_reference;
    // Half the time of this codec, whose loop filter is slow, goes into what no detector sees.
    options.is_unfiltered = plan_.reading == Reading::around_changes && stream.codec == "vp8";
    auto decoder = Decoder::open(*demuxer_, *plan_.video_stream, options);
    if (!decoder) return VideoError{"no_decoder", std::move(decoder).error()};
    video_ = std::move(*decoder);
    if (plan_.reading == Reading::around_changes) return look_for_changes(options);
    if (plan_.needs.frames == DecoderNeeds::Frames::every_interval)
      wait_for_slots();
    else
      read_segment();
    return {};
  }

  void open_audio() {
    auto decoder = AudioDecoder::open(*demuxer_, *plan_.audio_stream);
    if (!decoder) return errors_.note(decoder.error().message);
    const auto hear = [this](const AudioView& audio, double at_s) {
      control_->made_progress();
      sink_.on_audio(audio, at_s);
    };
    const double unit_s = stream_info(*plan_.audio_stream).time_base.value();
    // The time of the first frame comes first: sound before it must wait.
    sound_.emplace(
        SoundReading::Parts{std::move(*decoder), unit_s, outcome_, errors_, hear},
        reads_video() ? SoundReading::Start::when_released : SoundReading::Start::at_once);
  }

  FrameClock frame_clock() const {
    const auto& stream = stream_info(*plan_.video_stream);
    return {stream.time_base, stream.frame_rate};
  }

  void read_segment() {
    frames_.emplace(
        *video_, frame_clock(),
        TimedDecoder::Sinks{
            [this](Frame& frame, const FrameClock::Times& times) { take_frame(frame, times); },
            [this](std::string error) { errors_.note(std::move(error)); }});
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
    changes_.emplace(*video_, *second_, codec, frame_clock(),
                     ChangeReading::Sinks{show, hold, is_interrupted});
    return {};
  }

  void wait_for_slots() {
    slots_.emplace(SlotReading::Parts{
        plan_, *demuxer_, *video_, errors_, *control_,
        [this](Frame& frame, const FrameClock::Times& times) { hand_out(frame, times); }});
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
    else if (sound_ && packet.stream == *plan_.audio_stream)
      sound_->take(std::move(packet));
  }

  void take_picture(Packet packet) {
    if (changes_) {
      if (!changes_->take(std::move(packet))) inexact(changes_->why_not());
    } else if (slots_) {
      if (!slots_->take(std::move(packet))) inexact(slots_->why_not());
    } else {
      take_video(packet);
    }
  }

  void take_video(const Packet& packet) {
    if (is_video_fed_) return;
    if (!is_started_ && !begin_at(packet)) return;
    if (packet.is_corrupt) errors_.note(fmt::format("corrupt packet at byte {}", packet.position));
    if (is_part() && !check_packet(packet)) return;
    const bool is_leading = segment_.from_pts && packet.pts && *packet.pts < *segment_.from_pts;
    const bool is_beyond = segment_.to_pts && packet.pts && *packet.pts >= *segment_.to_pts;
    const double cpu_before = video_->cpu_seconds();
    if (is_leading) {
      // These refer to frames that this segment does not have: what libav says is not of this
      // video.
      DecodeLog unheard;
      (void)frames_->send(&packet);
      frames_->receive();
    } else {
      if (auto sent = frames_->send(&packet); !sent) errors_.note(sent.error().message);
      frames_->receive();
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

  void take_frame(Frame& frame, const FrameClock::Times& times) {
    control_->made_progress();
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
    if (sound_) sound_->release();
  }

  void drain() {
    if (control_->is_interrupted()) return;
    if (changes_) {
      if (outcome_.is_exact && !changes_->finish()) inexact(changes_->why_not());
      outcome_.why_in_full = changes_->why_in_full();
    } else if (slots_) {
      if (!slots_->finish()) inexact(slots_->why_not());
    } else if (frames_ && is_started_) {
      (void)frames_->send(nullptr);
      frames_->receive();
    }
    if (sound_) sound_->finish();
  }

  VideoResult<ScanOutcome> finish() {
    if (segment_.to_pts && !outcome_.next_frame_digest)
      inexact("the next seam's key frame was not decoded");
    if (video_ != nullptr) outcome_.decode_cpu_s += video_->cpu_seconds() - outcome_.waste_cpu_s;
    if (second_ != nullptr) outcome_.decode_cpu_s += second_->cpu_seconds();
    if (sound_) outcome_.decode_cpu_s += sound_->cpu_seconds();
    outcome_.bytes_read = demuxer_->input().bytes_read();
    errors_.close();
    if (is_part() && errors_.any()) inexact("errors while decoding a segment");
    if (((slots_ && slots_->is_in_part()) || changes_) && errors_.any()) inexact(errors_.in_part());
    return std::move(outcome_);
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
  std::unique_ptr<Decoder> second_;       // of changes_
  std::optional<TimedDecoder> frames_;    // where all are wanted that the decoder lets out
  std::optional<SlotReading> slots_;      // where one a slot is wanted
  std::optional<ChangeReading> changes_;  // where those around changes are wanted
  std::optional<SoundReading> sound_;
  ScanOutcome outcome_;
  ScanErrors errors_{outcome_};
  bool is_started_ = false;       // the segment's first packet came
  bool is_video_fed_ = false;     // no more video packets are wanted
  bool is_over_ = false;          // nothing more is wanted
  bool is_past_leading_ = false;  // a packet after the seam's key frame was shown later than it
  bool has_next_key_ = false;     // the next seam's key frame was fed
  std::unordered_set<std::int64_t> pts_seen_;
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
