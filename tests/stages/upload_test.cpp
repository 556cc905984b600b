// SPDX-License-Identifier: Apache-2.0
// The stage's options, and what holds for every target.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/api/call_stage.h"
#include "stages/api/registry.h"
#include "tests/stages/upload_support.h"

namespace reelmill::test {
namespace {
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

ConfigNode node_of(ConfigNode::Kind kind, int line) {
  ConfigNode node;
  node.kind = kind;
  node.line = line;
  return node;
}

ConfigNode scalar(std::string text, int line, bool is_secret = false) {
  auto node = node_of(ConfigNode::Kind::scalar, line);
  node.scalar = std::move(text);
  node.is_secret = is_secret;
  return node;
}

ConfigNode list(std::vector<ConfigNode> items, int line) {
  auto node = node_of(ConfigNode::Kind::list, line);
  node.items = std::move(items);
  return node;
}

struct Configured {
  ConfiguredStage stage;
  std::vector<std::string> problems;
};

Configured configure(std::vector<ConfigNode::Entry> entries, const std::string& out = "/out") {
  auto with = node_of(ConfigNode::Kind::map, 10);
  with.entries = std::move(entries);
  std::vector<Problem> problems;
  const auto* definition = stage_registry().find("upload");
  Configured configured;
  configured.stage = definition->configure(with, {.id = "publish", .output_folder = out},
                                           ProblemSink("c.yaml", problems).at("with"));
  for (const auto& problem : problems) configured.problems.push_back(to_string(problem));
  return configured;
}

TEST(UploadOptions, AFolderIsRelativeToTheOutputFolder) {
  const auto configured = configure({{"to", 11, scalar("file:published/now", 11)}});
  ASSERT_THAT(configured.problems, IsEmpty());
  EXPECT_EQ(configured.stage.parts.call_stage->target(), "file:/out/published/now");
}

TEST(UploadOptions, AnAbsoluteFolderStaysWhereItIs) {
  for (const auto* to : {"file:/mnt/archive", "file:///mnt/archive"}) {
    const auto configured = configure({{"to", 11, scalar(to, 11)}});
    ASSERT_THAT(configured.problems, IsEmpty());
    EXPECT_EQ(configured.stage.parts.call_stage->target(), "file:/mnt/archive");
  }
}

TEST(UploadOptions, TheTargetIsRequiredAndSaysWhatItCanBe) {
  EXPECT_THAT(configure({}).problems,
              ElementsAre(AllOf(HasSubstr("c.yaml:10: with"), HasSubstr("needs 'to'"),
                                HasSubstr("file:DIR"))));
}

TEST(UploadOptions, AnUnknownKindOfTargetIsRefusedOnItsLineWithoutBeingRepeated) {
  EXPECT_THAT(configure({{"to", 12, scalar("ftp://me:hunter2@host/x", 12, true)}}).problems,
              ElementsAre(AllOf(HasSubstr("c.yaml:12: with.to"),
                                HasSubstr("known: file:DIR, http://"), Not(HasSubstr("hunter2")))));
}

TEST(UploadOptions, TheRunsOwnFoldersAreNoTargets) {
  for (const auto* to : {"file:", "file:.", "file:./", "file:results", "file:artifacts/x",
                         "file:x/../results", "file://host/share"})
    EXPECT_THAT(configure({{"to", 11, scalar(to, 11)}}).problems, testing::SizeIs(1)) << to;
}

TEST(UploadOptions, WhatIsCheckedWithASuggestion) {
  const auto wrong = configure(
      {{"to", 11, scalar("file:pub", 11)}, {"what", 12, list({scalar("result", 12)}, 12)}});
  EXPECT_THAT(wrong.problems, ElementsAre(AllOf(HasSubstr("c.yaml:12: with.what"),
                                                HasSubstr("did you mean 'results'?"))));
}

TEST(UploadOptions, WhatDecidesWhichFilesTheStageAccepts) {
  const auto both = configure({{"to", 11, scalar("file:pub", 11)}}).stage.parts.call_stage;
  EXPECT_TRUE(both->accepts(CallContent::results));
  EXPECT_TRUE(both->accepts(CallContent::artifact));
  const auto one = configure({{"to", 11, scalar("file:pub", 11)},
                              {"what", 12, list({scalar("results", 12)}, 12)}})
                       .stage.parts.call_stage;
  EXPECT_TRUE(one->accepts(CallContent::results));
  EXPECT_FALSE(one->accepts(CallContent::artifact));
}

TEST(UploadOptions, HttpOptionsDoNotFitAFolder) {
  EXPECT_THAT(
      configure({{"to", 11, scalar("file:pub", 11)}, {"username", 12, scalar("me", 12)}}).problems,
      ElementsAre(HasSubstr("are for http targets")));
}

TEST(UploadOptions, AHeaderWithoutANameIsRefusedWithoutBeingRepeated) {
  const auto configured =
      configure({{"to", 11, scalar("http://host/x", 11)},
                 {"headers", 12, list({scalar("X-A: 1", 12), scalar("hunter2", 13, true)}, 12)}});
  EXPECT_THAT(configured.problems,
              ElementsAre(AllOf(HasSubstr("c.yaml:12: with.headers"), HasSubstr("header 2"),
                                Not(HasSubstr("hunter2")))));
}

TEST(UploadOptions, APrefixHasNoQuery) {
  EXPECT_THAT(configure({{"to", 11, scalar("https://host/x?token=hunter2", 11)}}).problems,
              ElementsAre(AllOf(HasSubstr("no '?'"), Not(HasSubstr("hunter2")))));
}

TEST(UploadOptions, AnAddressIsShownWithoutItsCredentials) {
  const auto configured = configure({{"to", 11, scalar("https://me:hunter2@host/x/", 11)}});
  EXPECT_EQ(configured.stage.parts.call_stage->target(), "https://host/x");
}

TEST(UploadOptions, AnAddressWithSomethingFromTheEnvironmentIsShownWithoutItsPath) {
  const auto configured = configure({{"to", 11, scalar("https://host/t0ken/x", 11, true)}});
  EXPECT_EQ(configured.stage.parts.call_stage->target(), "https://host/...");
}

TEST(UploadOptions, CredentialsDoNotIdentifyWhatWasPublished) {
  const auto one = configure({{"to", 11, scalar("https://me:old@host/x", 11)}});
  const auto other = configure({{"to", 11, scalar("https://me:new@host/x", 11)},
                                {"password", 12, scalar("newer", 12, true)}});
  const auto elsewhere = configure({{"to", 11, scalar("https://me:old@host/y", 11)}});
  EXPECT_EQ(one.stage.canonical_options, other.stage.canonical_options);
  EXPECT_NE(one.stage.canonical_options, elsewhere.stage.canonical_options);
  EXPECT_THAT(one.stage.canonical_options, Not(HasSubstr("old")));
}

class UploadNames : public testing::TestWithParam<std::string> {};

TEST_P(UploadNames, ANameThatLeadsElsewhereIsRefused) {
  const TempFolder folder;
  const auto stage = configure({{"to", 11, scalar("file:pub", 11)}}, folder.path().string())
                         .stage.parts.call_stage;
  auto item = item_of(folder.write("a.json", "{}"), GetParam());
  const auto outcomes = stage->call(std::span(&item, 1), {});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error().kind, ErrorKind::invalid_input);
  EXPECT_FALSE(std::filesystem::exists(folder / "pub"));
}

INSTANTIATE_TEST_SUITE_P(All, UploadNames,
                         testing::Values("", "/etc/x", "../x", "a/../../x", "a//b", "./a", "a/.",
                                         "a/", std::string("a\0b", 3)));

TEST(Upload, OneBadItemDoesNotFailItsNeighbours) {
  const TempFolder folder;
  const auto stage = configure({{"to", 11, scalar("file:pub", 11)}}, folder.path().string())
                         .stage.parts.call_stage;
  std::vector<CallItem> items{item_of(folder.write("a", "A"), "v/a"),
                              item_of(folder.write("b", "B"), "../b"),
                              item_of(folder.write("c", "C"), "v/c")};
  const auto outcomes = stage->call(items, {});
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_TRUE(outcomes[0].has_value());
  EXPECT_FALSE(outcomes[1].has_value());
  EXPECT_TRUE(outcomes[2].has_value());
  EXPECT_EQ(read_file(folder / "pub/v/a"), "A");
  EXPECT_EQ(read_file(folder / "pub/v/c"), "C");
}

}  // namespace
}  // namespace reelmill::test
