// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <unordered_map>
#include <vector>

#include "fingerprint/fingerprint.h"

namespace reelmill {

/// Reads fingerprint files again as they are asked for, and keeps those asked for lately, up to
/// `most_bytes`. Not thread-safe.
class FingerprintCache {
 public:
  explicit FingerprintCache(std::size_t most_bytes) : most_bytes_(most_bytes) {}
  /// The next number belongs to this file.
  void add(std::filesystem::path file) { files_.push_back(std::move(file)); }
  /// nullptr where the file cannot be read any more.
  std::shared_ptr<const Fingerprint> load(std::uint32_t number);

 private:
  std::size_t most_bytes_, bytes_ = 0;
  std::vector<std::filesystem::path> files_;
  std::unordered_map<std::uint32_t, std::shared_ptr<const Fingerprint>> kept_;
};

}  // namespace reelmill
