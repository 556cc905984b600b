// SPDX-License-Identifier: Apache-2.0
#include "stages/api/frame_source.h"

namespace reelmill {

std::string_view to_string(Reading reading) noexcept {
  switch (reading) {
    case Reading::in_full:
      return "in full";
    case Reading::skipping:
      return "skipping";
    case Reading::seeking:
      return "seeking";
    case Reading::around_changes:
      return "looking for changes";
  }
  return "in full";
}

}  // namespace reelmill
