// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/result.h"

namespace reelmill {

/// The bytes that a request sends: a text that outlives it, or a file that it holds open. Its size
/// is known from the start and kept: a file that shrinks meanwhile is an error, what it grows by is
/// not sent. Not thread-safe.
class RequestBody {
 public:
  static RequestBody of_text(std::string_view text);
  /// Errors: not_found, denied, invalid_input (not a regular file).
  static Result<RequestBody> of_file(const std::filesystem::path& path);
  RequestBody(RequestBody&& other) noexcept;
  RequestBody& operator=(RequestBody&&) = delete;
  ~RequestBody();

  std::uint64_t size() const { return size_; }
  /// Fills the front of `space`; 0 at the end. Errors: invalid_input (the file shrank),
  /// unavailable (the disk).
  Result<std::size_t> read(std::span<char> space);
  /// The next read begins at this byte.
  void seek(std::uint64_t offset) { offset_ = offset; }

 private:
  RequestBody() = default;
  std::string_view text_;
  std::filesystem::path path_;
  int file_ = -1;
  std::uint64_t size_ = 0, offset_ = 0;
};

}  // namespace reelmill
