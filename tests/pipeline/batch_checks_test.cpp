// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "pipeline/config.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class BatchChecks : public testing::Test {
 protected:
  /// A configuration whose call has this in it.
  void load(const std::string& guard, const std::string& call, bool is_guarded = true) {
    const auto file =
        folder_.write("c.yaml", "version: 1\nguards: { store: " + guard +
                                    " }\nstages:\n"
                                    "  - { id: frames, use: decode }\n"
                                    "  - { id: probe, use: probe, from: frames }\n"
                                    "  - { id: publish, use: upload, from: probe," +
                                    (is_guarded ? " guard: store,\n" : "\n") + call + " }\n");
    std::vector<Problem> problems;
    spec = load_config(file, {}, problems).value_or(PipelineSpec{});
    texts.clear();
    for (const auto& problem : problems) texts.push_back(to_string(problem));
  }
  const BatchOptions& batch() { return spec.find("publish")->batch; }

  test::TempFolder folder_;
  PipelineSpec spec;
  std::vector<std::string> texts;
};

TEST_F(BatchChecks, ABatchWithLessRoomThanOneItemIsRefused) {
  load("{}", "with: { to: \"http://h/_bulk\", as: documents },\nbatch: { max_bytes: 20B }");
  EXPECT_THAT(texts,
              ElementsAre(HasSubstr(":8: stages[2].batch.max_bytes: 20B is less than one item")));
}

TEST_F(BatchChecks, MorePlacesThanLanesIsWorthAWarning) {
  load("{}", "lanes: 2, with: { to: \"file:x\" },\nbatch: { max_in_flight: 3 }");
  EXPECT_THAT(texts, ElementsAre(HasSubstr("warning: 3 batches are never in service at once")));
  EXPECT_EQ(batch().max_in_flight, 2);
}

TEST_F(BatchChecks, AnAdaptiveConcurrencyBesideBatchesIsWorthAWarning) {
  load("{ concurrency: { adaptive: true } }", "with: { to: \"file:x\" },\nbatch: {}");
  EXPECT_THAT(texts, ElementsAre(HasSubstr("guard 'store' adapts its concurrency")));
}

TEST_F(BatchChecks, BatchesThatAreBatchedUnaskedAreWarnedOfToo) {
  load("{ concurrency: { adaptive: true } }", "with: { to: \"file:x\", as: tar }");
  EXPECT_THAT(texts, ElementsAre(HasSubstr("guard 'store' adapts its concurrency")));
}

TEST_F(BatchChecks, AFixedConcurrencyOfTheGuardBoundsWhatIsInService) {
  load("{ concurrency: { initial: 2 } }", "lanes: 4, with: { to: \"file:x\", as: tar }");
  EXPECT_THAT(texts, IsEmpty());
  EXPECT_EQ(batch().max_in_flight, 2);
}

TEST_F(BatchChecks, ATargetLongerThanAnAttemptIsRefusedWithoutAGuardToo) {
  load("{}", "with: { to: \"file:x\", as: tar },\nbatch: { target_processing_time: 5min }", false);
  EXPECT_THAT(texts, Contains(HasSubstr("is longer than the guard gives an attempt")));
}

TEST_F(BatchChecks, AHedgeHasNoEffectInALaneAndIsWorthAWarning) {
  load("{ hedge: {} }", "with: { to: \"file:x\" }");
  EXPECT_THAT(texts, ElementsAre(HasSubstr("hedges, which has no effect here")));
}

TEST_F(BatchChecks, APlainUploadSendsFilesOneByOneOnEveryLane) {
  load("{}", "lanes: 9, with: { to: \"file:x\" }");
  EXPECT_THAT(texts, IsEmpty());
  EXPECT_EQ(batch().max_batch_size, 1);
  EXPECT_EQ(batch().max_in_flight, 9);
}

TEST_F(BatchChecks, PackedAndDocumentsAreBatchedWithoutAWord) {
  for (const std::string to : {"\"file:x\", as: tar", "\"http://h/_bulk\", as: documents"}) {
    load("{}", "with: { to: " + to + " }");
    EXPECT_THAT(texts, IsEmpty());
    EXPECT_EQ(batch().max_batch_size, 100);
  }
}

TEST_F(BatchChecks, WhatIsNotWrittenIsAsTheStageWantsIt) {
  load("{}", "with: { to: \"file:x\", as: tar },\nbatch: { max_wait: 20s }");
  EXPECT_THAT(texts, IsEmpty());
  EXPECT_EQ(batch().max_wait, std::chrono::seconds(20));
  EXPECT_EQ(batch().target_processing_time, std::chrono::seconds(10));
  EXPECT_EQ(batch().strategy, BatchStrategy::hybrid);
}

TEST_F(BatchChecks, APlainUploadThatIsBatchedIsBatchedInEarnest) {
  load("{}", "with: { to: \"file:x\" },\nbatch: { max_wait: 20s }");
  EXPECT_THAT(texts, IsEmpty());
  EXPECT_EQ(batch().max_batch_size, 100);
  EXPECT_EQ(batch().strategy, BatchStrategy::hybrid);
}

}  // namespace
}  // namespace reelmill
