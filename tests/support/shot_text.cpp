// SPDX-License-Identifier: Apache-2.0
#include "tests/support/shot_text.h"

#include <gtest/gtest.h>

#include "stages/api/observer.h"
#include "tests/support/scan.h"

namespace reelmill::test {

std::vector<Shot> shots_of(const Timeline& timeline, const ShotOptions& options) {
  const auto found = configured("shots", options).detector->detect(timeline);
  EXPECT_TRUE(found);
  return found ? found->shots().value_or(std::vector<Shot>{}) : std::vector<Shot>{};
}

std::string boundaries(const Timeline& timeline, const ShotOptions& options) {
  std::string text;
  for (const auto& shot : shots_of(timeline, options))
    if (shot.transition_in != Transition::start)
      text += (text.empty() ? "" : ", ") + std::to_string(shot.start_frame) + " " +
              std::string(to_string(shot.transition_in));
  return text;
}

}  // namespace reelmill::test
