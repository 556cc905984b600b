// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/body_part.h"

namespace reelmill {

/// The bytes that a request sends: a text that outlives it, a file that it holds open, or parts
/// that outlive it one after another, of which it holds one file open, or one made text, at a time.
/// Its size is known from the start and kept: a file that shrinks meanwhile is an error, what it
/// grows by is not sent. Not thread-safe.
class RequestBody {
 public:
  static RequestBody of_text(std::string_view text);
  /// Errors: not_found, denied, invalid_input (not a regular file).
  static Result<RequestBody> of_file(const std::filesystem::path& path);
  static RequestBody of_parts(std::span<const BodyPart> parts);
  RequestBody(RequestBody&& other) noexcept;
  RequestBody& operator=(RequestBody&&) = delete;
  ~RequestBody();

  std::uint64_t size() const { return size_; }
  /// Fills the front of `space`; 0 at the end. Errors: invalid_input (the file shrank, or a part's
  /// file has another size than it should), internal (a made text has), unavailable (the disk), and
  /// of parts those of of_file.
  Result<std::size_t> read(std::span<char> space);
  /// The next read begins at this byte.
  void seek(std::uint64_t offset) { offset_ = offset; }

 private:
  RequestBody() = default;
  Result<std::size_t> read_file(std::span<char> space, std::uint64_t offset) const;
  Result<std::size_t> read_part(std::span<char> space);
  Result<std::string_view> text_of(std::size_t index);
  Status open(const std::filesystem::path& path);
  void close();

  std::string_view text_;
  std::span<const BodyPart> parts_;
  std::vector<std::uint64_t> ends_;  ///< of the parts
  std::size_t open_part_ = 0;        ///< whose file is open, if one is
  std::string made_;
  std::optional<std::size_t> made_part_;  ///< whose text that is
  std::filesystem::path path_;
  int file_ = -1;
  std::uint64_t size_ = 0, offset_ = 0;
  std::uint64_t file_size_ = 0;
};

}  // namespace reelmill
