// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reelmill {

/// A number of bytes.
using Bytes = std::uint64_t;

/// `250ms`, `30s`, `10m`, `2h`, `1d`, `1m30s`, `0`. A unit is required except for zero.
Result<Duration> parse_duration(std::string_view text);

/// `64MiB`, `1.5GB`, `512B`, `4k` is refused: KiB/MiB/GiB/TiB are powers of 1024, kB/MB/GB/TB of
/// 1000.
Result<Bytes> parse_bytes(std::string_view text);

/// The shortest text that parse_duration reads back to the same value: `250ms`, `1m30s`.
std::string format_duration(Duration duration);

/// The shortest exact text that parse_bytes reads back: `64MiB`, `1500B`.
std::string format_bytes(Bytes bytes);

/// For people: three significant digits, `39.4 MB`.
std::string approximate_bytes(double bytes);

/// For people: `1h 02m`, `3m 20s`, `12.4 s`, `850 ms`.
std::string approximate_duration(double seconds);

}  // namespace reelmill
