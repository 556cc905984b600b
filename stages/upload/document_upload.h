// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stages/upload/bulk_endpoint.h"

namespace reelmill {

/// `as: documents`: the results of a batch of videos become documents of a search engine by one
/// bulk request. Thread-safe.
class DocumentUpload final : public CallStage {
 public:
  DocumentUpload(HttpTargetOptions endpoint, std::string index)
      : endpoint_(std::move(endpoint), std::move(index)) {}

  std::vector<Result<CallOutcome>> call(std::span<const CallItem> items,
                                        const CallContext& context) override {
    return endpoint_.index(items, context);
  }
  CallBatching batching() const override {
    // A bulk request of 5 to 15 MB is what the engines' own guides advise.
    return {.least_item_bytes = 64,  // a result says at least which video it is of
            .options = {.max_bytes = std::size_t{10} << 20}};
  }
  bool accepts(CallContent content) const override { return content == CallContent::results; }
  bool may_overlap() const override { return true; }
  std::string target() const override { return endpoint_.name(); }

 private:
  BulkEndpoint endpoint_;
};

}  // namespace reelmill
