// SPDX-License-Identifier: Apache-2.0
// Every option of the analysis stages: its bounds, its default and its words.
#include <gtest/gtest.h>

#include "stages/api/registry.h"
#include "tests/support/scan.h"

namespace reelmill {
namespace {

const std::vector<std::string> kStages = {
    "shots",      "black",      "freeze",      "quality",     "silence",  "loudness",
    "probe",      "thumbnails", "sprite",      "fingerprint", "channels", "clipping",
    "color_bars", "crop",       "interlacing", "motion",      "timing",   "chapters"};

std::vector<Problem> problems_of(const std::string& stage, const std::string& option,
                                 const std::string& text) {
  ConfigNode value, with;
  value.kind = ConfigNode::Kind::scalar;
  value.scalar = text;
  with.kind = ConfigNode::Kind::map;
  with.entries.push_back({option, 3, std::move(value)});
  std::vector<Problem> problems;
  const auto* definition = stage_registry().find(stage);
  if (definition == nullptr) {
    ADD_FAILURE() << stage;
    return problems;
  }
  (void)definition->configure(with, {"id", ""}, ProblemSink("test.yaml", problems));
  return problems;
}

class AnalyzeOptions : public testing::TestWithParam<std::string> {};

TEST_P(AnalyzeOptions, AllDefaultsAreValid) {
  std::vector<Problem> problems;
  const auto* definition = stage_registry().find(GetParam());
  ASSERT_NE(definition, nullptr);
  (void)definition->configure({}, {"id", ""}, ProblemSink("test.yaml", problems));
  EXPECT_TRUE(problems.empty()) << to_string(problems.front());
}

TEST_P(AnalyzeOptions, EachHasASentenceADefaultAndARange) {
  for (const auto& option : stage_registry().find(GetParam())->options) {
    EXPECT_GE(option.summary.size(), 14u) << option.name;
    EXPECT_FALSE(option.default_text.empty()) << option.name;
    if (option.type == "choice") {
      EXPECT_GE(option.choices.size(), 2u) << option.name;
    } else if (option.type != "boolean") {
      EXPECT_TRUE(option.min && option.max) << option.name;
    }
  }
}

TEST_P(AnalyzeOptions, WhatLiesOutsideTheRangeIsRefused) {
  for (const auto& option : stage_registry().find(GetParam())->options) {
    if (!option.min || !option.max) continue;
    const std::string unit = option.type == "duration" ? "s" : "";
    const bool is_whole = option.type == "integer";
    const auto text = [&](double value) {
      return is_whole ? std::to_string(static_cast<long>(value)) + unit
                      : fmt::format("{:f}", value) + unit;
    };
    EXPECT_EQ(problems_of(GetParam(), option.name, text(*option.max + 1)).size(), 1u)
        << option.name;
    if (*option.min > 0 || option.type != "duration") {
      EXPECT_EQ(
          problems_of(GetParam(), option.name, text(*option.min - (is_whole ? 1 : 0.01))).size(),
          1u)
          << option.name;
    }
    EXPECT_TRUE(problems_of(GetParam(), option.name, text(*option.min)).empty()) << option.name;
  }
}

TEST_P(AnalyzeOptions, AnUnknownOneIsRefused) {
  EXPECT_EQ(problems_of(GetParam(), "no_such_option", "1").size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(All, AnalyzeOptions, testing::ValuesIn(kStages),
                         [](const auto& test) { return test.param; });

TEST(AnalyzeStages, DetectorsNeedAllFramesAndObserversOfSoundTheSound) {
  for (const std::string name : {"shots", "black", "freeze", "quality", "thumbnails"}) {
    EXPECT_EQ(test::configured(name).needs.frames, DecoderNeeds::Frames::all) << name;
    EXPECT_FALSE(test::configured(name).needs.audio) << name;
  }
  for (const std::string name : {"silence", "loudness"}) {
    EXPECT_EQ(test::configured(name).needs.frames, DecoderNeeds::Frames::none) << name;
    EXPECT_TRUE(test::configured(name).needs.audio) << name;
  }
}

TEST(AnalyzeStages, ThumbnailsFollowShots) {
  EXPECT_EQ(stage_registry().find("thumbnails")->needs_findings, std::vector<std::string>{"shots"});
}

TEST(AnalyzeStages, ASheetTooLargeForAJpegIsRefused) {
  std::vector<Problem> problems;
  ConfigNode with;
  with.kind = ConfigNode::Kind::map;
  for (const auto& [key, text] : std::vector<std::pair<std::string, std::string>>{
           {"tile_width", "640"}, {"max_tiles_per_sheet", "400"}}) {
    ConfigNode value;
    value.kind = ConfigNode::Kind::scalar;
    value.scalar = text;
    with.entries.push_back({key, 3, std::move(value)});
  }
  (void)stage_registry().find("sprite")->configure(with, {"id", ""},
                                                   ProblemSink("test.yaml", problems));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].message.find("is too large"), std::string::npos);
}

}  // namespace
}  // namespace reelmill
