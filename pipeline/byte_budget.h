// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace reelmill {

/// Memory that queued things may take together. Never waits: who gets nothing must put its thing
/// elsewhere. One lease is always granted while nothing is held, however large, so that a budget
/// smaller than one thing still makes progress. Thread-safe; must outlive its leases.
class ByteBudget {
 public:
  /// The right to hold so many bytes; given back with its destruction.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), bytes_(other.bytes_) {}
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() { give_back(); }
    void give_back() noexcept;

   private:
    friend class ByteBudget;
    Lease(ByteBudget* owner, std::size_t bytes) : owner_(owner), bytes_(bytes) {}
    ByteBudget* owner_ = nullptr;
    std::size_t bytes_ = 0;
  };

  explicit ByteBudget(std::size_t capacity) : capacity_(capacity) {}

  std::optional<Lease> try_acquire(std::size_t bytes);
  std::size_t capacity() const { return capacity_; }
  std::size_t in_use() const;
  /// The most that was ever in use.
  std::size_t high_water() const;

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::size_t in_use_ = 0, high_water_ = 0;
};

}  // namespace reelmill
