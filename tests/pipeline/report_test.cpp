// SPDX-License-Identifier: Apache-2.0
#include "pipeline/report.h"

#include <limits>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/report_schema.h"
#include "tests/support/json_schema.h"

namespace reelmill {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

std::vector<std::string> keys(const nlohmann::ordered_json& json) {
  std::vector<std::string> names;
  for (const auto& [name, value] : json.items()) names.push_back(name);
  return names;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) all.push_back(line);
  return all;
}

RunReport example() {
  RunReport report;
  report.run = {"r1",
                "2026-01-31T08:15:00Z",
                "2026-01-31T08:16:40Z",
                "archive",
                "finished, some videos are in quarantine",
                100,
                "Some CPU",
                2,
                2,
                "/out"};
  report.videos = {120, 82, 5, 0, 30, 8, 0, 0};
  report.throughput = {2952, 1020.25, 35.125, 39.4e6, 102025, 3512.5, 3940000000};
  report.prediction = {112, 150, 200, 0.25, 0.125};
  report.speed_of_light = {184, 2, 194, 2, 0.92};
  report.bottleneck = {"frames", 0.93, "it took 93 % of the time of 2 cores"};
  report.uploads = {164, 3100000, 3, ""};
  report.peak_resident_bytes = 123456;
  report.stages = {{"frames", "decode", 0, 120, 112, 8, 186, 1.5, 12.5, 80.25},
                   {"publish", "upload", 4, 164, 161, 0, 20, 3, {}, {}}};
  report.guards = {{.name = "store",
                    .state = "closed",
                    .message = "",
                    .calls = 164,
                    .successes = 161,
                    .failures = 3,
                    .retries = 3,
                    .retry_delay_s = 1.5,
                    .failures_by_kind = {{"unavailable", 2}, {"timeout", 1}},
                    .retries_by_kind = {{"unavailable", 2}, {"timeout", 1}},
                    .successes_after = {158, 3},
                    .budget = {500, 500, 42, 42, 0}}};
  auto& edge = report.batching.emplace_back();
  edge.stage = "publish";
  edge.strategy = "hybrid";
  edge.batches = 20;
  edge.items = 164;
  edge.mean_size = 8.2;
  edge.reasons = {{"size", 12}, {"drain", 8}};
  edge.target = 9;
  edge.cost = {2.5, 100, 0.04};
  edge.efficiency = {0.72, 0.9, 1, 1, 0.8};
  edge.bound = "max_batch_size";
  edge.headroom = 0.125;
  edge.over_target = 1;
  edge.regime_changes = 2;
  edge.warnings = {"max_bytes is below one item"};
  edge.sizes = {{0.5, 4, 10, 110, "drain"}, {1.5, 9, 9, {}, "size"}};
  report.frame_memory = {{"labels", 1000, 999, 5000}};
  report.samples = {{1, 2, 3, 4, 5}};
  report.failures = {{"a\xff.mp4", "decode", "not_media", "open a\xff.mp4: invalid data"},
                     {"b\n.mp4", "decode", "empty", "no bytes"},
                     {"c.mp4", "decode", "not_media", "open c.mp4: C:\\x"}};
  report.notes = {"the disk is nearly full"};
  return report;
}

TEST(Report, KeysStandInTheOrderOfTheSchema) {
  const auto json = to_json(example());
  EXPECT_THAT(keys(json),
              ElementsAre("schema", "run", "videos", "throughput", "prediction", "speed_of_light",
                          "stages", "bottleneck", "guards", "batching", "samples", "failures",
                          "uploads", "frame_memory", "peak_resident_bytes", "notes"));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["stages"][0]["p95_ms"], 80.25);
  EXPECT_EQ(json["stages"][1]["p50_ms"], nullptr);
  EXPECT_EQ(json["run"]["host"]["cores"], 2);
  EXPECT_EQ(json["failures"][0]["video"], "a\\xff.mp4");
  EXPECT_EQ(json["failures"][0]["message"], "open a\\xff.mp4: invalid data");
  EXPECT_EQ(json["failures"][2]["message"], "open c.mp4: C:\\x");
}

