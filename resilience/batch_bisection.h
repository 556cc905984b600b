// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/error.h"

namespace reelmill {

/// Finds the items that make a batch fail when the service does not say which: the batch is halved,
/// each half is called again, and so on down to the single item. One poisoned item among n costs at
/// most 2·⌈log2 n⌉ calls more. It makes no call and holds no item, only their places. Not
/// thread-safe.
///
///     BatchBisection search(batch.size());            // the whole batch has failed
///     while (const auto part = search.next()) {
///       if (auto called = call(part->first, part->last)) search.succeeded();
///       else search.failed(called.error());
///     }
class BatchBisection {
 public:
  /// Items first to last, `last` not included.
  struct Part {
    std::size_t first = 0, last = 0;
    std::size_t size() const { return last - first; }
    bool operator==(const Part&) const = default;
  };
  struct Poisoned {
    std::size_t item = 0;
    Error reason;
  };

  /// A batch of `items` has failed as a whole. A batch of one is poisoned with `reason` at once.
  explicit BatchBisection(std::size_t items, Error reason = {});

  /// The part to call next; nullopt when every item is accounted for, or the search gave up. The
  /// same until its result is told.
  std::optional<Part> next() const;
  /// Every item of the part went through, or got an outcome of its own.
  void succeeded();
  /// The part failed, and nobody said which item it was.
  void failed(Error reason);

  /// Items set aside, each with the error of the call that it was alone in.
  const std::vector<Poisoned>& poisoned() const { return poisoned_; }
  std::size_t calls() const { return calls_; }
  /// Nothing has gone through in 2·⌈log2 n⌉ + 2 calls: it is the service, not an item.
  bool gave_up() const { return gave_up_; }
  /// Parts that were not called, once the search gave up.
  std::vector<Part> unresolved() const;

 private:
  void halve(Part part);

  std::vector<Part> parts_;  ///< a stack
  std::vector<Poisoned> poisoned_;
  std::size_t calls_ = 0, successes_ = 0, patience_ = 0;
  bool gave_up_ = false;
};

}  // namespace reelmill
