// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/loudness.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stages/api/registry.h"

namespace reelmill {
namespace {

constexpr int kLowestRate = 16, kHighestRate = 2'822'400;  // Hz: what libebur128 measures
constexpr int kMostChannels = 64;

// BS.1770-4 gives 1.41 to loudspeakers at 60 to 120 degrees, 1 to those behind, nothing to the LFE.
// Channels come in FFmpeg's order. Of layouts beyond 7.1 we know only that they should be heard.
std::vector<double> channel_weights(int channels) {
  constexpr double kSide = 1.41, kBass = 0;
  switch (channels) {
    case 4:  // FL FR SL SR
      return {1, 1, kSide, kSide};
    case 5:  // FL FR FC SL SR
      return {1, 1, 1, kSide, kSide};
    case 6:  // FL FR FC LFE SL SR
      return {1, 1, 1, kBass, kSide, kSide};
    case 7:  // FL FR FC LFE BC SL SR
      return {1, 1, 1, kBass, 1, kSide, kSide};
    case 8:  // FL FR FC LFE BL BR SL SR
      return {1, 1, 1, kBass, 1, 1, kSide, kSide};
    default:
      return std::vector<double>(static_cast<std::size_t>(channels), 1.0);
  }
}

// In pieces of a constant length, which compilers vectorise.
bool all_finite(std::span<const float> samples) {
  constexpr std::size_t kPiece = 256;
  const auto is_bad = [](float sample) {
    return std::fabs(sample) <= std::numeric_limits<float>::max() ? 0 : 1;
  };
  int bad = 0;
  std::size_t i = 0;
  for (; i + kPiece <= samples.size(); i += kPiece)
    for (std::size_t k = 0; k < kPiece; ++k) bad |= is_bad(samples[i + k]);
  for (; i < samples.size(); ++i) bad |= is_bad(samples[i]);
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

bool LoudnessObserver::is_ready_for(const AudioView& audio) {
  if (part_ && part_->channels == audio.channels && part_->rate == audio.sample_rate) return true;
  if (audio.channels > kMostChannels || audio.sample_rate < kLowestRate ||
      audio.sample_rate > kHighestRate) {
    refusal_ = fmt::format("loudness: sound with {} channels at {} Hz cannot be measured",
                           audio.channels, audio.sample_rate);
    return false;
  }
  gate_.begin_part();
  part_.emplace(Part{audio.channels, audio.sample_rate,
                     KWeighting(channel_weights(audio.channels), audio.sample_rate),
                     (static_cast<std::size_t>(audio.sample_rate) + 5) / 10});
  if (options_.true_peak)
    peak_meter_.reset(ebur128_init(static_cast<unsigned>(audio.channels),
                                   static_cast<unsigned long>(audio.sample_rate),
                                   EBUR128_MODE_TRUE_PEAK));
  return true;
}

void LoudnessObserver::observe(const AudioBlock& block) {
  const AudioView& audio = block.audio;
  if (audio.channels <= 0 || audio.sample_rate <= 0 || audio.frames() == 0) return;
  if (!is_ready_for(audio)) return;
  const float* samples = audio.samples.data();
  if (!all_finite(audio.samples)) {  // one would spoil the filters for good
    cleaned_.assign(audio.samples.begin(), audio.samples.end());
    for (float& sample : cleaned_)
      if (!std::isfinite(sample)) sample = 0;
    samples = cleaned_.data();
  }
  measure(samples, audio.frames());
  measure_peak(samples, audio.frames());
  measured_s_ += static_cast<double>(audio.frames()) / audio.sample_rate;
}

void LoudnessObserver::measure(const float* samples, std::size_t frames) {
  Part& part = *part_;
  while (frames > 0) {
    const auto count = std::min(frames, part.slice_frames - part.slice_filled);
    part.slice_energy += part.filter.energy(samples, count);
    part.slice_filled += count;
    samples += count * static_cast<std::size_t>(part.channels);
    frames -= count;
    if (part.slice_filled < part.slice_frames) return;
    gate_.add(part.slice_energy / static_cast<double>(part.slice_frames));
    part.slice_energy = 0;
    part.slice_filled = 0;
  }
}

void LoudnessObserver::measure_peak(const float* samples, std::size_t frames) {
  if (peak_meter_ == nullptr) return;
  if (ebur128_add_frames_float(peak_meter_.get(), samples, frames) != EBUR128_SUCCESS) return;
  for (unsigned channel = 0; channel < peak_meter_->channels; ++channel) {
    double of_channel = 0;
    if (ebur128_prev_true_peak(peak_meter_.get(), channel, &of_channel) == EBUR128_SUCCESS)
      peak_ = std::max(peak_, of_channel);
  }
}

Findings LoudnessObserver::finish(double /*end_s*/) {
  constexpr double kShortestForRange = 3;  // seconds: one short-term block
  Findings findings;
  if (!refusal_.empty()) findings.warn(refusal_);
  if (!part_) {
    findings.set("loudness", nullptr);
    return findings;
  }
  const double nothing = -std::numeric_limits<double>::infinity();
  const double integrated = gate_.integrated();
  const bool has_range = std::isfinite(integrated) && measured_s_ >= kShortestForRange;
  findings.set(
      "loudness",
      Json{{"integrated_lufs", hundredths_or_null(integrated)},
           {"range_lu", hundredths_or_null(has_range ? gate_.range() : nothing)},
           {"true_peak_dbtp", hundredths_or_null(peak_ > 0 ? 20 * std::log10(peak_) : nothing)}});
  return findings;
}

namespace {

const RegisterStage registered{define_stage<LoudnessOptions>(
    {.name = "loudness",
     .version = 2,
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
