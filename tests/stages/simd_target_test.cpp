// SPDX-License-Identifier: Apache-2.0
// No finding depends on the instruction set.
#include "tests/support/simd_target.h"

#include <map>

#include <gtest/gtest.h>

#include "stages/api/registry.h"
#include "tests/media/fixtures.h"
#include "tests/support/artifacts.h"
#include "tests/support/scan.h"

namespace reelmill {
namespace {

// Cuts, a dissolve, a fade, black, a still stretch, bars and colour bars, of odd size and with
// noise, so that every detector has something to say and last places count.
std::filesystem::path film() {
  return test::generated(
      "targets.mkv",
      {"-f",
       "lavfi",
       "-i",
       "mandelbrot=size=334x190:rate=25:end_scale=0.2,trim=duration=4",
       "-f",
       "lavfi",
       "-i",
       "testsrc2=size=334x190:rate=25:duration=4",
       "-f",
       "lavfi",
       "-i",
       "smptebars=size=334x190:rate=25:duration=3",
       "-f",
       "lavfi",
       "-i",
       "color=black:size=334x190:rate=25:duration=2",
       "-f",
       "lavfi",
       "-i",
       "testsrc=size=334x150:rate=25:duration=4,pad=334:190:0:20",
       "-filter_complex",
       "[0:v]format=yuv420p,settb=1/25,noise=alls=12:allf=t[a];"
       "[1:v]format=yuv420p,settb=1/25,noise=alls=9:allf=t:all_seed=7[b];"
       "[a][b]xfade=duration=1:offset=3[ab];[2:v]format=yuv420p[c];[3:v]format=yuv420p[d];"
       "[4:v]format=yuv420p,fade=in:0:20[e];[ab][c][d][e]concat=n=4",
       "-c:v",
       "libx264",
       "-preset",
       "veryfast",
       "-g",
       "50"});
}

// What every stage that looks at frames says of the film, under its name.
std::map<std::string, std::string> findings() {
  std::map<std::string, std::string> said;
  for (const auto* definition : stage_registry().all()) {
    if (definition->kind != StageKind::frames || !definition->plugin.empty()) continue;
    const auto parts = test::configured(definition->name);
    if (parts.detector == nullptr && !parts.make_frame_observer) continue;
    auto video = test::scan_video(film(), parts);
    Findings all;
    if (video.frame_observer != nullptr) all.merge(video.frame_observer->finish());
    if (parts.detector != nullptr) {
      auto found = parts.detector->detect(*video.timeline);
      EXPECT_TRUE(found) << definition->name;
      if (found) all.merge(*std::move(found));
    }
    said[definition->name] = to_json(all).dump();
  }
  return said;
}

TEST(SimdTarget, NoFindingOfAnyStageChangesWithIt) {
  const auto usual = findings();
  EXPECT_GE(usual.size(), 6u);
  for (const char* stage : {"shots", "black", "freeze"})
    EXPECT_NE(usual.at(stage).find("start_s"), std::string::npos) << usual.at(stage);
  const auto targets = test::targets_of_this_machine();
  EXPECT_GE(targets.size(), 2u);
  for (const auto target : targets) {
    const test::OnlyTarget only(target);
    EXPECT_EQ(findings(), usual) << hwy::TargetName(target);
  }
}

}  // namespace
}  // namespace reelmill
