// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_samples.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace reelmill {
namespace {

constexpr double decay = 1 - 1.0 / 128;  // of the success counts, a batch

double median_of(std::span<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace

void BatchSamples::add(const BatchSample& sample) {
  if (samples_.size() < capacity) {
    samples_.push_back(sample);
  } else {
    samples_[next_] = sample;
    next_ = (next_ + 1) % capacity;
  }
  last_at_ = sample.at;
  sent_ = sent_ * decay + sample.n;
  succeeded_ = succeeded_ * decay + sample.succeeded;
  summarise();
}

void BatchSamples::clear() {
  *this = {};
}

void BatchSamples::scale(double factor) {
  for (auto& sample : samples_) sample.seconds *= factor;
  summarise();
}

double BatchSamples::scatter() const {
  double sum = 0;
  for (const auto& sample : samples_) sum += std::pow(sample.seconds / seconds_ - 1, 2);
  return sum;
}

void BatchSamples::summarise() {
  if (samples_.empty()) return;
  std::array<double, capacity> memory;
  const std::span values(memory.data(), samples_.size());
  double items = 0;
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    values[i] = samples_[i].seconds;
    items += samples_[i].n;
  }
  const auto count = static_cast<double>(samples_.size());
  mean_size_ = items / count;
  median_ = median_of(values);
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    values[i] = std::abs(samples_[i].seconds - median_);
  }
  const double reach = 5 * 1.4826 * median_of(values);
  double sum = 0;
  for (const auto& sample : samples_) {
    sum += std::clamp(sample.seconds, median_ - reach, median_ + reach);
  }
  seconds_ = sum / count;
}

}  // namespace reelmill
