// SPDX-License-Identifier: Apache-2.0
#include "pipeline/admission.h"

#include <utility>

namespace reelmill {

Admission::Lease& Admission::Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    give_back();
    owner_ = std::exchange(other.owner_, nullptr);
    bytes_ = other.bytes_;
  }
  return *this;
}

void Admission::Lease::give_back() noexcept {
  Admission* owner = std::exchange(owner_, nullptr);
  if (owner == nullptr) return;
  std::lock_guard lock(owner->mutex_);
  --owner->videos_;
  owner->bytes_ -= bytes_;
  owner->changed_.notify_all();  // under the lock: the owner may be destroyed once it sees zero
}

std::optional<Admission::Lease> Admission::acquire(std::uint64_t bytes, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const bool has_room = changed_.wait(lock, stop, [&] {
    return videos_ == 0 || (videos_ < limits_.videos && bytes_ + bytes <= limits_.bytes);
  });
  if (!has_room || stop.stop_requested()) return {};
  ++videos_;
  bytes_ += bytes;
  return Lease(this, bytes);
}

bool Admission::wait_until_empty(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait(lock, stop, [&] { return videos_ == 0; });
}

int Admission::videos() const {
  std::lock_guard lock(mutex_);
  return videos_;
}

}  // namespace reelmill
