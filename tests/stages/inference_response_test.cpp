// SPDX-License-Identifier: Apache-2.0
// The bytes of answers, // held against the examples that the protocol's specification prints (Open
// Inference Protocol, inference_rest.md; binary tensor data extension).
#include "stages/infer/inference_response.h"

#include <gmock/gmock.h>

#include "base/path_text.h"
#include "tests/support/result_matchers.h"

namespace reelmill {
namespace {

using reelmill::testing::FailsWith;
using reelmill::testing::IsOk;
using ::testing::ElementsAre;

/// Without the spaces that the specification prints for people.
std::string minified(const char* printed) {
  return Json::parse(printed).dump();
}

// As printed but for the comma after "42", which is missing there.
constexpr const char* kJsonResponse = R"({
  "id" : "42",
  "outputs" : [
    {
      "name" : "output0",
      "shape" : [ 3, 2 ],
      "datatype"  : "FP32",
      "data" : [ 1.0, 1.1, 2.0, 2.1, 3.0, 3.1 ]
    }
  ]
})";

constexpr const char* kBinaryResponse = R"({
  "outputs" : [
    {
      "name" : "output0",
      "shape" : [ 3, 2 ],
      "datatype"  : "FP32",
      "parameters" : {
        "binary_data_size" : 24
      }
    }
  ]
})";

std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

const std::vector<float> kValues{1.0F, 1.1F, 2.0F, 2.1F, 3.0F, 3.1F};

TEST(InferenceResponse, ReadsTheJsonExampleOfTheSpecification) {
  const auto response = decode_response(kJsonResponse, {});
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->id, "42");
  ASSERT_EQ(response->outputs.size(), 1u);
  EXPECT_EQ(response->outputs[0].name, "output0");
  EXPECT_EQ(response->outputs[0].type, TensorType::fp32);
  EXPECT_THAT(response->outputs[0].shape, ElementsAre(3, 2));
  EXPECT_EQ(response->outputs[0].data, floats(kValues));
}

TEST(InferenceResponse, ReadsTheBinaryExampleOfTheSpecificationWithTwentyFourBytesBehindIt) {
  const std::string head = minified(kBinaryResponse);
  const auto response = decode_response(head + floats(kValues), std::to_string(head.size()));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->outputs.at(0).data.size(), 24u);
  EXPECT_EQ(response->outputs[0].data, floats(kValues));
}

TEST(InferenceResponse, TakesOutputsApartFrameByFrame) {
  const auto rows = rows_of(*decode_response(kJsonResponse, {}), 3, {"output0"});
  ASSERT_THAT(rows, IsOk());
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ(values_of((*rows)[1].at(0)), (Json{2.0, 2.1}));
  EXPECT_EQ(values_of((*rows)[2].at(0)).dump(), "[3.0,3.1]");
}

TEST(InferenceResponse, TakesByteStringsApartToo) {
  const auto response = decode_response(
      R"({"outputs":[{"name":"l","shape":[2,2],"datatype":"BYTES","data":["a","","ccc","d"]}]})",
      {});
  ASSERT_THAT(response, IsOk());
  const auto rows = rows_of(*response, 2, {});
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(values_of((*rows)[0].at(0)), (Json{"a", ""}));
  EXPECT_EQ(values_of((*rows)[1].at(0)), (Json{"ccc", "d"}));
}

TEST(InferenceResponse, ReadsNestedData) {
  const auto response = decode_response(
      R"({"outputs":[{"name":"x","shape":[2,2],"datatype":"INT64","data":[[1,2],[3,-4]]}]})", {});
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(values_of(response->outputs[0]), (Json{{1, 2}, {3, -4}}));
}

struct Nonsense {
  const char* name;
  const char* body;
  const char* field;  ///< what the error has to name
};

class NonsenseAnswer : public ::testing::TestWithParam<Nonsense> {};

TEST_P(NonsenseAnswer, IsAnErrorThatNamesTheField) {
  EXPECT_THAT(decode_response(GetParam().body, {}),
              FailsWith(ErrorKind::internal, GetParam().field));
}

