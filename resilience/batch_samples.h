// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace reelmill {

/// One served batch, as the cost model keeps it.
struct BatchSample {
  int n = 0;             ///< items
  double seconds = 0;    ///< service time
  int succeeded = 0;     ///< items
  std::uint64_t at = 0;  ///< number of the observation, for ageing
};

/// The latest samples of one range of batch sizes, and what they cost. It keeps a fixed number and
/// drops the oldest; it does not know its neighbours. Not thread-safe.
class BatchSamples {
 public:
  /// Samples kept: enough to bring the error of a 10 % spread to 2 %.
  static constexpr std::size_t capacity = 32;

  void add(const BatchSample& sample);
  void clear();
  /// Multiplies every time by `factor`.
  void scale(double factor);

  bool empty() const { return samples_.empty(); }
  int count() const { return static_cast<int>(samples_.size()); }
  std::uint64_t last_at() const { return last_at_; }
  const std::vector<BatchSample>& samples() const { return samples_; }

  double mean_size() const { return mean_size_; }  ///< items
  double median() const { return median_; }        ///< seconds
  /// Seconds: the mean of the samples drawn in to within five deviations (1.4826 · MAD) of the
  /// median. The plain median understates heavy tails, the plain mean follows single outliers.
  double seconds() const { return seconds_; }
  /// Items that succeeded per item sent, over a longer memory than the times.
  double success() const { return sent_ > 0 ? succeeded_ / sent_ : 1; }
  /// Batches that success() rests on.
  double batches() const { return mean_size_ > 0 ? sent_ / mean_size_ : 0; }
  /// The squared relative deviations of the times from their mean, summed.
  double scatter() const;

 private:
  void summarise();

  std::vector<BatchSample> samples_;  ///< a ring once full
  std::size_t next_ = 0;
  std::uint64_t last_at_ = 0;
  double mean_size_ = 0, median_ = 0, seconds_ = 0;
  double sent_ = 0, succeeded_ = 0;  ///< decayed counts of items
};

}  // namespace reelmill
