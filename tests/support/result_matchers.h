// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include "base/result.h"

namespace reelmill::testing {

/// `EXPECT_THAT(result, IsOk());`
MATCHER(IsOk, "is a value") {
  if (!arg) *result_listener << "with the error " << to_string(arg.error());
  return static_cast<bool>(arg);
}

/// `EXPECT_THAT(result, IsOkAndHolds(7));`
MATCHER_P(IsOkAndHolds, value, "is a value that holds " + ::testing::PrintToString(value)) {
  if (!arg) {
    *result_listener << "with the error " << to_string(arg.error());
    return false;
  }
  return ::testing::ExplainMatchResult(value, *arg, result_listener);
}

/// `EXPECT_THAT(result, FailsWith(ErrorKind::timeout));`
MATCHER_P(FailsWith, kind, "fails with " + std::string(to_string(kind))) {
  if (arg) {
    *result_listener << "which is a value";
    return false;
  }
  *result_listener << "with the error " << to_string(arg.error());
  return arg.error().kind == kind;
}

/// `EXPECT_THAT(result, FailsWith(ErrorKind::timeout, "deadline"));`
MATCHER_P2(FailsWith, kind, text,
           "fails with " + std::string(to_string(kind)) + " and says \"" + text + "\"") {
  if (arg) {
    *result_listener << "which is a value";
    return false;
  }
  *result_listener << "with the error " << to_string(arg.error());
  return arg.error().kind == kind && arg.error().message.find(text) != std::string::npos;
}

}  // namespace reelmill::testing