INSTANTIATE_TEST_SUITE_P(
    Answers, NonsenseAnswer,
    ::testing::Values(
        Nonsense{"NotJson", "<html>", "body"}, Nonsense{"Empty", "", "body"},
        Nonsense{"List", "[]", "body"}, Nonsense{"NoOutputs", "{}", "outputs"},
        Nonsense{"OutputsNoList", R"({"outputs":3})", "outputs"},
        Nonsense{"OutputNoObject", R"({"outputs":[7]})", "outputs[0]"},
        Nonsense{"NoName", R"({"outputs":[{"shape":[1],"datatype":"FP32","data":[1]}]})",
                 "outputs[0]: has no 'name'"},
        Nonsense{"NameNoText", R"({"outputs":[{"name":3}]})", "outputs[0].name"},
        Nonsense{"NoType", R"({"outputs":[{"name":"a","shape":[1],"data":[1]}]})",
                 "outputs[0] 'a': has no 'datatype'"},
        Nonsense{"WrongType",
                 R"({"outputs":[{"name":"a","shape":[1],"datatype":"FP31","data":[1]}]})",
                 "outputs[0] 'a'.datatype"},
        Nonsense{"NoShape", R"({"outputs":[{"name":"a","datatype":"FP32","data":[1]}]})",
                 "has no 'shape'"},
        Nonsense{"NegativeShape",
                 R"({"outputs":[{"name":"a","shape":[-1],"datatype":"FP32","data":[1]}]})",
                 "outputs[0] 'a'.shape"},
        Nonsense{
            "HugeShape",
            R"({"outputs":[{"name":"a","shape":[4611686018427387904,4],"datatype":"FP32","data":[]}]})",
            "outputs[0] 'a'.shape"},
        Nonsense{"ShapeNoNumbers",
                 R"({"outputs":[{"name":"a","shape":["x"],"datatype":"FP32","data":[1]}]})",
                 "outputs[0] 'a'.shape"},
        Nonsense{"WrongCount",
                 R"({"outputs":[{"name":"a","shape":[3],"datatype":"FP32","data":[1,2]}]})",
                 "outputs[0] 'a'.data"},
        Nonsense{"NoData", R"({"outputs":[{"name":"a","shape":[1],"datatype":"FP32"}]})",
                 "has no 'data'"},
        Nonsense{"TextForNumber",
                 R"({"outputs":[{"name":"a","shape":[1],"datatype":"FP32","data":["1"]}]})",
                 "outputs[0] 'a'.data"},
        Nonsense{"TooLargeForType",
                 R"({"outputs":[{"name":"a","shape":[1],"datatype":"UINT8","data":[256]}]})",
                 "outputs[0] 'a'.data"},
        Nonsense{
            "BinaryWithoutHeader",
            R"({"outputs":[{"name":"a","shape":[1],"datatype":"FP32","parameters":{"binary_data_size":4}}]})",
            "binary_data_size"}),
    [](const auto& nonsense) { return nonsense.param.name; });

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

std::string with_one_output(const std::string& shape, const std::string& data) {
  return R"({"outputs":[{"name":"a","datatype":"FP32","shape":)" + shape + R"(,"data":)" + data +
         "}]}";
}

TEST(InferenceResponse, IsRefusedWhenItNestsDeeperThanAnyStackShouldGo) {
  for (const std::size_t depth : {100, 3'000'000})
    EXPECT_THAT(decode_response(with_one_output("[1]", nested(depth)), {}),
                FailsWith(ErrorKind::internal, "body: "))
        << depth;
  EXPECT_THAT(decode_response(with_one_output(nested(1'000'000), "[1]"), {}),
              FailsWith(ErrorKind::internal, "nested deeper than 64"));
}

TEST(InferenceResponse, IsRefusedWhenItsShapeHasVeryManyDimensions) {
  std::string shape = "[1";
  for (int i = 1; i < 1'000'000; ++i) shape += ",1";
  EXPECT_THAT(decode_response(with_one_output(shape + "]", "[1]"), {}),
              FailsWith(ErrorKind::internal, "outputs[0] 'a'.shape"));
}

TEST(InferenceResponse, WithoutDataUnderAHugeShapeHasEmptyRows) {
  const auto response = decode_response(with_one_output("[2,100000000,0]", "[]"), {});
  ASSERT_THAT(response, IsOk());
  const auto rows = rows_of(*response, 2, {});
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(values_of((*rows)[1].at(0)), Json::array());
}

