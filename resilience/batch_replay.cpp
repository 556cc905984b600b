// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_replay.h"

#include "base/manual_clock.h"
#include "resilience/adaptive_batcher.h"

namespace reelmill {
namespace {

struct Nothing {};

}  // namespace

std::vector<BatchDivergence> replay(const BatchOptions& options,
                                    std::span<const BatchEvent> record) {
  ManualClock clock;
  const auto began = clock.now();
  AdaptiveBatcher<Nothing> batcher(options, clock);
  std::vector<BatchDivergence> divergences;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const auto& event = record[i];
    clock.set(began + event.at);
    switch (event.kind) {
      case BatchEvent::Kind::added:
        batcher.add_item({}, event.bytes, event.key, event.source);
        break;
      case BatchEvent::Kind::left: {
        const auto batch = batcher.next(true);
        BatchDecision decision{.at = event.at};
        if (batch) {
          decision.id = batch->id;
          decision.n = static_cast<int>(batch->items.size());
          decision.bytes = batch->bytes;
          decision.target = batch->target;
          decision.reason = batch->reason;
          decision.predicted = batch->predicted;
        }
        auto recorded = event.decision;
        recorded.observed = Duration(0);
        if (decision != recorded) divergences.push_back({i, recorded, decision});
        break;
      }
      case BatchEvent::Kind::completed:
        batcher.completed(event.observation);
        break;
      case BatchEvent::Kind::starving:
        batcher.starving();
        break;
      case BatchEvent::Kind::drain:
        batcher.drain();
        break;
      case BatchEvent::Kind::hold:
        batcher.hold();
        break;
      case BatchEvent::Kind::probe:
        batcher.probe();
        break;
      case BatchEvent::Kind::resume:
        batcher.resume();
        break;
    }
  }
  return divergences;
}

}  // namespace reelmill
