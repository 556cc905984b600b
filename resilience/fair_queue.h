// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "resilience/batch.h"

namespace reelmill {

/// Items of several sources, handed out by deficit round robin over bytes (Shreedhar and Varghese,
/// 1996): no source waits long because another has much, and items of one source keep their order.
/// Every operation takes constant time on average, whatever the number of sources. Not thread-safe.
template <class T>
class FairQueue {
 public:
  struct Entry {
    T item;
    std::size_t bytes;
    Clock::time_point added;
    std::uint64_t number = 0;  ///< of the item among all that were added; must rise
  };

  void push(Entry entry, SourceId source) {
    quantum_ = std::max(quantum_, cost(entry));
    bytes_ += entry.bytes;
    ++size_;
    const auto [found, is_new] = sources_.try_emplace(source);
    if (is_new) found->second.turn = turns_.insert(turns_.end(), &found->second);
    found->second.id = source;
    ages_.push_back({entry.number, source});
    found->second.entries.push_back(std::move(entry));
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return bytes_; }

  /// The item that waits longest; the queue must not be empty.
  const Entry& oldest() { return oldest_source().entries.front(); }

  /// The next turn goes to whoever's item waits longest.
  void favour_oldest() {
    if (empty()) return;
    Source& source = oldest_source();
    source.deficit = std::max(source.deficit, cost(source.entries.front()));
    turns_.splice(turns_.begin(), turns_, source.turn);
  }

  /// The item that pop() will return. The queue must not be empty.
  const Entry& front() {
    while (true) {
      Source& source = *turns_.front();
      if (source.deficit >= cost(source.entries.front())) return source.entries.front();
      turns_.splice(turns_.end(), turns_, turns_.begin());
      turns_.front()->deficit += quantum_;
    }
  }

  Entry pop() {
    front();
    Source& source = *turns_.front();
    Entry entry = std::move(source.entries.front());
    source.entries.pop_front();
    source.deficit -= cost(entry);
    if (source.entries.empty()) {
      turns_.pop_front();
      sources_.erase(source.id);
      if (!turns_.empty()) turns_.front()->deficit += quantum_;
    }
    --size_;
    bytes_ -= entry.bytes;
    return entry;
  }

 private:
  struct Source {
    std::deque<Entry> entries;  ///< never empty
    std::size_t deficit = 0;
    SourceId id = 0;
    typename std::list<Source*>::iterator turn;
  };
  struct Age {
    std::uint64_t number;
    SourceId source;
  };
  // An item without bytes still takes a turn.
  static std::size_t cost(const Entry& entry) { return std::max<std::size_t>(1, entry.bytes); }

  /// Drops from `ages_` what has left, once for each item.
  Source& oldest_source() {
    while (true) {
      const auto found = sources_.find(ages_.front().source);
      if (found != sources_.end() && found->second.entries.front().number <= ages_.front().number) {
        return found->second;
      }
      ages_.pop_front();
    }
  }

  std::unordered_map<SourceId, Source> sources_;
  std::list<Source*> turns_;
  std::deque<Age> ages_;     ///< every item in order of age, and some that have left
  std::size_t quantum_ = 1;  ///< the largest item so far, so that every turn yields an item
  std::size_t size_ = 0, bytes_ = 0;
};

}  // namespace reelmill
