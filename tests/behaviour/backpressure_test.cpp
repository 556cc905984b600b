// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "pipeline/ledger.h"
#include "tests/support/tool_run.h"

namespace reelmill {
namespace {

using namespace test;

class Backpressure : public testing::Test {
 protected:
  Command command(const std::string& limits) {
    return tool_run({sample_clips().native()},
                    folder_.write("limited.yaml", "limits: " + limits + "\n" + analysis_yaml()),
                    out_);
  }
  /// Videos that the ledger holds as in flight and as ended, now.
  std::pair<std::int64_t, std::int64_t> in_flight_and_ended() const {
    const auto ledger = Ledger::open_read_only(out_);
    if (!ledger) return {0, 0};
    const auto counts = (*ledger)->counts();
    if (!counts) return {0, 0};
    return {counts->in_flight, counts->done + counts->uploads_pending + counts->quarantined};
  }

  TempFolder folder_;
  std::filesystem::path out_ = folder_ / "out";
};

TEST_F(Backpressure, NoMoreVideosAreInFlightThanAllowed) {
  auto limited = command("{ max_videos_in_flight: 2 }");
  // One video never ends: the others pass it one at a time.
  limited.environment.emplace_back("REELMILL_FAIL_POINTS", "decode.begin=stall/a.mp4");
  ChildProcess running(limited);
  std::int64_t most = 0;
  EXPECT_TRUE(running.wait_until([&] {
    const auto [in_flight, ended] = in_flight_and_ended();
    most = std::max(most, in_flight);
    return ended == 4;
  }));
  EXPECT_LE(most, 2);
  EXPECT_GE(most, 1);
}

TEST_F(Backpressure, AVideoLargerThanAllThatMayBeInFlightIsAdmittedAlone) {
  const auto result = run(command("{ max_bytes_in_flight: 1KiB }"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(report_of(out_)["videos"]["done"], 5);
}

}  // namespace
}  // namespace reelmill