TEST(InferenceResponse, IsRefusedWhenAnObjectHasVeryManyMembers) {
  std::string body = R"({"outputs":[])";
  for (int i = 0; i < 300'000; ++i) body += fmt::format(R"(,"k{}":0)", i);
  EXPECT_THAT(decode_response(body + "}", {}),
              FailsWith(ErrorKind::internal, "more than 1000 members"));
}

TEST(InferenceResponse, IsQuotedInWholeCharacters) {
  std::string name = "x";
  for (int i = 0; i < 150; ++i) name += "\u00e4";
  const auto response = decode_response(R"({"outputs":[{"name":")" + name + "\"}]}", {});
  ASSERT_FALSE(response);
  EXPECT_TRUE(is_utf8(response.error().message));
  EXPECT_THAT(response.error().message, ::testing::Not(::testing::HasSubstr("\\x")));
}

TEST(ErrorText, OfAnErrorThatNestsWithoutEndIsNone) {
  EXPECT_EQ(error_text(R"({"error":)" + nested(3'000'000) + "}"), std::nullopt);
  EXPECT_EQ(guess_culprit(R"({"error":)" + nested(3'000'000) + "}"), std::nullopt);
  EXPECT_EQ(error_text(R"({"error":"[[[[ \"[ and no end"})"), "[[[[ \"[ and no end");
}

TEST(ErrorText, IsCutBetweenCharacters) {
  std::string error = "x";
  for (int i = 0; i < 150; ++i) error += "ä";
  const auto text = error_text(R"({"error":")" + error + "\"}");
  ASSERT_TRUE(text);
  EXPECT_TRUE(is_utf8(*text));
  EXPECT_EQ(text->size(), 199u + 3);
}

TEST(InferenceResponse, IsRefusedWhenItsBinaryDataIsCut) {
  const std::string head = minified(kBinaryResponse);
  EXPECT_THAT(decode_response(head + floats({1, 2, 3}), std::to_string(head.size())),
              FailsWith(ErrorKind::internal,
                        "outputs[0] 'output0'.parameters.binary_data_size: 24 bytes promised, 12 "
                        "there"));
}

TEST(InferenceResponse, IsRefusedWhenItsSizeDoesNotFitItsShape) {
  auto head = Json::parse(kBinaryResponse);
  head["outputs"][0]["shape"] = {2, 2};
  const auto text = head.dump();
  EXPECT_THAT(decode_response(text + floats(kValues), std::to_string(text.size())),
              FailsWith(ErrorKind::internal, "24 bytes where FP32 of shape [2,2] takes 16"));
}

TEST(InferenceResponse, IsRefusedWhenBytesAreLeftOver) {
  const std::string head = minified(kBinaryResponse);
  EXPECT_THAT(decode_response(head + floats(kValues) + "x", std::to_string(head.size())),
              FailsWith(ErrorKind::internal, "1 bytes after the last tensor"));
}

TEST(InferenceResponse, IsRefusedWhenItsHeadIsLongerThanItself) {
  for (const char* length : {"1000", "-1", "x", ""})
    EXPECT_THAT(decode_response("{}", length),
                FailsWith(ErrorKind::internal, "Inference-Header-Content-Length"))
        << length;
}

TEST(InferenceResponse, WithAnErrorInsideIsARefusalWithTheServersWords) {
  EXPECT_THAT(decode_response(R"({"error":"shape mismatch"})", {}),
              FailsWith(ErrorKind::invalid_input, "error: shape mismatch"));
}

TEST(InferenceResponse, WithAnotherNumberOfRowsThanFramesNamesBoth) {
  EXPECT_THAT(rows_of(*decode_response(kJsonResponse, {}), 4, {}),
              FailsWith(ErrorKind::internal, "outputs[0] 'output0'.shape: [3,2] for 4 frames"));
}

TEST(InferenceResponse, WithoutAWantedOutputNamesIt) {
  EXPECT_THAT(rows_of(*decode_response(kJsonResponse, {}), 3, {"scores"}),
              FailsWith(ErrorKind::internal, "outputs: 'scores' is missing"));
}

TEST(GuessCulprit, ReadsAnIndexWhereTheErrorNamesOne) {
  EXPECT_EQ(guess_culprit(R"({"error":"bad","index":7})"), 7u);
  EXPECT_EQ(guess_culprit(R"({"error":"item 3 cannot be processed"})"), 3u);
  EXPECT_EQ(guess_culprit(R"({"error":"Invalid data at index: 12."})"), 12u);
  EXPECT_EQ(guess_culprit(R"({"error":"instances[4] is not an image, instance [4]"})"), 4u);
  EXPECT_EQ(guess_culprit(R"({"error":"expected 3 channels"})"), std::nullopt);
  EXPECT_EQ(guess_culprit("item 3"), std::nullopt);
}

}  // namespace
}  // namespace reelmill
