// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace reelmill {

/// Collects what libav* says at error level on this thread while it lives; scopes nest, the
/// innermost collects. Keeps the first 20 texts and counts all. libav's other messages go to the
/// log at trace level. Used by the thread that made it.
class DecodeLog {
 public:
  DecodeLog();
  ~DecodeLog();
  DecodeLog(const DecodeLog&) = delete;
  DecodeLog& operator=(const DecodeLog&) = delete;

  int count() const;
  /// As in `[h264] error while decoding MB 3 4`: who says it, without addresses, on one line.
  const std::vector<std::string>& messages() const;
  void add(std::string message);

 private:
  DecodeLog* outer_;
  int count_ = 0;
  std::vector<std::string> messages_;
};

}  // namespace reelmill
