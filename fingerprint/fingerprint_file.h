// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"
#include "fingerprint/fingerprint.h"

namespace reelmill {

/// The name of a video's fingerprint among its artifacts.
inline constexpr const char* kFingerprintFile = "fingerprint.bin";

/// The file's version: raised when its layout or the meaning of a hash changes.
inline constexpr std::uint16_t kFingerprintVersion = 2;

/// The bytes of a fingerprint file; docs/duplicates.md has the layout.
std::vector<std::uint8_t> encode_fingerprint(const Fingerprint& fingerprint);

/// The inverse. Errors: invalid_input for what is no fingerprint, is of another version, or is
/// damaged (a checksum ends it).
Result<Fingerprint> decode_fingerprint(std::span<const std::uint8_t> bytes);

/// Errors: not_found, denied, unavailable, and as decode_fingerprint, with the file's name.
Result<Fingerprint> read_fingerprint(const std::filesystem::path& file);

}  // namespace reelmill
