// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <spdlog/spdlog.h>

namespace reelmill {

enum class LogFormat { text, json };

/// Sends all log lines to stderr in one format. Call once, at the program's start.
void configure_logging(LogFormat format, spdlog::level::level_enum level);

/// Escapes what would break a JSON string, and bytes that are not UTF-8.
std::string json_escaped(std::string_view text);

}  // namespace reelmill
