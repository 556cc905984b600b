// SPDX-License-Identifier: Apache-2.0
// The report's speed-of-light ratio tells when time goes elsewhere than into decoding once.
#include <algorithm>

#include <gmock/gmock.h>

#include "tests/support/source_tree.h"
#include "tests/support/tool_run.h"

namespace reelmill {
namespace {

using namespace test;

class SpeedOfLight : public testing::Test {
 protected:
  void SetUp() override {
    clip_ = folder_ / "clip.mp4";
    const auto made = run(
        {.arguments = {"ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i",
                       "testsrc2=size=640x360:rate=25:duration=40", "-c:v", "libx264", "-preset",
                       "veryfast", "-pix_fmt", "yuv420p", "file:" + clip_.string()}});
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }

  std::filesystem::path config(const std::string& plugins, const std::string& stages) const {
    return folder_.write("config.yaml", "version: 1\n" + plugins +
                                            "stages:\n"
                                            "  - { id: frames, use: decode }\n"
                                            "  - { id: black, use: black, from: frames }\n" +
                                            stages);
  }

  /// The best of three runs: what disturbs a run from outside only makes it worse.
  double ratio(const std::filesystem::path& config) const {
    double best = 0;
    for (int i = 0; i < 3; ++i) {
      const auto out = folder_ / ("out" + std::to_string(i));
      std::filesystem::remove_all(out);
      const auto result = run(tool_run({clip_.string()}, config, out, {"--workers", "1"}));
      EXPECT_EQ(result.exit_code, 0) << result.err;
      best = std::max(best, report_of(out)["speed_of_light"]["ratio"].get<double>());
    }
    return best;
  }

  TempFolder folder_;
  std::filesystem::path clip_;
};

TEST_F(SpeedOfLight, IsLowerWhenAStageDecodesASecondTime) {
  const double once = ratio(config("", ""));
  const auto plugin = (build_folder() / "lib/libdecode_again.so").string();
  const double twice = ratio(config("plugins: [\"" + plugin + "\"]\n",
                                    "  - { id: again, use: decode_again, from: frames }\n"));
  EXPECT_LT(twice, 0.7 * once) << "once " << once << ", twice " << twice;
}

TEST_F(SpeedOfLight, OfAPlanThatLeavesFramesOutIsUnknown) {
  const auto sheet = folder_.write("sheet.yaml",
                                   "version: 1\nstages:\n  - { id: frames, use: decode }\n"
                                   "  - { id: sheet, use: sprite, from: frames }\n");
  const auto out = folder_ / "out";
  const auto result = run(tool_run({clip_.string()}, sheet, out));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(report_of(out)["speed_of_light"]["ratio"].is_null());
}

}  // namespace
}  // namespace reelmill
