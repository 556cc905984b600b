// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/sound_print.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace reelmill {
namespace {

// Not a number counts as silence: comparisons with it are false.
std::int16_t to_int16(float sample) {
  const float scaled = sample * 32767.0F;
  return static_cast<std::int16_t>(scaled > -32768.0F ? (scaled < 32767.0F ? scaled : 32767.0F)
                                                      : (scaled <= -32768.0F ? -32768.0F : 0.0F));
}

void mix(const AudioView& audio, std::vector<std::int16_t>& mono) {
  const auto channels = static_cast<std::size_t>(audio.channels);
  const std::size_t frames = audio.frames();
  mono.resize(frames);
  const float* in = audio.samples.data();
  if (channels == 1) {
    for (std::size_t i = 0; i < frames; ++i) mono[i] = to_int16(in[i]);
  } else if (channels == 2) {
    for (std::size_t i = 0; i < frames; ++i) mono[i] = to_int16(0.5F * (in[2 * i] + in[2 * i + 1]));
  } else {
    const float share = 1.0F / static_cast<float>(channels);
    for (std::size_t i = 0; i < frames; ++i) {
      float sum = 0;
      for (std::size_t channel = 0; channel < channels; ++channel)
        sum += in[i * channels + channel];
      mono[i] = to_int16(share * sum);
    }
  }
}

}  // namespace

void free_chromaprint(ChromaprintContext** context) noexcept {
  if (*context != nullptr) chromaprint_free(*context);
  *context = nullptr;
}

void SoundPrint::begin(int sample_rate) {
  end_part();
  rate_ = sample_rate;
  context_.reset(chromaprint_new(CHROMAPRINT_ALGORITHM_TEST2));
  if (context_ && chromaprint_start(context_.get(), sample_rate, 1) == 0) context_.reset();
}

void SoundPrint::end_part() {
  if (!context_) return;
  std::uint32_t* items = nullptr;
  int count = 0;
  if (chromaprint_finish(context_.get()) == 1 &&
      chromaprint_get_raw_fingerprint(context_.get(), &items, &count) == 1) {
    items_.insert(items_.end(), items, items + count);
    chromaprint_dealloc(items);
  }
  context_.reset();
}

void SoundPrint::observe(const AudioBlock& block) {
  const AudioView& audio = block.audio;
  if (audio.channels <= 0 || audio.sample_rate <= 0 || audio.frames() == 0) return;
  if (!has_started_) start_s_ = block.time_s;
  has_started_ = true;
  if (audio.sample_rate != rate_) begin(audio.sample_rate);
  if (!context_) return;
  mix(audio, mono_);
  chromaprint_feed(context_.get(), mono_.data(), static_cast<int>(mono_.size()));
}

Findings SoundPrint::finish(double /*end_s*/) {
  end_part();
  return {};
}

}  // namespace reelmill
