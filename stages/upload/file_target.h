// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "base/durable_folders.h"
#include "stages/upload/part_file.h"
#include "stages/upload/upload_target.h"

namespace reelmill {

/// Publishes into a folder: under a temporary name, fsync, rename, fsync of the folder. A file that
/// is there already with the same size and SHA-256 is left as it is. What a crash leaves behind
/// (`.reelmill-tmp-*`) is taken over by the next attempt at the same item. Thread-safe.
class FileTarget final : public UploadTarget {
 public:
  /// `writer` tells runs that publish into the same folder apart.
  FileTarget(std::filesystem::path folder, std::string writer);

  /// Errors: not_found (the item's file is gone), invalid_input (it changed since it was recorded;
  /// a name the file system cannot hold), denied (no permission, read-only), exhausted (disk or
  /// quota full), unavailable (I/O error, another attempt at this item is under way), cancelled,
  /// timeout.
  Result<CallOutcome> put(const CallItem& item, const CallContext& context) override;
  Result<CallOutcome> put_object(const UploadObject& object, const CallContext& context) override;
  Status prepare() override;
  std::string name() const override;

 private:
  Result<PartFile> open_part(const std::string& name, std::uint64_t bytes);

  std::filesystem::path folder_;
  std::string writer_;
  DurableFolders folders_;
};

}  // namespace reelmill
