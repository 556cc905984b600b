// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/loudness.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stages/api/registry.h"

namespace reelmill {
namespace {

// The library knows up to 5.1 in FFmpeg's order by itself. BS.1770-4 gives 1.41 to loudspeakers at
// 60 to 120 degrees, 1 to those behind, nothing to the LFE. Of layouts beyond 7.1 we know only that
// they should be heard.
void set_channels(ebur128_state& state, int channels) {
  const auto set = [&](unsigned index, int place) { ebur128_set_channel(&state, index, place); };
  if (channels == 7) {  // FL FR FC LFE BC SL SR
    set(4, EBUR128_Mp180);
    set(5, EBUR128_Mp090);
    set(6, EBUR128_Mm090);
  } else if (channels == 8) {  // FL FR FC LFE BL BR SL SR
    set(4, EBUR128_Mp135);
    set(5, EBUR128_Mm135);
    set(6, EBUR128_Mp090);
    set(7, EBUR128_Mm090);
  } else if (channels > 8) {
    for (int i = 0; i < channels; ++i) set(static_cast<unsigned>(i), EBUR128_Mp000);
  }
}

bool all_finite(std::span<const float> samples) {
  int bad = 0;
  for (const float sample : samples)
    bad |= std::fabs(sample) <= std::numeric_limits<float>::max() ? 0 : 1;
  return bad == 0;
}

Json hundredths_or_null(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::round(value * 100) / 100;
}

}  // namespace

OptionTable<LoudnessOptions> loudness_options() {
  return OptionTable<LoudnessOptions>().add(
      "true_peak", &LoudnessOptions::true_peak,
      "whether to measure the true peak in dBTP; costs 0.2 s a minute of stereo sound");
}

ebur128_state* LoudnessObserver::state_for(const AudioView& audio) {
  const auto channels = static_cast<unsigned>(audio.channels);
  const auto rate = static_cast<unsigned long>(audio.sample_rate);
  if (!parts_.empty() && parts_.back()->channels == channels && parts_.back()->samplerate == rate)
    return parts_.back().get();
  const int mode =
      EBUR128_MODE_I | EBUR128_MODE_LRA | (options_.true_peak ? EBUR128_MODE_TRUE_PEAK : 0);
  State state(ebur128_init(channels, rate, mode));
  if (!state) {
    refusal_ = fmt::format("loudness: sound with {} channels at {} Hz cannot be measured",
                           audio.channels, audio.sample_rate);
    return nullptr;
  }
  set_channels(*state, audio.channels);
  parts_.push_back(std::move(state));
  return parts_.back().get();
}

void LoudnessObserver::observe(const AudioBlock& block) {
  const AudioView& audio = block.audio;
  if (audio.channels <= 0 || audio.sample_rate <= 0 || audio.frames() == 0) return;
  ebur128_state* state = state_for(audio);
  if (state == nullptr) return;
  const float* samples = audio.samples.data();
  if (!all_finite(audio.samples)) {  // one would spoil the filters for good
    cleaned_.assign(audio.samples.begin(), audio.samples.end());
    for (float& sample : cleaned_)
      if (!std::isfinite(sample)) sample = 0;
    samples = cleaned_.data();
  }
  if (ebur128_add_frames_float(state, samples, audio.frames()) == EBUR128_SUCCESS)
    measured_s_ += static_cast<double>(audio.frames()) / audio.sample_rate;
}

Findings LoudnessObserver::finish(double /*end_s*/) {
  constexpr double kShortestForRange = 3;  // seconds: one short-term block
  Findings findings;
  if (!refusal_.empty()) findings.warn(refusal_);
  if (parts_.empty()) {
    findings.set("loudness", nullptr);
    return findings;
  }
  std::vector<ebur128_state*> states;
  for (const auto& part : parts_) states.push_back(part.get());
  const double nothing = -std::numeric_limits<double>::infinity();
  double integrated = nothing, range = nothing, peak = nothing;
  if (ebur128_loudness_global_multiple(states.data(), states.size(), &integrated) !=
      EBUR128_SUCCESS)
    integrated = nothing;
  if (!std::isfinite(integrated) || measured_s_ < kShortestForRange ||
      ebur128_loudness_range_multiple(states.data(), states.size(), &range) != EBUR128_SUCCESS)
    range = nothing;
  if (options_.true_peak) {
    for (auto* state : states) {
      for (unsigned channel = 0; channel < state->channels; ++channel) {
        double of_channel = 0;
        if (ebur128_true_peak(state, channel, &of_channel) == EBUR128_SUCCESS)
          peak = std::max(peak, 20 * std::log10(of_channel));
      }
    }
  }
  findings.set("loudness", Json{{"integrated_lufs", hundredths_or_null(integrated)},
                                {"range_lu", hundredths_or_null(range)},
                                {"true_peak_dbtp", hundredths_or_null(peak)}});
  return findings;
}

namespace {

const RegisterStage registered{define_stage<LoudnessOptions>(
    {.name = "loudness",
     .version = 1,
     .summary = "Loudness: EBU R 128 integrated loudness, loudness range and true peak",
     .kind = StageKind::frames},
    loudness_options(), [](const LoudnessOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.audio = true;
      parts.make_audio_observer = [options] { return std::make_unique<LoudnessObserver>(options); };
      return parts;
    })};

}  // namespace
}  // namespace reelmill
