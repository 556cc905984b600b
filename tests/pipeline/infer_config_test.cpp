// SPDX-License-Identifier: Apache-2.0
// What `validate` says of a configuration that asks models.
#include <gmock/gmock.h>

#include "pipeline/config.h"
#include "pipeline/graph_plan.h"
#include "stages/api/frame_call_stage.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class InferConfig : public testing::Test {
 protected:
  PipelineSpec load(const std::string& yaml) {
    std::vector<Problem> problems;
    auto spec = load_config(folder_.write("c.yaml", yaml), {}, problems);
    problems_.clear();
    for (const auto& problem : problems) problems_ += to_string(problem) + "\n";
    return spec.value_or(PipelineSpec{});
  }
  PipelineSpec load_infer(const std::string& with, const std::string& more = "",
                          const std::string& from = "frames",
                          const std::string& url = "http://h:1") {
    return load(
        "version: 1\n"
        "stages:\n"
        "  - { id: frames, use: decode }\n"
        "  - { id: shots, use: shots, from: frames }\n"
        "  - { id: labels, use: infer, from: " +
        from + ", with: { url: \"" + url + "\", model: m" + with + " }" + more + " }\n");
  }
  test::TempFolder folder_;
  std::string problems_;
};

TEST_F(InferConfig, BatchesFramesWithoutBeingToldHow) {
  const auto spec = load_infer("");
  EXPECT_THAT(problems_, IsEmpty());
  EXPECT_GT(spec.find("labels")->batch.initial_batch_size, 1);
}

TEST_F(InferConfig, TakesGuardLanesAndBatch) {
  const auto spec = load_infer("", ", lanes: 2, batch: { strategy: fixed, initial_batch_size: 7 }");
  EXPECT_THAT(problems_, IsEmpty());
  EXPECT_EQ(spec.find("labels")->lanes, 2);
  EXPECT_EQ(spec.find("labels")->batch.initial_batch_size, 7);
}

TEST_F(InferConfig, ShowsTheEdgeWithItsBatchingInThePlan) {
  const auto text = to_text(make_graph_plan(load_infer(""), 2));
  EXPECT_THAT(text,
              testing::ContainsRegex("analyze +-> labels +sampled frames +batching: .*items"));
  EXPECT_THAT(text, testing::ContainsRegex("labels +-> assemble +answered scans"));
}

TEST_F(InferConfig, IsPartOfWhatIdentifiesTheResults) {
  EXPECT_NE(load_infer("").analysis_hash, load_infer(", every: 2s").analysis_hash);
  EXPECT_EQ(load_infer("").analysis_hash, load_infer(", headers: [\"A: b\"]").analysis_hash)
      << "a new token must not make finished videos run again";
}

TEST_F(InferConfig, IsIdentifiedByItsServerAndNotByHowItIsReached) {
  const auto hash_at = [&](const char* url, const char* with = "") {
    return load_infer(with, "", "frames", url).analysis_hash;
  };
  EXPECT_EQ(hash_at("http://me:old@h:1/"), hash_at("http://me:new@h:1"));
  EXPECT_EQ(hash_at("http://h:1"), hash_at("http://h:1", ", ca_file: /etc/ca.pem"));
  EXPECT_NE(hash_at("http://h:1"), hash_at("http://other:1"));
  EXPECT_NE(hash_at("http://h:1"), hash_at("http://h:1/a"));
}

TEST_F(InferConfig, SaysWhatIsWrongWithEachOption) {
  load_infer(", width: 224");
  EXPECT_THAT(problems_, HasSubstr("with.width: give both width and height"));
  load_infer(", scale: 0.1");
  EXPECT_THAT(problems_, HasSubstr("with.scale: changes samples to fractions"));
  load_infer(", sample: key, every: 1s");
  EXPECT_THAT(problems_, HasSubstr("with.every: has a meaning only with 'sample: interval'"));
  load_infer(", sample: kye");
  EXPECT_THAT(problems_, HasSubstr("key"));
  load_infer(", headers: [nonsense]");
  EXPECT_THAT(problems_, HasSubstr("with.headers: header 1 is not of the form"));
  load(
      "version: 1\nstages:\n  - { id: frames, use: decode }\n"
      "  - { id: labels, use: infer, from: frames, with: { url: \"ftp://h\", model: \"\" } }\n");
  EXPECT_THAT(problems_, HasSubstr("with.url"));
  EXPECT_THAT(problems_, HasSubstr("with.model: is empty"));
}

TEST_F(InferConfig, LearnsItsBatchesUnlessToldOtherwiseAndSendsOneALane) {
  const auto spec = load_infer("", ", lanes: 2, batch: { max_batch_size: 50 }");
  EXPECT_THAT(problems_, IsEmpty());
  EXPECT_EQ(spec.find("labels")->batch.strategy, BatchStrategy::hybrid);
  EXPECT_EQ(spec.find("labels")->batch.max_batch_size, 50);
  EXPECT_EQ(spec.find("labels")->batch.max_in_flight, 2);
}

TEST_F(InferConfig, StandsOnFramesAndNothingElse) {
  load_infer("", "", "[frames, shots]");
  EXPECT_THAT(problems_, HasSubstr("'shots' makes no frames"));
}

TEST_F(InferConfig, MayBePublishedButNotLookedAtByDetectors) {
  load(
      "version: 1\nstages:\n  - { id: frames, use: decode }\n"
      "  - { id: labels, use: infer, from: frames, with: { url: \"http://h:1\", model: m } }\n"
      "  - { id: publish, use: upload, from: labels, with: { to: \"file:p\" } }\n"
      "  - { id: shots, use: shots, from: [frames, labels] }\n");
  EXPECT_THAT(problems_, HasSubstr("stages[3].from: 'labels' answers after"));
  EXPECT_THAT(problems_, testing::Not(HasSubstr("stages[2]")));
}

TEST_F(InferConfig, TwoModelsMayBeAsked) {
  const auto spec = load(
      "version: 1\nstages:\n  - { id: frames, use: decode }\n"
      "  - { id: a, use: infer, from: frames, with: { url: \"http://h:1\", model: m } }\n"
      "  - { id: b, use: infer, from: frames, with: { url: \"http://h:1\", model: n } }\n");
  EXPECT_THAT(problems_, IsEmpty());
  EXPECT_EQ(spec.stages.size(), 3u);
}

TEST_F(InferConfig, TellsOfLimitsBelowOneFrame) {
  load_infer(", width: 1920, height: 1080", ", batch: { max_bytes: 1MiB }");
  EXPECT_THAT(problems_, HasSubstr("stages[2].batch.max_bytes: 1MiB is less than one item"));
  load(
      "version: 1\nlimits: { max_frame_memory: 1KiB }\nstages:\n"
      "  - { id: frames, use: decode }\n"
      "  - { id: labels, use: infer, from: frames,\n"
      "      with: { url: \"http://h:1\", model: m, width: 64, height: 64 } }\n");
  EXPECT_THAT(problems_, HasSubstr("c.yaml:2"));
  EXPECT_THAT(problems_, HasSubstr("limits.max_frame_memory: warning: 1KiB is below one frame"));
}

}  // namespace
}  // namespace reelmill
