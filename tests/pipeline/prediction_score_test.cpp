// SPDX-License-Identifier: Apache-2.0
#include "pipeline/prediction_score.h"

#include <gtest/gtest.h>

#include "pipeline/time_prediction.h"

namespace reelmill {
namespace {

TEST(PredictionScore, IsTheMedianOfErrorsAsSharesOfWhatVideosTook) {
  PredictionScore score;
  score.add(1, 2);    // half of it: 0.5 off
  score.add(3, 4);    // 0.25 off
  score.add(30, 10);  // 2 off
  const auto report = score.report();
  EXPECT_EQ(report.videos, 3);
  EXPECT_DOUBLE_EQ(report.predicted_s, 34);
  EXPECT_DOUBLE_EQ(report.took_s, 16);
  EXPECT_DOUBLE_EQ(report.median_error.value(), 0.5);
}

TEST(PredictionScore, OfAnEvenNumberIsTheMeanOfTheMiddleTwo) {
  PredictionScore score;
  score.add(1, 2);
  score.add(3, 4);
  EXPECT_DOUBLE_EQ(score.report().median_error.value(), 0.375);
}

TEST(PredictionScore, AMachineOfAnotherSpeedShowsInOneErrorOnly) {
  PredictionScore score;
  for (const double took : {2.0, 4.0, 8.0}) score.add(took / 2, took);
  EXPECT_DOUBLE_EQ(score.report().median_error.value(), 0.5);
  EXPECT_DOUBLE_EQ(score.report().scaled_error.value(), 0);
}

TEST(PredictionScore, LeavesOutVideosOfWhichNothingWasPredicted) {
  PredictionScore score;
  score.add(0, 4);
  EXPECT_EQ(score.report().videos, 0);
  EXPECT_FALSE(score.report().median_error);
}

ScanPlan plan_of(double duration_s) {
  ScanPlan plan;
  StreamInfo stream;
  stream.codec = "h264";
  stream.width = 1280;
  stream.height = 720;
  stream.frame_rate = {25, 1};
  plan.media.streams = {stream};
  plan.video_stream = 0;
  plan.needs.frames = DecoderNeeds::Frames::all;
  plan.duration_s = duration_s;
  plan.file.bytes = 10'000'000;
  return plan;
}

TEST(TimePrediction, GrowsWithLengthAndWithBytes) {
  const double once = predicted_work_s(plan_of(60));
  EXPECT_GT(once, 0);
  EXPECT_GT(predicted_work_s(plan_of(120)), 1.5 * once);
  auto larger = plan_of(60);
  larger.file.bytes = 400'000'000;
  EXPECT_GT(predicted_work_s(larger), 1.5 * once);
}

TEST(TimePrediction, IsLessWhereNotAllIsDecoded) {
  auto plan = plan_of(600);
  const double whole = predicted_work_s(plan);
  plan.reading = Reading::around_changes;
  const double fast = predicted_work_s(plan);
  EXPECT_LT(fast, whole);
  plan.reading = Reading::skipping;
  plan.needs.frames = DecoderNeeds::Frames::every_interval;
  plan.needs.interval = std::chrono::seconds(10);
  EXPECT_LT(predicted_work_s(plan), fast);
}

TEST(TimePrediction, KnowsNothingOfAVideoWithoutALength) {
  EXPECT_EQ(predicted_work_s(plan_of(0)), 0);
}

TEST(TimePrediction, DoesNotBelieveInFramesThatHaveNoBytes) {
  auto plan = plan_of(40 * 3600);
  plan.file.bytes = 106'000;
  EXPECT_LT(predicted_work_s(plan), 10);
}

TEST(TimePrediction, DoesNotBelieveInSoundThatHasNoBytes) {
  auto plan = plan_of(26 * 3600);
  plan.file.bytes = 2'000'000;
  const double silent = predicted_work_s(plan);
  plan.audio_stream = 1;
  plan.needs.audio = true;
  EXPECT_LT(predicted_work_s(plan), silent + 20);
  plan.file.bytes = 26 * 3600 * 1000;
  const double larger = predicted_work_s(plan);
  plan.needs.audio = false;
  EXPECT_GT(larger, predicted_work_s(plan) + 100) << "8 kbit/s are speech";
}

TEST(TimePrediction, DoesNotBelieveInAThousandFramesASecond) {
  auto plan = plan_of(60);
  const double usual = predicted_work_s(plan);
  plan.media.streams.front().frame_rate = {1000, 1};
  EXPECT_DOUBLE_EQ(predicted_work_s(plan), usual);
}

TEST(TimePrediction, DoesNotBelieveInVideosOfYears) {
  EXPECT_LE(predicted_work_s(plan_of(1e9)), predicted_work_s(plan_of(48 * 3600)));
}

TEST(PredictedWall, IsTheShareOfACoreOrWhatTheLongestVideoTakes) {
  EXPECT_DOUBLE_EQ(predicted_wall_s({}, 4), 0);
  EXPECT_DOUBLE_EQ(predicted_wall_s({{8, 1}}, 4), 8) << "it cannot be cut";
  EXPECT_DOUBLE_EQ(predicted_wall_s({{8, 2}}, 4), 4) << "two cores have a piece";
  EXPECT_DOUBLE_EQ(predicted_wall_s({{8, 100}}, 4), 2);
  EXPECT_DOUBLE_EQ(predicted_wall_s({{8, 1}, {2, 1}, {2, 1}}, 2), 8) << "the second core waits";
  EXPECT_DOUBLE_EQ(predicted_wall_s({{3, 1}, {3, 1}, {3, 1}, {3, 1}}, 2), 6);
}

}  // namespace
}  // namespace reelmill
