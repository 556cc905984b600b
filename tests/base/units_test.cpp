// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <gmock/gmock.h>

#include "tests/support/result_matchers.h"

namespace reelmill {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using testing::IsOkAndHolds;

TEST(Duration, AddsUpItsParts) {
  EXPECT_THAT(parse_duration("250ms"), IsOkAndHolds(Duration(250ms)));
  EXPECT_THAT(parse_duration("1m30s"), IsOkAndHolds(Duration(90s)));
  EXPECT_THAT(parse_duration("0.5 h"), IsOkAndHolds(Duration(30min)));
  EXPECT_THAT(parse_duration("0"), IsOkAndHolds(Duration(0)));
}

class NoDuration : public ::testing::TestWithParam<const char*> {};

TEST_P(NoDuration, IsRefused) {
  EXPECT_THAT(parse_duration(GetParam()), FailsWith(ErrorKind::invalid_input, GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Texts, NoDuration,
                         ::testing::Values("", "5", "s", "-1s", "1x", "1s2", "300000d", "nans",
                                           "-nans", "infs", "infinitys", "nan(1)s", "1snanms"));

TEST(Size, KnowsPowersOf1024AndOf1000) {
  EXPECT_THAT(parse_bytes("64MiB"), IsOkAndHolds(Bytes{64} << 20));
  EXPECT_THAT(parse_bytes("1.5 GB"), IsOkAndHolds(Bytes{1'500'000'000}));
  EXPECT_THAT(parse_bytes("0"), IsOkAndHolds(Bytes{0}));
}

class NoSize : public ::testing::TestWithParam<const char*> {};

TEST_P(NoSize, IsRefused) {
  EXPECT_THAT(parse_bytes(GetParam()), FailsWith(ErrorKind::invalid_input, GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Texts, NoSize,
                         ::testing::Values("", "5", "-1B", "4k", "1MB2", "10000000000GB", "nanB",
                                           "infMiB"));

TEST(Units, WhatIsWrittenIsReadBack) {
  for (const Duration duration : {Duration(0), Duration(1), Duration(90s), Duration(25h + 1ms)})
    EXPECT_THAT(parse_duration(format_duration(duration)), IsOkAndHolds(duration));
  for (const Bytes bytes : {Bytes{1}, Bytes{1500}, Bytes{64} << 20, Bytes{3} << 40})
    EXPECT_THAT(parse_bytes(format_bytes(bytes)), IsOkAndHolds(bytes));
}

TEST(Units, ForPeopleAreShort) {
  EXPECT_EQ(approximate_duration(0.85), "850 ms");
  EXPECT_EQ(approximate_duration(12.4), "12.4 s");
  EXPECT_EQ(approximate_duration(200), "3m 20s");
  EXPECT_EQ(approximate_duration(3720), "1h 02m");
  EXPECT_EQ(approximate_duration(-1), "unknown");
  EXPECT_EQ(approximate_bytes(39.4e6), "39.4 MB");
}

}  // namespace
}  // namespace reelmill
