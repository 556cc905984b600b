// SPDX-License-Identifier: Apache-2.0
#include "resilience/item_bytes.h"

#include <algorithm>

namespace reelmill {

void ItemBytes::renew() const {
  if (!is_stale_) return;
  is_stale_ = false;
  auto sorted = sizes_;
  const auto count = std::min(next_, sorted.size());
  std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count));
  low_ = sorted[count / 20];
  high_ = sorted[count - 1 - count / 20];
}

std::size_t ItemBytes::low() const {
  renew();
  return low_;
}

std::size_t ItemBytes::high() const {
  renew();
  return high_;
}

}  // namespace reelmill
