// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reelmill {

/// Notices that batches of the same size take another time than they used to: a two-sided CUSUM
/// (Page, 1954) on ln(time ÷ median of the size), clipped to ±0.5, with slack 0.08 and alarm
/// at 1.5. A spread above 10 % widens all three, so that noise alone raises no alarm. Not
/// thread-safe.
class ServiceTimeChange {
 public:
  /// `spread` is the usual standard deviation of `log_ratio`. True when the test alarms; it then
  /// starts anew.
  bool observe(double log_ratio, double spread);
  void clear() { up_ = down_ = 0; }

 private:
  double up_ = 0, down_ = 0;
};

}  // namespace reelmill
