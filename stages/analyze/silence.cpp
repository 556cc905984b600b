// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/silence.h"

#include <algorithm>
#include <cmath>

#include "stages/api/registry.h"

namespace reelmill {
namespace {

constexpr std::size_t kChunk = 128;  // samples; a constant length that compilers vectorise

// A sample that is no number is loud: it cannot be called silence.
bool is_loud(float sample, float limit) {
  return !(std::fabs(sample) < limit);
}

bool all_silent(const float* samples, std::size_t count, float limit) {
  int loud = 0;
  if (count == kChunk) {
    for (std::size_t i = 0; i < kChunk; ++i) loud |= is_loud(samples[i], limit) ? 1 : 0;
  } else {
    for (std::size_t i = 0; i < count; ++i) loud |= is_loud(samples[i], limit) ? 1 : 0;
  }
  return loud == 0;
}

}  // namespace

OptionTable<SilenceOptions> silence_options() {
  return OptionTable<SilenceOptions>()
      .add("min_duration", &SilenceOptions::min_duration, "shortest stretch of time reported",
           Range{0, 86400})
      .add("level", &SilenceOptions::level,
           "samples below this many dB of full scale are silent, on all channels", Range{-200, 0});
}

SilenceObserver::SilenceObserver(const SilenceOptions& options)
    : limit_(static_cast<float>(std::pow(10, options.level / 20))),
      shortest_s_(to_seconds(options.min_duration)),
      silent_(options.min_duration) {}

bool SilenceObserver::Sound::is_silent(std::size_t frame, float limit) const {
  for (std::size_t i = 0; i < channels; ++i)
    if (is_loud(samples[frame * channels + i], limit)) return false;
  return true;
}

void SilenceObserver::close(double at_s) {
  if (since_s_) silent_.add(*since_s_, std::max(*since_s_, at_s));
  since_s_.reset();
}

void SilenceObserver::observe(const AudioBlock& block) {
  const auto channels = static_cast<std::size_t>(std::max(block.audio.channels, 0));
  const auto frames = block.audio.frames();
  if (channels == 0 || block.audio.sample_rate <= 0) return;
  const Sound sound{block.audio.samples.data(), channels, block.time_s,
                    static_cast<double>(block.audio.sample_rate)};
  const std::size_t step = std::max<std::size_t>(1, kChunk / channels);
  // What lies within one step is too short to be reported, unless very short stretches are wanted.
  const bool is_only_long = shortest_s_ * sound.rate > static_cast<double>(step);
  for (std::size_t from = 0; from < frames; from += step) {
    const std::size_t to = std::min(frames, from + step);
    if (all_silent(sound.samples + from * channels, (to - from) * channels, limit_)) {
      if (!since_s_) since_s_ = sound.time_of(from);
    } else if (is_only_long) {
      take_loud(sound, from, to);
    } else {
      take_each(sound, from, to);
    }
  }
}

void SilenceObserver::take_each(const Sound& sound, std::size_t from, std::size_t to) {
  for (std::size_t frame = from; frame < to; ++frame) {
    const bool is_silent = sound.is_silent(frame, limit_);
    if (is_silent && !since_s_) since_s_ = sound.time_of(frame);
    if (!is_silent && since_s_) close(sound.time_of(frame));
  }
}

/// Looks only for where a silence from before ends and where the last one begins: one of the frames
/// between is loud.
void SilenceObserver::take_loud(const Sound& sound, std::size_t from, std::size_t to) {
  if (since_s_) {
    std::size_t first = from;
    while (sound.is_silent(first, limit_)) ++first;
    close(sound.time_of(first));
  }
  std::size_t last = to - 1;
  while (sound.is_silent(last, limit_)) --last;
  if (last + 1 < to) since_s_ = sound.time_of(last + 1);
}

Findings SilenceObserver::finish(double end_s) {
  close(end_s);
  Findings findings;
  findings.set_intervals("silence", silent_.list());
  return findings;
}

namespace {

const RegisterStage registered{define_stage<SilenceOptions>(
    {.name = "silence",
     .version = 1,
     .summary = "Silence: stretches of time in which nothing is heard",
     .kind = StageKind::frames},
    silence_options(), [](const SilenceOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.audio = true;
      parts.make_audio_observer = [options] { return std::make_unique<SilenceObserver>(options); };
      return parts;
    })};

}  // namespace
}  // namespace reelmill
