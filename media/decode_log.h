// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace reelmill {

/// Collects what libav* says at error level on this thread while it lives; scopes nest, the
/// innermost collects. Keeps the first 20 texts and counts all. libav's other messages go to the
/// log at trace level.
class DecodeLog {
 public:
  DecodeLog();
  ~DecodeLog();
  DecodeLog(const DecodeLog&) = delete;
  DecodeLog& operator=(const DecodeLog&) = delete;

  int count() const noexcept { return count_; }
  const std::vector<std::string>& messages() const noexcept { return messages_; }
  void add(std::string message);

 private:
  DecodeLog* outer_;
  int count_ = 0;
  std::vector<std::string> messages_;
};

}  // namespace reelmill
