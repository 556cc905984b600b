// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reelmill {

/// SHA-256 over bytes given piece by piece. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  /// 64 lower-case hexadecimal digits; the object is used up.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_hex(std::string_view text);

/// Of a whole file. Errors as read_pieces().
Result<std::string> sha256_file(const std::filesystem::path& path);

/// XXH3, 64 bits: quick identity for what no adversary controls, never a security measure.
std::uint64_t xxh3(std::string_view bytes, std::uint64_t seed = 0) noexcept;

/// 16 lower-case hexadecimal digits.
std::string hex64(std::uint64_t value);

}  // namespace reelmill
