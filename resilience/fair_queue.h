// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <utility>

#include "base/clock.h"
#include "resilience/batch.h"

namespace reelmill {

/// Items of several sources, handed out by deficit round robin over bytes (Shreedhar and Varghese,
/// 1996): no source waits long because another has much, and items of one source keep their order.
/// Not thread-safe.
template <class T>
class FairQueue {
 public:
  struct Entry {
    T item;
    std::size_t bytes;
    Clock::time_point added;
  };

  void push(Entry entry, SourceId source) {
    quantum_ = std::max(quantum_, cost(entry));
    bytes_ += entry.bytes;
    ++size_;
    auto [found, is_new] = sources_.try_emplace(source);
    if (is_new) turns_.push_back(source);
    found->second.entries.push_back(std::move(entry));
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return bytes_; }

  /// When the item was added that waits longest; max() when empty.
  Clock::time_point oldest() const {
    auto oldest = Clock::time_point::max();
    for (const auto& [id, source] : sources_) {
      oldest = std::min(oldest, source.entries.front().added);
    }
    return oldest;
  }

  /// The next turn goes to whoever's item waits longest.
  void favour_oldest() {
    const auto waits_longest = [&](SourceId a, SourceId b) {
      return sources_.at(a).entries.front().added < sources_.at(b).entries.front().added;
    };
    const auto oldest = std::min_element(turns_.begin(), turns_.end(), waits_longest);
    if (oldest == turns_.end()) return;
    Source& source = sources_.at(*oldest);
    source.deficit = std::max(source.deficit, cost(source.entries.front()));
    std::rotate(turns_.begin(), oldest, oldest + 1);
  }

  /// The item that pop() will return. The queue must not be empty.
  const Entry& front() {
    while (true) {
      Source& source = sources_.at(turns_.front());
      if (source.deficit >= cost(source.entries.front())) return source.entries.front();
      std::rotate(turns_.begin(), turns_.begin() + 1, turns_.end());
      sources_.at(turns_.front()).deficit += quantum_;
    }
  }

  Entry pop() {
    front();
    const auto found = sources_.find(turns_.front());
    Source& source = found->second;
    Entry entry = std::move(source.entries.front());
    source.entries.pop_front();
    source.deficit -= cost(entry);
    if (source.entries.empty()) {
      sources_.erase(found);
      turns_.pop_front();
      if (!turns_.empty()) sources_.at(turns_.front()).deficit += quantum_;
    }
    --size_;
    bytes_ -= entry.bytes;
    return entry;
  }

 private:
  struct Source {
    std::deque<Entry> entries;  ///< never empty
    std::size_t deficit = 0;
  };
  // An item without bytes still takes a turn.
  static std::size_t cost(const Entry& entry) { return std::max<std::size_t>(1, entry.bytes); }

  std::map<SourceId, Source> sources_;
  std::deque<SourceId> turns_;
  std::size_t quantum_ = 1;  ///< the largest item so far, so that every turn yields an item
  std::size_t size_ = 0, bytes_ = 0;
};

}  // namespace reelmill
