// SPDX-License-Identifier: Apache-2.0
// The stage `infer` as the registry makes it, against a model server.
#include <gmock/gmock.h>

#include "stages/api/frame_call_stage.h"
#include "tests/support/model_server.h"
#include "tests/support/scan.h"
#include "tests/support/synthetic_frame.h"

namespace reelmill {
namespace {

using namespace test;
using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

using Options = std::vector<std::pair<std::string, std::string>>;

Options options_for(const ModelServer& server, Options more = {}) {
  Options options{{"url", server.url()}, {"model", "m"}};
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

/// Frames of one level each, as the stage would send them.
std::vector<FrameInput> inputs_for(const FrameCallStage& stage, const std::vector<int>& levels,
                                   int rotation = 0) {
  std::vector<FrameInput> inputs;
  for (const int level : levels) {
    const auto frame = frame_of(flat(level));
    const FrameFeatures features{};
    const auto input = stage.convert({frame, features, 0, 0, 0, rotation});
    EXPECT_TRUE(input) << input.error().message;
    if (input) inputs.push_back(*input);
  }
  return inputs;
}

tl::expected<std::vector<FrameOutput>, FrameCallFailure> call(
    FrameCallStage& stage, const std::vector<FrameInput>& inputs) {
  std::vector<const FrameInput*> pointers;
  for (const auto& input : inputs) pointers.push_back(&input);
  return stage.call(pointers, {});
}

std::shared_ptr<FrameCallStage> stage_for(const ModelServer& server, Options more = {}) {
  return configured("infer", options_for(server, std::move(more))).frame_call_stage;
}

TEST(InferStage, SendsABatchInBinaryAndReadsARowForEachFrame) {
  ModelServer server;
  const auto stage = stage_for(server);
  const auto outputs = call(*stage, inputs_for(*stage, {10, 200}));
  ASSERT_TRUE(outputs) << outputs.error().error.message;
  ASSERT_THAT(*outputs, SizeIs(2));
  EXPECT_EQ(values_of((*outputs)[0].at(0)), (Json{10.0, 10.0}));
  EXPECT_EQ(values_of((*outputs)[1].at(1)), (Json{"v200"}));
  const auto batch = server.batches().at(0);
  EXPECT_TRUE(batch.was_binary);
  EXPECT_THAT(batch.shape, testing::ElementsAre(2, 72, 128, 3));
}

TEST(InferStage, SaysTheSameInJson) {
  ModelServer binary, plain({.has_binary = false});
  const auto one = stage_for(binary), other = stage_for(plain);
  const auto inputs = inputs_for(*one, {10, 200});
  const auto a = call(*one, inputs), b = call(*other, inputs);
  ASSERT_TRUE(a && b);
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t k = 0; k < 2; ++k) EXPECT_EQ(values_of((*a)[i][k]), values_of((*b)[i][k]));
  EXPECT_FALSE(plain.batches().at(0).was_binary);
}

TEST(InferStage, AsksForTheMetadataOnce) {
  ModelServer server;
  const auto stage = stage_for(server);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(call(*stage, inputs_for(*stage, {1})));
  EXPECT_EQ(server.metadata_requests(), 2) << "of the server and of the model";
}

TEST(InferStage, ScalesLaysOutAndConvertsAsTheModelWants) {
  ModelServer server({.datatype = "FP32", .shape = {-1, 3, 18, 32}});
  const auto stage = stage_for(server, {{"width", "32"},
                                        {"height", "18"},
                                        {"layout", "nchw"},
                                        {"type", "float32"},
                                        {"scale", "0.5"},
                                        {"offset", "-1"}});
  EXPECT_EQ(stage->input_bytes(1920, 1080, 0), 32u * 18 * 3 * 4);
  const auto inputs = inputs_for(*stage, {100});
  EXPECT_EQ(inputs.at(0).data.size(), 32u * 18 * 3 * 4);
  const auto outputs = call(*stage, inputs);
  ASSERT_TRUE(outputs) << outputs.error().error.message;
  EXPECT_EQ(values_of((*outputs)[0].at(0)), (Json{49.0, 49.0}));
  EXPECT_THAT(server.batches().at(0).shape, testing::ElementsAre(1, 3, 18, 32));
}

TEST(InferStage, SendsATurnedVideoUpright) {
  ModelServer server;
  const auto stage = stage_for(server);
  const auto inputs = inputs_for(*stage, {50}, 90);
  EXPECT_EQ(inputs.at(0).width, 72);
  EXPECT_EQ(inputs.at(0).height, 128);
  EXPECT_EQ(stage->input_bytes(128, 72, 90), inputs.at(0).data.size());
}

TEST(InferStage, SendsLumaAlone) {
  ModelServer server({.shape = {-1, -1, -1, 1}});
  const auto stage = stage_for(server, {{"pixels", "luma"}});
  const auto inputs = inputs_for(*stage, {77});
  EXPECT_EQ(inputs.at(0).data, std::string(128 * 72, 77));
  EXPECT_TRUE(call(*stage, inputs));
}

TEST(InferStage, KeepsOnlyTheOutputsThatAreWanted) {
  ModelServer server;
  const auto stage = stage_for(server, {{"outputs", "scores"}});
  const auto outputs = call(*stage, inputs_for(*stage, {1}));
  ASSERT_FALSE(outputs);
  EXPECT_THAT(outputs.error().error.message, HasSubstr("outputs: 'scores' is missing"));
}

TEST(InferStage, TellsWhichItemTheServerRejects) {
  ModelServer server;
  server.reject(20);
  const auto stage = stage_for(server);
  const auto outputs = call(*stage, inputs_for(*stage, {10, 20, 30}));
  ASSERT_FALSE(outputs);
  EXPECT_EQ(outputs.error().error.kind, ErrorKind::invalid_input);
  EXPECT_EQ(outputs.error().culprit, 1u);
}

struct FaultCase {
  const char* name;
  ModelFault fault;
  ErrorKind kind;
  const char* field;
};

class InferFault : public testing::TestWithParam<FaultCase> {};

TEST_P(InferFault, IsAnErrorThatNamesServerModelAndField) {
  ModelServer server;
  const auto stage = stage_for(server);
  const auto inputs = inputs_for(*stage, {10, 20, 30});
  ASSERT_TRUE(call(*stage, inputs));
  server.next({GetParam().fault});
  const auto outputs = call(*stage, inputs);
  ASSERT_FALSE(outputs);
  const auto& error = outputs.error().error;
  EXPECT_EQ(error.kind, GetParam().kind) << error.message;
  EXPECT_THAT(error.message,
              AllOf(HasSubstr(server.url()), HasSubstr("m"), HasSubstr(GetParam().field)));
  EXPECT_TRUE(call(*stage, inputs)) << "the next one is as before";
}

INSTANTIATE_TEST_SUITE_P(
    Faults, InferFault,
    testing::Values(
        FaultCase{"WrongCount", ModelFault::wrong_count, ErrorKind::internal,
                  "model 'm': outputs[0] 'mean'.shape: [2,2] for 3 frames"},
        FaultCase{"WrongShape", ModelFault::wrong_shape, ErrorKind::internal,
                  "model 'm': outputs[0] 'mean'.parameters.binary_data_size"},
        FaultCase{"WrongType", ModelFault::wrong_type, ErrorKind::internal,
                  "model 'm': outputs[0] 'mean'.datatype"},
        FaultCase{"Truncated", ModelFault::truncated, ErrorKind::internal,
                  "model 'm': outputs[0] 'mean'.parameters.binary_data_size: 24 bytes promised"},
        FaultCase{"ErrorInside", ModelFault::error_inside, ErrorKind::invalid_input,
                  "model 'm': error: no luck today"},
        FaultCase{"NotJson", ModelFault::not_json, ErrorKind::internal, "model 'm': body"},
        FaultCase{"WrongId", ModelFault::wrong_id, ErrorKind::internal, "model 'm': id: 'another'"},
        FaultCase{"MissingOutput", ModelFault::missing_output, ErrorKind::internal,
                  "model 'm': outputs: is empty"},
        FaultCase{"ShortAnswer", ModelFault::short_answer, ErrorKind::unavailable,
                  "/v2/models/m/infer"},
        FaultCase{"Unavailable", ModelFault::unavailable, ErrorKind::unavailable, "503"},
        FaultCase{"InternalError", ModelFault::internal_error, ErrorKind::internal,
                  "model 'm': status 500: error: out of memory"},
        FaultCase{"Denied", ModelFault::denied, ErrorKind::denied, "status 401"}),
    [](const auto& one) { return one.param.name; });

struct Misfit {
  const char* name;
  ModelServerOptions server;
  Options options;
  const char* what;
};

class InferMisfit : public testing::TestWithParam<Misfit> {};

TEST_P(InferMisfit, IsToldBeforeAnythingIsSent) {
  ModelServer server(GetParam().server);
  const auto stage = stage_for(server, GetParam().options);
  const auto outputs = call(*stage, inputs_for(*stage, {10}));
  ASSERT_FALSE(outputs);
  EXPECT_EQ(outputs.error().error.kind, ErrorKind::denied);
  EXPECT_THAT(outputs.error().error.message, HasSubstr(GetParam().what));
  EXPECT_THAT(server.batches(), testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Models, InferMisfit,
    testing::Values(Misfit{"OtherType", {.datatype = "FP32"}, {}, "inputs 'images'.datatype"},
                    Misfit{"OtherShape", {.shape = {-1, 3, -1, -1}}, {}, "inputs 'images'.shape"},
                    Misfit{"OtherDimensions", {.shape = {-1, 1000}}, {}, "inputs 'images'.shape"},
                    Misfit{"OtherName", {}, {{"input", "x"}}, "inputs: 'x' is none of images"},
                    Misfit{"OtherModel", {.model = "other"}, {}, "is the model loaded"}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace reelmill
