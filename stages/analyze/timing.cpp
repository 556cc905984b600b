// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/timing.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stages/api/registry.h"

namespace reelmill {
namespace {

constexpr std::size_t kMostGaps = 1000;

double to_ms(double seconds) {
  return std::round(seconds * 1e6) / 1e3;
}

Json list_of(const std::vector<Interval>& intervals) {
  Json list = Json::array();
  for (const auto& interval : intervals) list.push_back(to_json(interval));
  return list;
}

/// Lists a gap, or counts it where the list is full.
void add_gap(const Interval& gap, std::vector<Interval>& gaps, std::int64_t& unlisted) {
  if (gaps.size() < kMostGaps)
    gaps.push_back(gap);
  else
    ++unlisted;
}

void warn_of_unlisted(std::int64_t gaps, const char* of, Findings& findings) {
  if (gaps > 0)
    findings.warn(fmt::format("timing: {} more gaps of the {} than are listed", gaps, of));
}

struct VideoTiming {
  std::vector<Interval> gaps;
  std::int64_t unlisted_gaps = 0;
  std::int64_t not_ascending = 0;
};

// A gap is a frame that stays longer than the option says though its own duration is shorter.
Result<VideoTiming> timing_of(const Timeline& timeline, double gap_s) {
  VideoTiming timing;
  const double tick_s = timeline.time_base().value();
  std::int64_t last_pts = std::numeric_limits<std::int64_t>::min();
  double last_s = 0, claimed_end_s = 0;
  auto reader = timeline.read();
  while (const TimelineFrame* frame = reader.next()) {
    const double at_s = reader.start_s();
    if (reader.index() > 0) {
      if (frame->pts <= last_pts) ++timing.not_ascending;
      const double shown_until_s = std::max(last_s, claimed_end_s);
      if (at_s - shown_until_s > gap_s)
        add_gap({shown_until_s, at_s}, timing.gaps, timing.unlisted_gaps);
    }
    last_pts = frame->pts;
    last_s = at_s;
    claimed_end_s = at_s + static_cast<double>(frame->duration) * tick_s;
  }
  REELMILL_TRY(reader.status());
  return timing;
}

}  // namespace

OptionTable<TimingOptions> timing_options() {
  return OptionTable<TimingOptions>()
      .add("video_gap", &TimingOptions::video_gap,
           "shortest time without a picture that is reported", Range{0.001, 3600})
      .add("audio_gap", &TimingOptions::audio_gap,
           "shortest hole in the sound's timestamps that is reported", Range{0.001, 3600});
}

void SoundTiming::observe(const AudioBlock& block) {
  if (block.audio.sample_rate <= 0 || block.audio.frames() == 0) return;
  const double length_s = static_cast<double>(block.audio.frames()) / block.audio.sample_rate;
  if (!has_sound_) {
    has_sound_ = true;
    start_s_ = end_s_ = block.time_s;
  }
  if (block.time_s - end_s_ > gap_s_) {
    add_gap({end_s_, block.time_s}, gaps_, unlisted_gaps_);
    in_gaps_s_ += block.time_s - end_s_;
  }
  end_s_ = std::max(end_s_, block.time_s + length_s);
  sampled_s_ += length_s;
}

Findings SoundTiming::finish(double /*end_s*/) {
  return {};
}

Result<Findings> TimingStage::process(const VideoRecord& video, ArtifactWriter&) const {
  Findings findings;
  Json timing = Json::object();
  const bool has_video = video.timeline != nullptr && !video.timeline->empty();
  timing["video_gaps"] = Json::array();
  timing["video_steps_back"] = 0;
  if (has_video) {
    REELMILL_ASSIGN(const auto of_video,
                    timing_of(*video.timeline, to_seconds(options_.video_gap)));
    timing["video_gaps"] = list_of(of_video.gaps);
    timing["video_steps_back"] = of_video.not_ascending;
    warn_of_unlisted(of_video.unlisted_gaps, "picture", findings);
  }
  const auto* sound = dynamic_cast<const SoundTiming*>(video.audio_observer);
  const bool has_sound = sound != nullptr && sound->has_sound();
  timing["audio_gaps"] = has_sound ? list_of(sound->gaps()) : Json::array();
  timing["audio_drift_ms"] = nullptr;
  if (has_sound) {
    timing["audio_drift_ms"] =
        to_ms(sound->sampled_s() - (sound->end_s() - sound->start_s() - sound->in_gaps_s()));
    warn_of_unlisted(sound->unlisted_gaps(), "sound", findings);
  }
  timing["audio_starts_later_ms"] =
      has_sound && has_video ? Json(to_ms(sound->start_s())) : Json(nullptr);
  timing["audio_ends_later_ms"] = has_sound && has_video
                                      ? Json(to_ms(sound->end_s() - video.timeline->end_s()))
                                      : Json(nullptr);
  findings.set("timing", std::move(timing));
  return findings;
}

namespace {

const RegisterStage registered{define_stage<TimingOptions>(
    {.name = "timing",
     .version = 2,
     .summary = "Timing: gaps in timestamps, and how far picture and sound are apart",
     .kind = StageKind::video},
    timing_options(), [](const TimingOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.frames = DecoderNeeds::Frames::all;
      parts.needs.audio = true;
      parts.make_audio_observer = [options] {
        return std::make_unique<SoundTiming>(to_seconds(options.audio_gap));
      };
      parts.video_stage = std::make_shared<TimingStage>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
