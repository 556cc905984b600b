// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "stages/upload/upload_target.h"

namespace reelmill {

/// `as: tar`: the files of a batch travel as one tar object, `pack-<batch>.tar`, for stores where
/// every request costs. The files of a video stay together. An object holds exactly the items of
/// its batch, under a name that is theirs alone, so sending it again replaces it by itself: nothing
/// is there twice, whatever happened in between. Thread-safe.
class PackedUpload final : public CallStage {
 public:
  explicit PackedUpload(std::unique_ptr<UploadTarget> target, std::vector<CallContent> what);

  /// When an item's own file is amiss, that item fails, and the others are cancelled unsent.
  std::vector<Result<CallOutcome>> call(std::span<const CallItem> items,
                                        const CallContext& context) override;
  CallBatching batching() const override;
  bool accepts(CallContent content) const override;
  Status prepare() override { return target_->prepare(); }
  std::string target() const override { return target_->name(); }

 private:
  const std::unique_ptr<UploadTarget> target_;
  const std::vector<CallContent> what_;
};

}  // namespace reelmill
