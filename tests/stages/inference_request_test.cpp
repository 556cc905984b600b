// SPDX-License-Identifier: Apache-2.0
// The bytes of requests, // held against the examples that the protocol's specification prints
// (Open Inference Protocol, inference_rest.md; binary tensor data extension).
#include "stages/infer/inference_request.h"

#include <gmock/gmock.h>

#include "net/request_body.h"

namespace reelmill {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

/// Without the spaces that the specification prints for people.
std::string minified(const char* printed) {
  return Json::parse(printed).dump();
}

const std::string kInput0{"\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0", 16};

InferenceRequest example_request(std::string_view booleans) {
  return {"42",
          {{"input0", TensorType::uint32, {2, 2}, {kInput0}},
           {"input1", TensorType::boolean, {3}, {booleans}}},
          {"output0"}};
}

// As printed; of input1, whose shape is [3], the specification gives one value only.
constexpr const char* kJsonRequest = R"({
  "id" : "42",
  "inputs" : [
    {
      "name" : "input0",
      "shape" : [ 2, 2 ],
      "datatype" : "UINT32",
      "data" : [ 1, 2, 3, 4 ]
    },
    {
      "name" : "input1",
      "shape" : [ 3 ],
      "datatype" : "BOOL",
      "data" : [ true ]
    }
  ],
  "outputs" : [
    {
      "name" : "output0"
    }
  ]
})";

// As printed but for "model_name", which the protocol's schema of a request does not have.
constexpr const char* kBinaryRequest = R"({
  "inputs" : [
    {
      "name" : "input0",
      "shape" : [ 2, 2 ],
      "datatype" : "UINT32",
      "parameters" : {
        "binary_data_size" : 16
      }
    },
    {
      "name" : "input1",
      "shape" : [ 3 ],
      "datatype" : "BOOL",
      "parameters" : {
        "binary_data_size" : 3
      }
    }
  ],
  "outputs" : [
    {
      "name" : "output0",
      "parameters" : {
        "binary_data" : true
      }
    }
  ]
})";

/// The whole body of a request.
std::string body_of(const EncodedRequest& request) {
  auto body = RequestBody::of_parts(request.parts);
  std::string all, space(1000, '\0');
  while (const auto count = *body.read(space)) all.append(space.data(), count);
  EXPECT_EQ(all.size(), body.size());
  return all;
}

std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

const std::vector<float> kValues{1.0F, 1.1F, 2.0F, 2.1F, 3.0F, 3.1F};

TEST(InferenceRequest, AsJsonIsTheExampleOfTheSpecification) {
  const auto encoded = encode_as_json(example_request({"\1", 1}));
  EXPECT_EQ(body_of(encoded), minified(kJsonRequest));
  EXPECT_THAT(encoded.headers, ElementsAre(Pair("Content-Type", "application/json")));
}

TEST(InferenceRequest, AsBinaryIsTheExampleOfTheSpecificationWithNineteenBytesBehindIt) {
  auto request = example_request({"\1\0\1", 3});
  request.id = "";
  const auto encoded = encode_as_binary(request);
  const auto head = minified(kBinaryRequest);
  EXPECT_EQ(body_of(encoded), head + kInput0 + std::string("\1\0\1", 3));
  EXPECT_EQ(body_of(encoded).size(), head.size() + 19);
  EXPECT_THAT(encoded.headers,
              ElementsAre(Pair("Content-Type", "application/octet-stream"),
                          Pair("Inference-Header-Content-Length", std::to_string(head.size()))));
}

TEST(InferenceRequest, WithoutNamedOutputsAsksForAllOfThemInBinary) {
  auto request = example_request({"\1\0\1", 3});
  request.outputs.clear();
  const auto head = Json::parse(encode_as_binary(request).parts.front().text);
  EXPECT_EQ(head["parameters"], (Json{{"binary_data_output", true}}));
  EXPECT_FALSE(head.contains("outputs"));
  EXPECT_FALSE(Json::parse(body_of(encode_as_json(request))).contains("parameters"));
}

TEST(InferenceRequest, WritesSamplesOfSeveralPartsAsOneList) {
  const std::string first("\0\1", 2), second("\xff\x80", 2);
  const auto encoded =
      encode_as_json({"", {{"x", TensorType::uint8, {2, 2}, {first, second}}}, {}});
  EXPECT_EQ(Json::parse(body_of(encoded))["inputs"][0]["data"], (Json{0, 1, 255, 128}));
}

TEST(InferenceRequest, WritesManySamplesInPiecesThatAreMadeWhenTheyAreSent) {
  const std::string samples(200'000, '\x63');
  const auto encoded = encode_as_json({"", {{"x", TensorType::uint8, {200'000}, {samples}}}, {}});
  for (const auto& part : encoded.parts)
    EXPECT_LT(part.text.size(), 1000u) << "written out before its turn";
  const auto body = body_of(encoded);
  EXPECT_EQ(Json::parse(body)["inputs"][0]["data"], Json(std::vector<int>(200'000, 99)));
}

TEST(InferenceRequest, WritesFloatsSoThatTheyComeBackTheSame) {
  const auto data = floats({0.1F, -3.4e38F, 1.0F / 3});
  const auto encoded = encode_as_json({"", {{"x", TensorType::fp32, {3}, {data}}}, {}});
  std::string back;
  const auto sent = Json::parse(body_of(encoded));
  for (const auto& value : sent["inputs"][0]["data"])
    ASSERT_TRUE(append_number(value, TensorType::fp32, back));
  EXPECT_EQ(back, data);
}

}  // namespace
}  // namespace reelmill
