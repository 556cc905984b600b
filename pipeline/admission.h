// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace reelmill {

/// Grants leases before anything of a video is read: so many videos, so many bytes of input files.
/// One video is always admitted, however large, so that nothing can deadlock. Thread-safe; must
/// outlive its leases.
class Admission {
 public:
  struct Limits {
    int videos = 1;
    std::uint64_t bytes = 0;
  };

  /// The right of one video to be in flight; given back with its destruction.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), bytes_(other.bytes_) {}
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() { give_back(); }
    void give_back() noexcept;

   private:
    friend class Admission;
    Lease(Admission* owner, std::uint64_t bytes) : owner_(owner), bytes_(bytes) {}
    Admission* owner_ = nullptr;
    std::uint64_t bytes_ = 0;
  };

  explicit Admission(Limits limits) : limits_(limits) {}

  /// Waits for room; empty when `stop` was requested first.
  std::optional<Lease> acquire(std::uint64_t bytes, std::stop_token stop);
  /// Waits until nothing is in flight; false when `stop` was requested first.
  bool wait_until_empty(std::stop_token stop);
  int videos() const;

 private:
  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  int videos_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace reelmill
