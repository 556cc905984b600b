// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_bisection.h"

#include <bit>

namespace reelmill {

BatchBisection::BatchBisection(std::size_t items, Error reason) {
  if (items == 0) return;
  patience_ = 2 * static_cast<std::size_t>(std::bit_width(items - 1)) + 2;
  if (items == 1) {
    poisoned_.push_back({0, std::move(reason)});
  } else {
    halve({0, items});
  }
}

std::optional<BatchBisection::Part> BatchBisection::next() const {
  if (gave_up_ || parts_.empty()) return std::nullopt;
  return parts_.back();
}

void BatchBisection::succeeded() {
  if (!next()) return;
  ++calls_;
  ++successes_;
  parts_.pop_back();
}

void BatchBisection::failed(Error reason) {
  if (!next()) return;
  ++calls_;
  const Part part = parts_.back();
  parts_.pop_back();
  if (part.size() == 1) {
    poisoned_.push_back({part.first, std::move(reason)});
  } else {
    halve(part);
  }
  gave_up_ = successes_ == 0 && calls_ >= patience_ && !parts_.empty();
}

void BatchBisection::halve(Part part) {
  const std::size_t middle = part.first + part.size() / 2;
  parts_.push_back({middle, part.last});
  parts_.push_back({part.first, middle});
}

std::vector<BatchBisection::Part> BatchBisection::unresolved() const {
  return gave_up_ ? parts_ : std::vector<Part>{};
}

}  // namespace reelmill
