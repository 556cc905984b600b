// SPDX-License-Identifier: Apache-2.0
#include "pipeline/batch_checks.h"

#include <algorithm>

#include "base/units.h"
#include "stages/api/call_stage.h"
#include "stages/api/frame_call_stage.h"

namespace reelmill {
namespace {

/// One stage's `batch:` while it is checked.
struct Check {
  const ConfigNode* batch;  ///< as written; may be missing
  const ProblemSink& sink;  ///< at `batch`
  int stage_line;

  const ConfigNode* written(std::string_view key) const {
    return batch == nullptr ? nullptr : batch->find(key);
  }
  int line(std::string_view key) const {
    if (const auto* node = written(key)) return node->line;
    return batch == nullptr ? stage_line : batch->line;
  }
};

/// An attempt is cut off by the guard, whatever the batch would be allowed.
void check_time(BatchOptions& options, const GuardOptions& guard, const Check& check) {
  const auto attempt = guard.attempt_timeout;
  if (attempt <= Duration::zero() || options.target_processing_time <= attempt) return;
  if (check.written("target_processing_time") != nullptr)
    check.sink.at("target_processing_time")
        .add(
            check.line("target_processing_time"),
            fmt::format("{} is longer than the guard gives an attempt: timeout.attempt is {}",
                        format_duration(options.target_processing_time), format_duration(attempt)));
  options.target_processing_time = attempt;
}

/// Where the guard lets fewer through than there are lanes, batches would be taken, refused and
/// taken apart again.
void check_places(BatchOptions& options, int lanes, const GuardOptions& guard, const Check& check) {
  if (guard.concurrency && !guard.concurrency->adaptive)
    lanes = std::min(lanes, guard.concurrency->initial);
  if (options.max_in_flight > lanes && check.written("max_in_flight") != nullptr)
    check.sink.at("max_in_flight")
        .warn(check.line("max_in_flight"),
              fmt::format("{} batches are never in service at once: there is room for {}, by lanes "
                          "and by the guard's concurrency",
                          options.max_in_flight, lanes));
  if (options.max_in_flight > lanes || check.written("max_in_flight") == nullptr)
    options.max_in_flight = lanes;
}

void check_bytes(const BatchOptions& options, std::size_t least, const Check& check) {
  if (options.max_bytes >= least) return;
  check.sink.at("max_bytes")
      .add(check.line("max_bytes"),
           fmt::format("{} is less than one item: here each takes at least {}",
                       format_bytes(options.max_bytes), format_bytes(least)));
}

}  // namespace

void check_batch(StageDraft& draft, const GuardOptions* named, const ProblemSink& stage) {
  const auto& parts = draft.spec.configured.parts;
  if (parts.call_stage == nullptr && parts.frame_call_stage == nullptr) return;
  const GuardOptions guard = named == nullptr ? unattended_guard_options() : *named;
  const auto sink = stage.at("batch");
  const Check check{draft.node->find("batch"), sink, draft.spec.line};
  auto& options = draft.spec.batch;
  check_time(options, guard, check);
  if (guard.hedge && parts.call_stage != nullptr && !parts.call_stage->may_overlap())
    stage.at("guard").warn(
        draft.spec.line,
        fmt::format("guard '{}' hedges, which has no effect here: two calls for the same file "
                    "would be in each other's way",
                    draft.spec.guard));
  const bool is_batched = draft.spec.has_batch || options.max_batch_size > 1;
  if (is_batched && guard.concurrency && guard.concurrency->adaptive)
    sink.warn(check.line("max_in_flight"),
              fmt::format("guard '{}' adapts its concurrency, and so does the batching: which of "
                          "them helps cannot be told; give the guard a fixed concurrency",
                          draft.spec.guard));
  check_places(options, draft.spec.lanes, guard, check);
  check_bytes(options,
              parts.call_stage != nullptr ? parts.call_stage->batching().least_item_bytes
                                          : parts.frame_call_stage->input_bytes(0, 0, 0),
              check);
}

}  // namespace reelmill