TEST(Report, SaysHowWellThePlanPredicted) {
  EXPECT_THAT(to_text(example()), HasSubstr("median error of a video 25 %, 12 % at equal speed"));
  auto without = example();
  without.prediction = {};
  EXPECT_THAT(to_text(without), Not(HasSubstr("Predicted")));
  EXPECT_EQ(to_json(without)["prediction"]["median_error"], nullptr);
}

TEST(Report, FitsItsSchema) {
  EXPECT_THAT(test::schema_violations(report_schema(), to_json(example())), IsEmpty());
  EXPECT_THAT(test::schema_violations(report_schema(), to_json(RunReport{})), IsEmpty());
}

TEST(Report, ItsSchemaDescribesEveryKey) {
  auto json = to_json(example());
  json["stages"][0]["extra"] = 1;
  json["run"]["wall_s"] = "long";
  json.erase("videos");
  EXPECT_THAT(
      test::schema_violations(report_schema(), json),
      UnorderedElementsAre("/stages[0]/extra: must not be there",
                           "/run/wall_s: is \"long\", not [\"number\"]", "/: lacks videos"));
}

TEST(Report, ReadsBackWhatItWrote) {
  const auto json = to_json(example());
  const auto read = report_from_json(nlohmann::ordered_json::parse(json.dump()));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), json);
  EXPECT_EQ(read->failures[0].video, "a\xff.mp4");
  EXPECT_EQ(to_text(*read), to_text(*report_from_json(json)));
}

TEST(Report, NumbersWithoutValueBecomeNullAndReadBackAsNothing) {
  auto report = example();
  report.speed_of_light.ratio = {};
  report.throughput.times_realtime = std::numeric_limits<double>::quiet_NaN();
  const auto json = nlohmann::ordered_json::parse(to_json(report).dump());
  EXPECT_EQ(json["speed_of_light"]["ratio"], nullptr);
  EXPECT_EQ(json["throughput"]["times_realtime"], nullptr);
  ASSERT_TRUE(report_from_json(json));
  EXPECT_EQ(report_from_json(json)->throughput.times_realtime, 0);
}

TEST(Report, WhatIsNoReportIsNotRead) {
  using Json = nlohmann::ordered_json;
  for (const Json& json : {Json(), Json::array(), Json::object(), Json{{"schema", 2}, {"run", {}}},
                           Json{{"schema", "1"}, {"run", Json::object()}},
                           Json{{"schema", 1}, {"run", Json{{"wall_s", "long"}}}}})
    EXPECT_EQ(report_from_json(json), std::nullopt) << json;
}

TEST(Report, TheFirstLineSaysHowItEndedAndTheSecondHowFast) {
  const auto text = lines(to_text(example()));
  EXPECT_EQ(text[0],
            "Finished, some videos are in quarantine: 120 videos found, 82 done (5 in part), 30 "
            "done before, 8 in");
  EXPECT_EQ(text[1], "    quarantine, in 1m 40s");
  EXPECT_EQ(text[2], "  2,952 videos per hour · 35.1 × real time · 1,020 frames/s · 39.4 MB/s");
}

TEST(Report, TheSpeedOfLightLineExplainsTheRestOfTheTime) {
  auto report = example();
  EXPECT_THAT(to_text(report),
              HasSubstr("Decode took 92 % of 2 cores' time; the rest: other work 4 %, decoded "
                        "twice 1.0 %, idle 3 %\n"));
  report.speed_of_light.ratio = {};
  EXPECT_THAT(to_text(report), HasSubstr("no speed of light to compare with"));
}

TEST(Report, FailuresAreCountedByClassMostFrequentFirst) {
  const auto text = to_text(example());
  EXPECT_THAT(text, HasSubstr("Failures: 2 not_media, 1 empty\n"));
  EXPECT_THAT(text, HasSubstr("  b\\x0a.mp4 [empty in decode] no bytes\n"));
}

