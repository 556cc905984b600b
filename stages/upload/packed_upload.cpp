// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/packed_upload.h"

#include <algorithm>

#include "base/fail_point.h"
#include "base/path_text.h"
#include "stages/upload/item_file.h"
#include "stages/upload/tar_object.h"

namespace reelmill {

using namespace std::chrono_literals;

PackedUpload::PackedUpload(std::unique_ptr<UploadTarget> target, std::vector<CallContent> what)
    : target_(std::move(target)), what_(std::move(what)) {}

std::vector<Result<CallOutcome>> PackedUpload::call(std::span<const CallItem> items,
                                                    const CallContext& context) {
  std::vector<Result<CallOutcome>> outcomes(items.size());
  bool is_whole = true;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (auto checked = check_item_file(items[i]); !checked) {
      outcomes[i] = fail(std::move(checked).error());
      is_whole = false;
    }
  if (!is_whole) {
    for (auto& outcome : outcomes)
      if (outcome)
        outcome = fail(ErrorKind::cancelled, "upload: another file of the batch is amiss");
    return outcomes;
  }
  const auto object = tar_object("pack-" + items.front().batch + ".tar", items);
  const auto amiss = [&](const char* point) {
    return fail_point(point, object.name)
               ? Result<CallOutcome>(fail(ErrorKind::unavailable, "upload {}: fail point",
                                          path_to_line(object.name)))
               : CallOutcome{};
  };
  auto outcome = amiss("upload.before_put");
  if (outcome) outcome = target_->put_object(object, context);
  if (outcome)
    if (auto after = amiss("upload.after_put"); !after) outcome = std::move(after);
  std::fill(outcomes.begin(), outcomes.end(), outcome);
  return outcomes;
}

CallBatching PackedUpload::batching() const {
  // Every request costs, and nobody waits for a single file: rather fuller than sooner.
  return {.unit = CallUnit::video,
          .identity = BatchIdentity::object,
          .options = {.target_processing_time = 10s, .max_wait = 5s}};
}

bool PackedUpload::accepts(CallContent content) const {
  return std::find(what_.begin(), what_.end(), content) != what_.end();
}

}  // namespace reelmill
