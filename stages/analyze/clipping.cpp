// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/clipping.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "stages/analyze/sample_peak.h"
#include "stages/api/registry.h"

namespace reelmill {
OptionTable<ClippingOptions> clipping_options() {
  return OptionTable<ClippingOptions>()
      .add("level", &ClippingOptions::level, "full scale begins here, in dB", Range{-6, 0})
      .add("min_samples", &ClippingOptions::min_samples,
           "so many samples in a row at full scale are clipped", Range{1, 1000})
      .add("join", &ClippingOptions::join, "runs this close to each other are one interval",
           Range{0, 3600});
}

ClippingObserver::ClippingObserver(const ClippingOptions& options)
    : options_(options), limit_(static_cast<float>(std::pow(10.0, options.level / 20))) {}

void ClippingObserver::end_run(std::int64_t length, double start_s, double end_s) {
  if (length < options_.min_samples) return;
  ++count_;
  samples_ += length;
  longest_ = std::max(longest_, length);
  const double join_s = to_seconds(options_.join);
  if (!intervals_.empty() && start_s <= intervals_.back().end_s + join_s) {
    intervals_.back().start_s = std::min(intervals_.back().start_s, start_s);
    intervals_.back().end_s = std::max(intervals_.back().end_s, end_s);
  } else {
    intervals_.push_back({start_s, end_s});
  }
}

/// What still goes on where the sound ends, or changes its form.
void ClippingObserver::end_all_runs() {
  for (auto& run : runs_)
    if (const auto length = std::exchange(run, 0); length > 0)
      end_run(length, seen_until_s_ - static_cast<double>(length) * sample_s_, seen_until_s_);
}

void ClippingObserver::observe(const AudioBlock& block) {
  const AudioView& audio = block.audio;
  if (audio.channels <= 0 || audio.sample_rate <= 0 || audio.frames() == 0) return;
  const auto channels = static_cast<std::size_t>(audio.channels);
  const double sample_s = 1.0 / audio.sample_rate;
  if (runs_.size() != channels || sample_s != sample_s_) {
    end_all_runs();
    runs_.assign(channels, 0);
    sample_s_ = sample_s;
  }
  seen_until_s_ = block.time_s + static_cast<double>(audio.frames()) * sample_s;
  const bool goes_on = std::any_of(runs_.begin(), runs_.end(), [](auto run) { return run > 0; });
  SamplePeak peak;
  if (!goes_on) peak.add(audio.samples);
  if (!goes_on && !(peak.all() >= limit_)) return;
  for (std::size_t i = 0; i < audio.frames(); ++i) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      std::int64_t& run = runs_[channel];
      if (std::fabs(audio.samples[i * channels + channel]) >= limit_) {
        ++run;
      } else if (run > 0) {
        const double end_s = block.time_s + static_cast<double>(i) * sample_s;
        end_run(run, end_s - static_cast<double>(run) * sample_s, end_s);
        run = 0;
      }
    }
  }
}

Findings ClippingObserver::finish(double /*end_s*/) {
  end_all_runs();
  Findings findings;
  Json list = Json::array();
  for (const auto& interval : intervals_) list.push_back(to_json(interval));
  findings.set("clipping", Json{{"runs", count_},
                                {"samples", samples_},
                                {"longest_run", longest_},
                                {"intervals", std::move(list)}});
  return findings;
}

namespace {

const RegisterStage registered{define_stage<ClippingOptions>(
    {.name = "clipping",
     .version = 2,
     .summary = "Clipping: where the sound stays at full scale for several samples in a row",
     .kind = StageKind::frames},
    clipping_options(), [](const ClippingOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.audio = true;
      parts.make_audio_observer = [options] { return std::make_unique<ClippingObserver>(options); };
      return parts;
    })};

}  // namespace
}  // namespace reelmill