TEST(Report, SaysWhereTheFilesAre) {
  const auto text = to_text(example());
  EXPECT_THAT(text, HasSubstr("Results: /out/results\n"));
  EXPECT_THAT(text, HasSubstr("/out/quarantine.jsonl"));
  auto report = example();
  report.videos.quarantined = 0;
  EXPECT_THAT(to_text(report), Not(HasSubstr("quarantine.jsonl")));
}

TEST(Report, ABatchingEdgeSaysWhatItCostHowGoodItWasAndWhatWouldHelp) {
  const auto text = to_text(example());
  EXPECT_THAT(text,
              HasSubstr("Batching publish (hybrid): 164 items in 20 batches, 12 size, 8 drain\n"
                        "  sizes 4 to 9; a batch costs 100 ms + 2.5 ms an item (within 4 %)\n"
                        "  efficiency 0.72 = amortisation 0.90 × fill 1.00 × success 1.00 × speed "
                        "0.80\n"
                        "  bound by max_batch_size: twice of it would save 12 % of the time\n"
                        "  Warning: max_bytes is below one item\n"));
  const auto json = to_json(example())["batching"][0];
  EXPECT_EQ(json["cost"]["b_ms"], 100);
  EXPECT_EQ(json["efficiency"]["speed"], 0.8);
  EXPECT_EQ(json["sizes"][1]["took_ms"], nullptr);
}

TEST(Report, AnyReportFitsOnTwoScreens) {
  auto report = example();
  const std::string longest(3000, 'x');
  report.run.outcome += longest;
  for (int i = 0; i < 100; ++i) {
    report.stages.push_back({longest, longest, 1, 1, 1, 1, 1e9, 1e9, 1e9, 1e9});
    report.guards.push_back(report.guards[0]);
    report.guards.back().name = longest;
    report.batching.push_back(report.batching[0]);
    report.batching.back().reasons = {{longest, 1}};
    report.batching.back().warnings = {longest, longest};
    report.batching.back().bound = longest;
    report.notes.push_back("many words " + longest);
    report.failures.push_back({longest, longest, longest, longest});
    report.failures.push_back({"\xe4\xb8\xad", "decode", "c" + std::to_string(i), "m"});
  }
  report.uploads.message = longest;
  report.bottleneck.because = longest;
  const auto text = lines(to_text(report));
  EXPECT_LE(text.size(), 48u);
  EXPECT_THAT(text, ::testing::Contains(StartsWith("Failures: ")));
  EXPECT_THAT(text, ::testing::Contains(StartsWith("Results: ")));
  for (const auto& line : text) {
    const auto continuation = std::count_if(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    });
    EXPECT_LE(line.size() - static_cast<std::size_t>(continuation), 100u) << line;
  }
}

TEST(Report, ARunWithoutAnythingToDoHasAReport) {
  RunReport report;
  report.run.outcome = "all done";
  EXPECT_THAT(to_text(report), StartsWith("All done: 0 videos found, 0 done, in 0 ms\n"));
}

TEST(Report, WhatWaitsMayBeUploadsOrModelAnswers) {
  auto report = example();
  report.videos.pending = 2;
  report.uploads = {164, 3100000, 3, ""};
  EXPECT_THAT(to_text(report), HasSubstr("2 waiting for a service"));
  EXPECT_THAT(lines(to_text(report)),
              testing::IsSupersetOf({HasSubstr("Uploads: 164 files, 3.1 MB"),
                                     HasSubstr("Waiting for a service: 3 uploads or model")}));
  report.uploads = {0, 0, 3, ""};
  EXPECT_THAT(to_text(report), Not(HasSubstr("Uploads:"))) << "there may be no upload at all";
  report.uploads = {164, 3100000, 0, ""};
  EXPECT_THAT(to_text(report), Not(HasSubstr("Waiting for")));
}

}  // namespace
}  // namespace reelmill
