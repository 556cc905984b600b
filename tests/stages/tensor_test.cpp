// SPDX-License-Identifier: Apache-2.0
#include "stages/api/tensor.h"

#include <cmath>

#include <gmock/gmock.h>

namespace reelmill {
namespace {

template <class T>
std::string packed(std::initializer_list<T> values) {
  std::string data;
  for (const T value : values) data.append(reinterpret_cast<const char*>(&value), sizeof value);
  return data;
}

TEST(Tensor, NestsItsValuesAsItsShapeSays) {
  const Tensor tensor{"t", TensorType::int16, {2, 3}, packed<std::int16_t>({1, 2, 3, -4, 5, 6})};
  EXPECT_EQ(values_of(tensor), (Json{{1, 2, 3}, {-4, 5, 6}}));
}

TEST(Tensor, WithoutDimensionsIsANumberAlone) {
  EXPECT_EQ(values_of({"t", TensorType::uint64, {}, packed<std::uint64_t>({~0ULL})}), Json(~0ULL));
}

TEST(Tensor, PrintsAFloatAsBrieflyAsItComesBack) {
  EXPECT_EQ(values_of({"t", TensorType::fp32, {2}, packed<float>({0.1F, 16777216.0F})}).dump(),
            "[0.1,16777216.0]");
}

TEST(Tensor, MakesNumbersThatAreNotFiniteNull) {
  EXPECT_EQ(values_of({"t", TensorType::fp64, {2}, packed<double>({NAN, -INFINITY})}).dump(),
            "[null,null]");
}

TEST(Tensor, ReadsHalfPrecision) {
  // 1, -2, the smallest subnormal, the largest, infinity: IEEE 754 binary16.
  const Tensor tensor{
      "t", TensorType::fp16, {5}, packed<std::uint16_t>({0x3C00, 0xC000, 0x0001, 0x7BFF, 0x7C00})};
  EXPECT_EQ(values_of(tensor), (Json{1.0, -2.0, std::ldexp(1.0, -24), 65504.0, nullptr}));
}

TEST(Tensor, WhoseDataDoesNotFitItsShapeHasNoValues) {
  EXPECT_EQ(values_of({"t", TensorType::fp32, {2}, packed<float>({1})}), Json(nullptr));
}

TEST(Tensor, WithASizeOfZeroIsAnEmptyListHoweverLargeTheOthersAre) {
  EXPECT_EQ(values_of({"t", TensorType::fp32, {100'000'000, 0}, ""}), Json::array());
  EXPECT_EQ(values_of({"t", TensorType::bytes, {100'000'000, 0}, ""}), Json::array());
  EXPECT_EQ(values_of({"t", TensorType::fp64, {std::int64_t{1} << 61}, ""}), Json(nullptr));
}

TEST(Tensor, TakesNumbersOnlyWithinItsType) {
  std::string data;
  EXPECT_TRUE(append_number(255, TensorType::uint8, data));
  EXPECT_FALSE(append_number(256, TensorType::uint8, data));
  EXPECT_FALSE(append_number(-1, TensorType::uint64, data));
  EXPECT_TRUE(append_number(-128, TensorType::int8, data));
  EXPECT_FALSE(append_number(-129, TensorType::int8, data));
  EXPECT_FALSE(append_number(1.5, TensorType::int32, data));
  EXPECT_FALSE(append_number(1, TensorType::boolean, data));
  EXPECT_EQ(data.size(), 2u);
}

TEST(Tensor, SplitsByteStringsOnlyWhereTheirLengthsAddUp) {
  std::string data;
  append_bytes("ab", data);
  append_bytes("", data);
  EXPECT_THAT(*byte_elements(data), testing::ElementsAre("ab", ""));
  data.pop_back();
  EXPECT_FALSE(byte_elements(data).has_value());
}

TEST(Tensor, KnowsEveryTypeByItsName) {
  for (const char* name : {"BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32",
                           "INT64", "FP16", "FP32", "FP64", "BYTES"}) {
    const auto type = parse_tensor_type(name);
    ASSERT_TRUE(type) << name;
    EXPECT_EQ(to_string(*type), name);
  }
  EXPECT_FALSE(parse_tensor_type("fp32"));
}

}  // namespace
}  // namespace reelmill
