// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

namespace reelmill {
namespace {

int urgency(ExitCode code) noexcept {
  switch (code) {
    case ExitCode::interrupted:
      return 7;
    case ExitCode::deadline:
      return 6;
    case ExitCode::failed:
      return 5;
    case ExitCode::usage:
      return 4;
    case ExitCode::no_input:
      return 3;
    case ExitCode::uploads_pending:
      return 2;
    case ExitCode::quarantined:
      return 1;
    case ExitCode::done:
      return 0;
  }
  return 5;
}

}  // namespace

ExitCode more_urgent(ExitCode a, ExitCode b) noexcept {
  return urgency(a) >= urgency(b) ? a : b;
}

}  // namespace reelmill
