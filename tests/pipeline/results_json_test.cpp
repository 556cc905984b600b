// SPDX-License-Identifier: Apache-2.0
#include "pipeline/results_json.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/results_schema.h"
#include "tests/support/json_schema.h"

namespace reelmill {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> keys(const Json& json) {
  std::vector<std::string> names;
  for (const auto& [name, value] : json.items()) names.push_back(name);
  return names;
}

class ResultsJsonTest : public ::testing::Test {
 protected:
  VideoFile file{"/videos/a.mp4", "a.mp4", 4711, 5};
  MediaInfo media;
  Findings findings;
  VideoResults results{file, media, findings, "done", 50, 1, 2.0, {}};
};

TEST_F(ResultsJsonTest, KeysStandInTheOrderOfTheSchemaWhateverTheOrderOfTheStages) {
  findings.set("zebra", 1);
  findings.set("quality", Json::object());
  findings.set("loudness", Json::object());
  findings.set("apple", 2);
  findings.set_intervals("silence", {});
  findings.set_intervals("freeze", {});
  findings.set_intervals("black", {});
  findings.set_shots({});
  EXPECT_THAT(keys(to_json(results)),
              ElementsAre("schema", "video", "status", "frames", "shots", "black", "freeze",
                          "silence", "loudness", "quality", "apple", "zebra", "warnings"));
  EXPECT_THAT(keys(to_json(results)["video"]),
              ElementsAre("path", "bytes", "container", "duration_s", "streams"));
  results.sha256 = "ab";
  EXPECT_THAT(keys(to_json(results)["video"]),
              ElementsAre("path", "bytes", "sha256", "container", "duration_s", "streams"));
}

TEST_F(ResultsJsonTest, WhatNoStageLookedForIsNotThere) {
  EXPECT_THAT(keys(to_json(results)),
              ElementsAre("schema", "video", "status", "frames", "warnings"));
}

TEST_F(ResultsJsonTest, NumbersReadBackExactlyAndWithoutValueBecomeNull) {
  findings.set("loudness", Json{{"integrated_lufs", -std::numeric_limits<double>::infinity()},
                                {"range_lu", std::numeric_limits<double>::quiet_NaN()},
                                {"true_peak_dbtp", 0.1}});
  findings.set_intervals("black", {{1.0 / 3, 0.30000000000000004}});
  const auto text = results_text(results);
  EXPECT_THAT(text, HasSubstr("\"integrated_lufs\": null"));
  EXPECT_THAT(text, HasSubstr("\"range_lu\": null"));
  EXPECT_THAT(text, HasSubstr("\"true_peak_dbtp\": 0.1\n"));
  const auto read = Json::parse(text);
  EXPECT_EQ(read["black"][0]["start_s"].get<double>(), 1.0 / 3);
  EXPECT_EQ(read["black"][0]["end_s"].get<double>(), 0.30000000000000004);
}

TEST_F(ResultsJsonTest, APathThatIsNotUtf8IsEscapedReversibly) {
  file.key = "a\xff\\b.mp4";
  EXPECT_EQ(to_json(results)["video"]["path"], "a\\xff\\\\b.mp4");
}

TEST_F(ResultsJsonTest, BytesOfAContainerThatAreNotUtf8DoNotBreakTheFile) {
  media.container = "b\xff";
  EXPECT_EQ(Json::parse(results_text(results))["video"]["container"], "b\xef\xbf\xbd");
}

TEST_F(ResultsJsonTest, AFindingCannotTakeTheNameOfAnotherKey) {
  findings.set("video", "mine");
  findings.warn("first", 7);
  const auto json = to_json(results);
  EXPECT_EQ(json["video"]["bytes"], 4711);
  EXPECT_EQ(json["warnings"][0], (Json{{"message", "first"}, {"frame", 7}}));
  EXPECT_THAT(json["warnings"][1]["message"].get<std::string>(), HasSubstr("'video'"));
}

TEST_F(ResultsJsonTest, StreamsTellWhatTheirKindHas) {
  StreamInfo picture;
  picture.kind = StreamKind::video;
  picture.codec = "h264";
  picture.width = 640;
  picture.height = 360;
  picture.frame_rate = {30000, 1001};
  StreamInfo sound;
  sound.index = 1;
  sound.kind = StreamKind::audio;
  sound.sample_rate = 48000;
  sound.language = "deu";
  media.streams = {picture, sound};
  const auto streams = to_json(results)["video"]["streams"];
  EXPECT_EQ(streams[0]["frame_rate"].get<double>(), 30000.0 / 1001);
  EXPECT_EQ(streams[0]["width"], 640);
  EXPECT_EQ(streams[0]["language"], nullptr);
  EXPECT_EQ(streams[1]["sample_rate"], 48000);
  EXPECT_EQ(streams[1]["language"], "deu");
  EXPECT_FALSE(streams[1].contains("width"));
}

TEST_F(ResultsJsonTest, FitsItsSchema) {
  StreamInfo picture, sound;
  picture.kind = StreamKind::video;
  sound.kind = StreamKind::audio;
  media.streams = {picture, sound, StreamInfo{}};
  findings.set_shots({{0, 10, 0, 0.4, Transition::start}, {10, 50, 0.4, 2, Transition::fade}});
  findings.set_intervals("black", {{0, 1}});
  findings.set("loudness", Json{{"integrated_lufs", nullptr}});
  findings.set("own", 3);
  findings.warn("first", 7);
  findings.warn("second");
  results.sha256 = std::string(64, 'a');
  EXPECT_THAT(test::schema_violations(results_schema(), to_json(results)), IsEmpty());
  results.status = "fine";
  results.frames_decoded = -1;
  EXPECT_THAT(test::schema_violations(results_schema(), to_json(results)), SizeIs(2));
}

TEST_F(ResultsJsonTest, ADurationIsMeasuredElseClaimedElseUnknown) {
  media.duration_s = 9.5;
  EXPECT_EQ(duration_of(2.0, media), 2.0);
  EXPECT_EQ(duration_of({}, media), 9.5);
  EXPECT_EQ(duration_of(0.0, media), 9.5);
  media.duration_s = -1;
  EXPECT_EQ(duration_of({}, media), std::nullopt);
  media.duration_s = std::numeric_limits<double>::infinity();
  EXPECT_EQ(duration_of({}, media), std::nullopt);
  results.duration_s = {};
  EXPECT_EQ(to_json(results)["video"]["duration_s"], nullptr);
}

}  // namespace
}  // namespace reelmill
