// SPDX-License-Identifier: Apache-2.0
#include "pipeline/config.h"
#include "tests/support/source_tree.h"

namespace reelmill {
namespace {

std::optional<std::string> publish_url(const std::string& name) {
  return name == "REELMILL_PUBLISH_URL" ? std::optional<std::string>("https://media.example/in")
                                        : std::nullopt;
}

PipelineSpec load(const std::string& name) {
  std::vector<Problem> problems;
  auto spec = load_config(test::source_folder() / "configs" / name,
                          {.output_folder = "", .environment = publish_url}, problems);
  for (const auto& problem : problems) ADD_FAILURE() << to_string(problem);
  return spec.value_or(PipelineSpec{});
}

TEST(ShippedConfigs, AreAllValidAndWithoutWarnings) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::source_folder() / "configs")) {
    EXPECT_FALSE(load(entry.path().filename()).stages.empty()) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 3);
}

TEST(ShippedConfigs, ArchiveUsesEveryStageThatNeedsNoServer) {
  const auto spec = load("archive.yaml");
  for (const auto* stage : stage_registry().all()) {
    if (stage->kind == StageKind::model) continue;
    const bool is_used = std::any_of(spec.stages.begin(), spec.stages.end(),
                                     [&](const StageSpec& one) { return one.use == stage->name; });
    EXPECT_TRUE(is_used) << stage->name;
  }
}

TEST(ShippedConfigs, PublishingMeansTheSameAnalysisEverywhere) {
  EXPECT_EQ(load("archive.yaml").analysis_hash, load("publish-http.yaml").analysis_hash);
}

TEST(ShippedConfigs, InferAsksAModelAndNeedsNoEnvironment) {
  const auto spec = load("infer.yaml");
  ASSERT_NE(spec.find("labels"), nullptr);
  EXPECT_NE(spec.find("labels")->configured.parts.frame_call_stage, nullptr);
}

TEST(ShippedConfigs, QuickNeedsNeitherEveryFrameNorSound) {
  DecoderNeeds needs;
  for (const auto& stage : load("quick.yaml").stages) needs = needs | stage.configured.parts.needs;
  EXPECT_NE(needs.frames, DecoderNeeds::Frames::all);
  EXPECT_FALSE(needs.audio);
}

}  // namespace
}  // namespace reelmill
