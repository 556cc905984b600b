// SPDX-License-Identifier: Apache-2.0
#include "net/request_body.h"

#include <string>

#include <gtest/gtest.h>

namespace reelmill {
namespace {

std::string read_all(RequestBody& body, std::size_t at_a_time) {
  std::string all, space(at_a_time, '\0');
  while (const auto count = *body.read(space)) all.append(space.data(), count);
  return all;
}

TEST(RequestBody, SendsItsPartsOneAfterTheOtherHoweverLittleIsAskedFor) {
  for (const std::size_t at_a_time : {1, 2, 3, 5, 100}) {
    const std::vector<BodyPart> parts{
        {.text = "head"},
        {},
        {.lent = "a"},
        {.made = [] { return std::string("tensor"); }, .made_bytes = 6},
        {}};
    auto body = RequestBody::of_parts(parts);
    EXPECT_EQ(body.size(), 11u);
    EXPECT_EQ(read_all(body, at_a_time), "headatensor") << at_a_time;
  }
}

TEST(RequestBody, GoesBackIntoTheMiddleOfAPart) {
  const std::vector<BodyPart> parts{{.text = "head"}, {.lent = "tensor"}};
  auto body = RequestBody::of_parts(parts);
  read_all(body, 4);
  body.seek(3);
  EXPECT_EQ(read_all(body, 4), "dtensor");
}

TEST(RequestBody, MakesATextOnceEachTimeItIsSent) {
  int made = 0;
  const std::vector<BodyPart> parts{{.made =
                                         [&] {
                                           ++made;
                                           return std::string("tensor");
                                         },
                                     .made_bytes = 6},
                                    {.text = "end"}};
  auto body = RequestBody::of_parts(parts);
  EXPECT_EQ(made, 0);
  EXPECT_EQ(read_all(body, 2), "tensorend");
  EXPECT_EQ(made, 1);
}

TEST(RequestBody, RefusesAMadeTextOfAnotherSizeThanPromised) {
  const std::vector<BodyPart> parts{{.made = [] { return std::string("tens"); }, .made_bytes = 6}};
  auto body = RequestBody::of_parts(parts);
  std::string space(10, '\0');
  const auto read = body.read(space);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "a part of the request has 4 bytes, promised were 6");
}

}  // namespace
}  // namespace reelmill
