// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "resilience/batch_journal.h"

namespace reelmill {

/// Keeps what happened to a batcher, in memory, and tells it line by line. An hour of a busy edge
/// is some million events; `most` bounds them: once full it keeps no more and says so. Not
/// thread-safe.
class BatchRecord final : public BatchJournal {
 public:
  explicit BatchRecord(std::size_t most = 1'000'000) : most_(most) {}

  void write(const BatchEvent& event) override;

  const std::vector<BatchEvent>& events() const { return events_; }
  bool is_complete() const { return is_complete_; }
  /// The batches that left, each with the time that was observed for it.
  std::vector<BatchDecision> decisions() const;

 private:
  const std::size_t most_;
  std::vector<BatchEvent> events_;
  bool is_complete_ = true;
};

/// One event as a line of JSON without its newline; times in nanoseconds.
std::string to_line(const BatchEvent& event);
/// The event of a line; fails with `invalid_input` naming what is missing.
Result<BatchEvent> parse_batch_event(std::string_view line);

}  // namespace reelmill
