// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/silence.h"

#include <algorithm>
#include <cmath>

#include "stages/api/registry.h"

namespace reelmill {
namespace {

constexpr std::size_t kChunk = 1024;  // samples; a constant length that compilers vectorise

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
    : limit_(static_cast<float>(std::pow(10, options.level / 20))), silent_(options.min_duration) {}

void SilenceObserver::close(double at_s) {
  if (since_s_) silent_.add(*since_s_, std::max(*since_s_, at_s));
  since_s_.reset();
}

void SilenceObserver::observe(const AudioBlock& block) {
  const auto channels = static_cast<std::size_t>(std::max(block.audio.channels, 0));
  const auto frames = block.audio.frames();
  if (channels == 0 || block.audio.sample_rate <= 0) return;
  const float* samples = block.audio.samples.data();
  const auto time_of = [&](std::size_t frame) {
    return block.time_s + static_cast<double>(frame) / block.audio.sample_rate;
  };
  const std::size_t step = std::max<std::size_t>(1, kChunk / channels);
  for (std::size_t from = 0; from < frames; from += step) {
    const std::size_t to = std::min(frames, from + step);
    if (all_silent(samples + from * channels, (to - from) * channels, limit_)) {
      if (!since_s_) since_s_ = time_of(from);
      continue;
    }
    for (std::size_t frame = from; frame < to; ++frame) {
      const bool is_silent = all_silent(samples + frame * channels, channels, limit_);
      if (is_silent && !since_s_) since_s_ = time_of(frame);
      if (!is_silent && since_s_) close(time_of(frame));
    }
  }
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
