// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

namespace reelmill {

/// The sizes of the latest 64 items. Not thread-safe.
class ItemBytes {
 public:
  void add(std::size_t bytes) {
    sizes_[next_++ % sizes_.size()] = bytes;
    is_stale_ = true;
  }
  std::size_t low() const;   ///< 5 % of the items are smaller
  std::size_t high() const;  ///< 5 % are larger

 private:
  void renew() const;

  std::array<std::size_t, 64> sizes_{};
  std::size_t next_ = 0;
  mutable bool is_stale_ = false;
  mutable std::size_t low_ = 0, high_ = 0;
};

}  // namespace reelmill
