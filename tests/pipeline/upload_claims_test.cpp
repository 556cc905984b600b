// SPDX-License-Identifier: Apache-2.0
#include "pipeline/upload_claims.h"

#include "pipeline/ledger_text.h"
#include "tests/pipeline/lane_fixture.h"

namespace reelmill {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> names_for(const std::vector<std::string>& from,
                                   const std::vector<WrittenFile>& artifacts) {
  PipelineSpec spec;
  StageSpec upload;
  upload.id = "publish";
  upload.from = from;
  upload.configured.parts.call_stage = std::make_shared<test::FakeCall>(CallBatching{}, nullptr);
  spec.stages = {upload};
  const auto claims = make_claims(spec, "a.mp4", {"results/a.mp4.json", 1, "r"}, artifacts);
  std::vector<std::string> names;
  for (const auto& item : claims.at(0).items) names.push_back(item.name);
  return names;
}

const std::vector<WrittenFile> kArtifacts{{"artifacts/a.mp4/shots/1.jpg", 2, "s", "thumbs"},
                                          {"artifacts/a.mp4/fingerprint.bin", 3, "t", "print"}};

TEST(UploadClaims, AreTheResultsAndTheArtifactsOfTheStagesNamedUnderFrom) {
  EXPECT_THAT(names_for({"shots", "thumbs"}, kArtifacts),
              ElementsAre("artifacts/a.mp4/shots/1.jpg", "results/a.mp4.json"));
  EXPECT_THAT(names_for({"print"}, kArtifacts),
              ElementsAre("artifacts/a.mp4/fingerprint.bin", "results/a.mp4.json"));
  EXPECT_THAT(names_for({"shots"}, kArtifacts), ElementsAre("results/a.mp4.json"));
}

TEST(UploadClaims, WhatAnOlderLedgerDoesNotNameAStageForIsSent) {
  EXPECT_THAT(names_for({"shots"}, {{"artifacts/a.mp4/shots/1.jpg", 2, "s"}}),
              ElementsAre("artifacts/a.mp4/shots/1.jpg", "results/a.mp4.json"));
}

TEST(LedgerText, KeepsTheStageOfAnArtifactAndReadsRowsWithoutOne) {
  auto files = kArtifacts;
  files.push_back({"c", 7, "u"});
  const auto back = files_of_row(to_row(files));
  ASSERT_EQ(back.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(back[i].file, files[i].file);
    EXPECT_EQ(back[i].bytes, files[i].bytes);
    EXPECT_EQ(back[i].sha256, files[i].sha256);
    EXPECT_EQ(back[i].stage, files[i].stage);
  }
}

}  // namespace
}  // namespace reelmill
