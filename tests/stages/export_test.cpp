// SPDX-License-Identifier: Apache-2.0
// Shots as CSV, EDL and chapters, read back by programs that other people use.
#include <fstream>

#include <gmock/gmock.h>

#include "stages/export/timecode.h"
#include "tests/media/fixtures.h"
#include "tests/support/artifacts.h"
#include "tests/support/scan.h"

namespace reelmill {
namespace {

using ::testing::HasSubstr;

const std::vector<Shot> kShots = {{0, 50, 0, 2, Transition::start},
                                  {50, 60, 2, 2.4, Transition::cut},
                                  {60, 135, 2.4, 5.4, Transition::dissolve},
                                  {135, 250, 5.4, 10, Transition::fade}};

std::map<std::string, std::string> exported(
    const std::string& stage, const std::vector<Shot>& shots = kShots,
    const std::vector<std::pair<std::string, std::string>>& options = {},
    Rational frame_rate = {25, 1}) {
  VideoFile file;
  file.key = "films/a \"b\", c.mp4";
  MediaInfo media;
  StreamInfo stream;
  stream.kind = StreamKind::video;
  stream.frame_rate = frame_rate;
  media.streams.push_back(stream);
  Findings findings;
  findings.set_shots(shots);
  test::MemoryArtifacts artifacts;
  EXPECT_TRUE(
      test::configured(stage, options)
          .video_stage->process({file, media, nullptr, findings, nullptr, 0, 10, {}}, artifacts));
  std::map<std::string, std::string> texts;
  for (const auto& [name, bytes] : artifacts.files) texts[name] = {bytes.begin(), bytes.end()};
  return texts;
}

std::string output_of(std::vector<std::string> arguments) {
  test::Command command;
  command.arguments = std::move(arguments);
  const auto result = test::run(command);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.out;
}

TEST(Timecode, CountsFramesAndWrapsAtMidnight) {
  const Timecode film(Rational{24, 1});
  EXPECT_EQ(film.text(0), "00:00:00:00");
  EXPECT_EQ(film.text(24 * 3600 + 25), "01:00:01:01");
  EXPECT_EQ(film.text(24LL * 86400), "00:00:00:00");
  EXPECT_EQ(film.frame_at(1.5), 36);
}

TEST(Timecode, LeavesOutTwoNumbersAMinuteButEachTenth) {
  const Timecode ntsc(Rational{30000, 1001});
  EXPECT_TRUE(ntsc.is_drop_frame());
  EXPECT_EQ(ntsc.text(1799), "00:00:59;29");
  EXPECT_EQ(ntsc.text(1800), "00:01:00;02");
  EXPECT_EQ(ntsc.text(17981), "00:09:59;29");
  EXPECT_EQ(ntsc.text(17982), "00:10:00;00");
  EXPECT_EQ(ntsc.text(ntsc.frame_at(3600)), "01:00:00;00");
  EXPECT_EQ(Timecode(Rational{60000, 1001}).text(3600), "00:01:00;04");
}

TEST(Timecode, RatesThatNoneHasAreRoundedAndUnknownOnesAre25) {
  EXPECT_EQ(Timecode(Rational{24000, 1001}).frames_a_second(), 24);
  EXPECT_FALSE(Timecode(Rational{24000, 1001}).is_drop_frame());
  EXPECT_EQ(Timecode(Rational{10505, 1000}).frames_a_second(), 11);
  EXPECT_EQ(Timecode(Rational{0, 0}).frames_a_second(), 25);
  EXPECT_EQ(Timecode(Rational{1000, 1}).frames_a_second(), 99);
}

TEST(ShotsCsv, IsReadByPythonsCsvModule) {
  const auto file = test::fixtures().write("shots.csv", exported("shots_csv").at("shots.csv"));
  const auto read =
      output_of({"python3", "-c",
                 "import csv,json,sys;"
                 "print(json.dumps(list(csv.DictReader(open(sys.argv[1],newline='')))))",
                 file.native()});
  const auto rows = Json::parse(read);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[2]["shot"], "3");
  EXPECT_EQ(rows[2]["start_frame"], "60");
  EXPECT_EQ(rows[2]["end_s"], "5.400000");
  EXPECT_EQ(rows[2]["duration_s"], "3.000000");
  EXPECT_EQ(rows[2]["start_timecode"], "00:00:02:10");
  EXPECT_EQ(rows[2]["transition_in"], "dissolve");
}

TEST(Chapters, AreReadByFFmpegAsMetadata) {
  const auto file =
      test::fixtures().write("chapters.ffmeta", exported("chapters").at("chapters.ffmeta"));
  const auto film = test::generated(
      "with_chapters.mkv",
      {"-f", "lavfi", "-i", "testsrc2=size=64x64:rate=5:duration=10", "-i", file.native(),
       "-map_metadata", "1", "-map_chapters", "1", "-map", "0", "-c:v", "mpeg4"});
  const auto found = Json::parse(output_of(
      {"ffprobe", "-v", "error", "-show_chapters", "-of", "json", film.native()}))["chapters"];
  ASSERT_EQ(found.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(std::stod(found[i]["start_time"].get<std::string>()), kShots[i].start_s, 0.001);
    EXPECT_NEAR(std::stod(found[i]["end_time"].get<std::string>()), kShots[i].end_s, 0.001);
    EXPECT_EQ(found[i]["tags"]["title"], "Shot " + std::to_string(i + 1));
  }
}

TEST(Chapters, AreReadByFFmpegAsWebVtt) {
  const auto file = test::fixtures().write("chapters.vtt", exported("chapters").at("chapters.vtt"));
  const auto found = Json::parse(output_of(
      {"ffprobe", "-v", "error", "-show_packets", "-of", "json", file.native()}))["packets"];
  ASSERT_EQ(found.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(std::stod(found[i]["pts_time"].get<std::string>()), kShots[i].start_s, 0.001);
    EXPECT_NEAR(std::stod(found[i]["duration_time"].get<std::string>()),
                kShots[i].end_s - kShots[i].start_s, 0.001);
  }
}

TEST(Chapters, ShortShotsJoinUntilAChapterIsLongEnough) {
  const auto text = exported("chapters", kShots, {{"min_duration", "3s"}}).at("chapters.ffmeta");
  EXPECT_THAT(text, HasSubstr("START=0\nEND=5400\ntitle=Shots 1 to 3\n"));
  EXPECT_THAT(text, HasSubstr("START=5400\nEND=10000\ntitle=Shot 4\n"));
  const auto rest = exported("chapters", kShots, {{"min_duration", "5s"}}).at("chapters.ffmeta");
  EXPECT_THAT(rest, HasSubstr("START=0\nEND=10000\ntitle=Shots 1 to 4\n"));
}

// No package of Debian 12 reads these lists, so the layout is held to the standard's columns.
TEST(Edl, HasOneEventAShotInColumns) {
  const auto text = exported("edl").at("shots.edl");
  EXPECT_TRUE(text.starts_with("TITLE: a \"b\", c.mp4\nFCM: NON-DROP FRAME\n"));
  EXPECT_THAT(text, HasSubstr("001  AX       V     C        00:00:00:00 00:00:02:00 00:00:00:00 "
                              "00:00:02:00\n* FROM CLIP NAME: a \"b\", c.mp4\n"));
  EXPECT_THAT(text, HasSubstr("003  AX       V     C        00:00:02:10 00:00:05:10 00:00:02:10 "
                              "00:00:05:10\n* FROM CLIP NAME: a \"b\", c.mp4\n"
                              "* COMMENT: BEGINS WITH A DISSOLVE\n"));
}

TEST(Edl, DropFrameRatesSaySo) {
  const auto text = exported("edl", kShots, {}, {30000, 1001}).at("shots.edl");
  EXPECT_THAT(text, HasSubstr("FCM: DROP FRAME\n"));
  EXPECT_THAT(text, HasSubstr("00:00:02;00 "));
}

TEST(Edl, NoEventIsWithoutAFrame) {
  const auto text = exported("edl", {{0, 1, 0, 0.001, Transition::start}}).at("shots.edl");
  EXPECT_THAT(text, HasSubstr("00:00:00:00 00:00:00:01"));
}

TEST(Exports, WithoutShotsAreEmptyButWellFormed) {
  EXPECT_EQ(exported("chapters", {}).at("chapters.vtt"), "WEBVTT\n");
  EXPECT_EQ(exported("chapters", {}).at("chapters.ffmeta"), ";FFMETADATA1\n");
  EXPECT_THAT(exported("shots_csv", {}).at("shots.csv"), HasSubstr("transition_in\r\n"));
}

}  // namespace
}  // namespace reelmill
