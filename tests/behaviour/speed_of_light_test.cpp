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
    const auto made = run({.arguments = {"ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i",
                                         "testsrc2=size=640x360:rate=25:duration=40", "-c:v",
                                         "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p",
                                         "-threads", "1", "file:" + clip_.string()}});
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }

  std::filesystem::path config(const std::string& name, const std::string& plugins,
                               const std::string& stages) const {
    return folder_.write(name + ".yaml", "version: 1\n" + plugins +
                                             "stages:\n"
                                             "  - { id: frames, use: decode }\n"
                                             "  - { id: black, use: black, from: frames }\n" +
                                             stages);
  }

  struct Light {
    double ratio;  ///< as reported: decoding's share of the cores' time
    double share;  ///< decoding's share of the CPU time, which other load on the machine hardly
                   ///< changes
  };
  Light light(const std::filesystem::path& config) const {
    const auto out = folder_ / config.stem().string();
    const auto result = run(tool_run({clip_.string()}, config, out, {"--workers", "1"}));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const auto report = report_of(out)["speed_of_light"];
    return {report["ratio"].get<double>(),
            report["decode_cpu_s"].get<double>() / report["process_cpu_s"].get<double>()};
  }

  TempFolder folder_;
  std::filesystem::path clip_;
};

TEST_F(SpeedOfLight, IsLowerWhenAStageDecodesASecondTime) {
#ifdef REELMILL_COVERAGE
  GTEST_SKIP() << "built for coverage: our own code counts its lines and is not optimised, which "
                  "leaves decoding a small share of the time even when nothing decodes twice";
#endif
  const auto once = light(config("once", "", ""));
  const auto plugin = (build_folder() / "lib/libdecode_again.so").string();
  const auto twice = light(config("twice", "plugins: [\"" + plugin + "\"]\n",
                                  "  - { id: again, use: decode_again, from: frames }\n"));
  EXPECT_LT(twice.share, 0.7 * once.share);
  // Other load only lowers a ratio, so the one with nothing planted is held against its share.
  EXPECT_LT(twice.ratio, 0.7 * once.share);
  EXPECT_GT(twice.ratio, 0);
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
