// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/channels.h"

#include <algorithm>
#include <cmath>

#include "stages/analyze/sample_peak.h"
#include "stages/api/registry.h"

namespace reelmill {
namespace {

double amplitude(double level_db) {
  return std::pow(10.0, level_db / 20);
}

Json decibels(float peak) {
  if (!(peak > 0)) return nullptr;
  return std::round(20 * std::log10(static_cast<double>(peak)) * 100) / 100;
}

}  // namespace

OptionTable<ChannelsOptions> channels_options() {
  return OptionTable<ChannelsOptions>()
      .add("silent_level", &ChannelsOptions::silent_level,
           "a channel whose samples all stay below this is silent, in dB of full scale",
           Range{-144, 0})
      .add("same_level", &ChannelsOptions::same_level,
           "two channels are the same when their difference stays below this, in dB of full scale",
           Range{-144, 0});
}

ChannelsObserver::ChannelsObserver(const ChannelsOptions& options)
    : options_(options), same_(static_cast<float>(amplitude(options.same_level))) {}

void ChannelsObserver::observe(const AudioBlock& block) {
  const AudioView& audio = block.audio;
  if (audio.channels <= 0 || audio.frames() == 0) return;
  const auto channels = static_cast<std::size_t>(audio.channels);
  if (peaks_.empty()) {
    peaks_.assign(channels, 0);
    differences_.assign(channels, 0);
  }
  if (channels != peaks_.size()) has_changed_ = true;
  if (has_changed_) return;
  const float* samples = audio.samples.data();
  const std::size_t frames = audio.frames();
  if (channels == 2) {  // by far the most frequent
    SamplePeak peak;
    peak.add(audio.samples);
    for (std::size_t channel = 0; channel < 2; ++channel)
      peaks_[channel] = std::max(peaks_[channel], peak.of_channel(channel, 2));
    // Once they were found to differ, there is nothing more to find.
    for (std::size_t i = 0; i < frames && differences_[1] < same_; ++i)
      differences_[1] = std::max(differences_[1], std::fabs(samples[2 * i] - samples[2 * i + 1]));
    return;
  }
  for (std::size_t i = 0; i < frames; ++i, samples += channels) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      peaks_[channel] = std::max(peaks_[channel], std::fabs(samples[channel]));
      differences_[channel] =
          std::max(differences_[channel], std::fabs(samples[channel] - samples[0]));
    }
  }
}

Findings ChannelsObserver::finish(double /*end_s*/) {
  Findings findings;
  if (has_changed_) findings.warn("channels: their number changes; what comes later is not judged");
  if (peaks_.empty()) {
    findings.set("channels", nullptr);
    return findings;
  }
  const double silent = amplitude(options_.silent_level);
  Json peaks = Json::array(), silent_ones = Json::array();
  bool is_mono = peaks_.size() > 1;
  for (std::size_t channel = 0; channel < peaks_.size(); ++channel) {
    peaks.push_back(decibels(peaks_[channel]));
    if (peaks_[channel] < silent) silent_ones.push_back(channel + 1);
    is_mono = is_mono && differences_[channel] < same_;
  }
  is_mono = is_mono && silent_ones.empty();
  findings.set("channels", Json{{"count", peaks_.size()},
                                {"peaks_dbfs", std::move(peaks)},
                                {"silent", std::move(silent_ones)},
                                {"are_all_the_same", is_mono}});
  return findings;
}

namespace {

const RegisterStage registered{define_stage<ChannelsOptions>(
    {.name = "channels",
     .version = 1,
     .summary = "Channels: which channels of the sound are silent, and whether all are the same",
     .kind = StageKind::frames},
    channels_options(), [](const ChannelsOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.audio = true;
      parts.make_audio_observer = [options] { return std::make_unique<ChannelsObserver>(options); };
      return parts;
    })};

}  // namespace
}  // namespace reelmill
