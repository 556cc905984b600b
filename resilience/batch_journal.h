// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "resilience/batch_decision.h"

namespace reelmill {

/// Something that happened to a batcher. With the options, the events of a run determine every
/// decision in it.
struct BatchEvent {
  enum class Kind { added, left, completed, starving, drain, hold, probe, resume };
  Kind kind = Kind::added;
  Duration at{0};                  ///< since the batcher was made
  std::size_t bytes = 0;           ///< added: of the item
  BatchKey key{};                  ///< added
  SourceId source = 0;             ///< added
  BatchDecision decision{};        ///< left
  BatchObservation observation{};  ///< completed
};

/// Where a batcher writes what happens to it.
class BatchJournal {
 public:
  virtual ~BatchJournal() = default;
  virtual void write(const BatchEvent& event) = 0;
};

}  // namespace reelmill
