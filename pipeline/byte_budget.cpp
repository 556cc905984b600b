// SPDX-License-Identifier: Apache-2.0
#include "pipeline/byte_budget.h"

#include <algorithm>

namespace reelmill {

ByteBudget::Lease& ByteBudget::Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    give_back();
    owner_ = std::exchange(other.owner_, nullptr);
    bytes_ = other.bytes_;
  }
  return *this;
}

void ByteBudget::Lease::give_back() noexcept {
  ByteBudget* owner = std::exchange(owner_, nullptr);
  if (owner == nullptr) return;
  const std::lock_guard lock(owner->mutex_);
  owner->in_use_ -= bytes_;
}

std::optional<ByteBudget::Lease> ByteBudget::try_acquire(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto free = capacity_ - std::min(capacity_, in_use_);
  if (in_use_ > 0 && bytes > free) return std::nullopt;
  in_use_ += bytes;
  high_water_ = std::max(high_water_, in_use_);
  return Lease(this, bytes);
}

std::size_t ByteBudget::in_use() const {
  const std::lock_guard lock(mutex_);
  return in_use_;
}

std::size_t ByteBudget::high_water() const {
  const std::lock_guard lock(mutex_);
  return high_water_;
}

}  // namespace reelmill
