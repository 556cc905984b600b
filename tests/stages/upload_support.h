// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/digest.h"
#include "stages/api/call_stage.h"
#include "tests/support/temp_folder.h"

namespace reelmill::test {

/// An item as the pipeline would make it for this file.
inline CallItem item_of(const std::filesystem::path& file, std::string name) {
  const auto content = read_file(file);
  return {.video = "clip.mp4",
          .file = file,
          .name = std::move(name),
          .content_type = "application/json",
          .bytes = content.size(),
          .sha256 = sha256_hex(content)};
}

}  // namespace reelmill::test
