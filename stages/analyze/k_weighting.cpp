// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/k_weighting.h"

#include <array>
#include <cmath>
#include <numbers>

namespace reelmill {
namespace {

// Two channels: a vector that every processor has. A wider one has no use, and one chosen at run
// time would make the last digits depend on the processor.
using Pair = double __attribute__((vector_size(16)));

// Below this, memory that dies away is called zero: numbers with few bits left are slow.
constexpr double kNothing = 1e-60;

using Biquad = std::array<double, 3>;

struct Section {
  Biquad feedforward, feedback;
};

// The analogue prototypes behind the coefficients that BS.1770-4 gives for 48 kHz (tables 1 and 2),
// so that other rates can be had: B. De Man, "Evaluation of Implementations of the EBU R128
// Loudness Measurement", AES 145 (2018).
Section head_shelf(double rate) {
  constexpr double kFrequency = 1681.974450955533, kGain_dB = 3.999843853973347,
                   kQuality = 0.7071752369554196, kBandExponent = 0.4996667741545416;
  const double k = std::tan(std::numbers::pi * kFrequency / rate);
  const double high = std::pow(10.0, kGain_dB / 20), band = std::pow(high, kBandExponent);
  const double unit = 1 + k / kQuality + k * k;
  return {{(high + band * k / kQuality + k * k) / unit, 2 * (k * k - high) / unit,
           (high - band * k / kQuality + k * k) / unit},
          {1, 2 * (k * k - 1) / unit, (1 - k / kQuality + k * k) / unit}};
}

Section high_pass(double rate) {
  constexpr double kFrequency = 38.13547087602444, kQuality = 0.5003270373238773;
  const double k = std::tan(std::numbers::pi * kFrequency / rate);
  const double unit = 1 + k / kQuality + k * k;
  return {{1, -2, 1}, {1, 2 * (k * k - 1) / unit, (1 - k / kQuality + k * k) / unit}};
}

void multiply(const Biquad& a, const Biquad& b, double* product) {
  for (std::size_t i = 0; i < 5; ++i) product[i] = 0;
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) product[i + j] += a[i] * b[j];
}

// Where a pair's samples lie in memory.
struct Interleaved {
  const float* samples;
  std::size_t channels, first;

  Pair operator()(std::size_t frame) const {
    const float* both = samples + frame * channels + first;
    return Pair{both[0], both[1]};
  }
};
struct LastOne {  // an odd channel, beside nothing
  const float* samples;
  std::size_t channels, first;

  Pair operator()(std::size_t frame) const { return Pair{samples[frame * channels + first], 0}; }
};

template <class Source>
Pair filtered_energy(Source sound, std::size_t frames, const double* b, const double* a,
                     double* memory) {
  const auto at = [&](std::size_t i) { return Pair{memory[2 * i], memory[2 * i + 1]}; };
  Pair v1 = at(0), v2 = at(1), v3 = at(2), v4 = at(3), energy{0, 0};
  for (std::size_t i = 0; i < frames; ++i) {
    // What waits longest comes last, so that a frame waits for the one before it only once.
    const Pair old = a[2] * v2 + (a[3] * v3 + a[4] * v4);
    const Pair v0 = (sound(i) - old) - a[1] * v1;
    const Pair past = (b[1] * v1 + b[2] * v2) + (b[3] * v3 + b[4] * v4);
    const Pair out = b[0] * v0 + past;
    energy += out * out;
    v4 = v3;
    v3 = v2;
    v2 = v1;
    v1 = v0;
  }
  const Pair last[] = {v1, v2, v3, v4};
  for (std::size_t i = 0; i < 4; ++i) {
    memory[2 * i] = last[i][0];
    memory[2 * i + 1] = last[i][1];
  }
  return energy;
}

}  // namespace

KWeighting::KWeighting(std::vector<double> weights, double rate)
    : channels_(weights.size()), weights_(std::move(weights)) {
  const auto shelf = head_shelf(rate), pass = high_pass(rate);
  multiply(shelf.feedforward, pass.feedforward, feedforward_);
  multiply(shelf.feedback, pass.feedback, feedback_);
  weights_.resize((channels_ + 1) / 2 * 2, 0.0);
  memory_.assign(weights_.size() * kOrder, 0.0);
}

double KWeighting::energy(const float* samples, std::size_t frames) {
  double sum = 0;
  for (std::size_t first = 0; first < channels_; first += 2) {
    if (weights_[first] == 0 && weights_[first + 1] == 0) continue;
    auto* memory = memory_.data() + first * kOrder;
    const auto both = first + 1 < channels_
                          ? filtered_energy(Interleaved{samples, channels_, first}, frames,
                                            feedforward_, feedback_, memory)
                          : filtered_energy(LastOne{samples, channels_, first}, frames,
                                            feedforward_, feedback_, memory);
    sum += weights_[first] * both[0] + weights_[first + 1] * both[1];
  }
  for (auto& value : memory_)
    if (std::fabs(value) < kNothing) value = 0;
  return sum;
}

}  // namespace reelmill
