// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http_client.h"

namespace reelmill::test {
namespace {
using namespace std::chrono_literals;

HttpResponse response_with(int status, std::map<std::string, std::string> headers = {}) {
  HttpResponse response;
  response.status = status;
  response.headers = std::move(headers);
  return response;
}

Duration retry_after(std::map<std::string, std::string> headers) {
  return error_of_status(response_with(503, std::move(headers)), "PUT x")->retry_after;
}

TEST(HttpStatus, SuccessIsNoError) {
  for (const int status : {200, 201, 204, 299})
    EXPECT_FALSE(error_of_status(response_with(status), "PUT x")) << status;
}

class HttpStatusKind : public testing::TestWithParam<std::pair<int, ErrorKind>> {};

TEST_P(HttpStatusKind, IsWhatCanBeDoneAboutIt) {
  const auto error = error_of_status(response_with(GetParam().first), "PUT x");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, GetParam().second) << to_string(error->kind);
  EXPECT_TRUE(error->was_sent);
}

INSTANTIATE_TEST_SUITE_P(
    All, HttpStatusKind,
    testing::Values(std::pair(301, ErrorKind::invalid_input),
                    std::pair(400, ErrorKind::invalid_input), std::pair(401, ErrorKind::denied),
                    std::pair(403, ErrorKind::denied), std::pair(404, ErrorKind::not_found),
                    std::pair(408, ErrorKind::timeout), std::pair(409, ErrorKind::invalid_input),
                    std::pair(413, ErrorKind::invalid_input),
                    std::pair(423, ErrorKind::unavailable), std::pair(425, ErrorKind::unavailable),
                    std::pair(429, ErrorKind::throttled), std::pair(500, ErrorKind::unavailable),
                    std::pair(501, ErrorKind::unavailable), std::pair(502, ErrorKind::unavailable),
                    std::pair(503, ErrorKind::unavailable), std::pair(504, ErrorKind::unavailable),
                    std::pair(507, ErrorKind::exhausted), std::pair(599, ErrorKind::unavailable)));

TEST(HttpStatus, TheMessageSaysWhatWasDoneAndWhatCameBack) {
  auto response = response_with(403, {{"content-type", "text/plain"}});
  response.body = "the bucket is sealed\nask Ann";
  EXPECT_EQ(error_of_status(response, "PUT http://h/x")->message,
            "PUT http://h/x: 403 Forbidden: the bucket is sealed");
}

TEST(HttpStatus, AWebPageAndBytesAreNotQuoted) {
  auto page = response_with(404, {{"content-type", "text/html; charset=utf-8"}});
  page.body = "<html>";
  EXPECT_EQ(error_of_status(page, "GET x")->message, "GET x: 404 Not Found");
  auto bytes = response_with(404);
  bytes.body = "\x1b[31mred";
  EXPECT_EQ(error_of_status(bytes, "GET x")->message, "GET x: 404 Not Found");
}

TEST(HttpStatus, RetryAfterInSeconds) {
  EXPECT_EQ(retry_after({{"retry-after", "7"}}), 7s);
  EXPECT_EQ(retry_after({}), 0s);
}

TEST(HttpStatus, RetryAfterAsADateIsTakenAgainstTheServersClock) {
  EXPECT_EQ(retry_after({{"retry-after", "Wed, 21 Oct 2015 07:28:30 GMT"},
                         {"date", "Wed, 21 Oct 2015 07:28:00 GMT"}}),
            30s);
}

TEST(HttpStatus, RetryAfterAsADateWithoutAServersClockIsTakenAgainstOurs) {
  EXPECT_EQ(retry_after({{"retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"}}), 0s);
  EXPECT_EQ(retry_after({{"retry-after", "Fri, 01 Jan 2100 00:00:00 GMT"}}), 24h);
}

TEST(HttpStatus, RetryAfterIsNeverNegativeNorMoreThanADay) {
  EXPECT_EQ(retry_after({{"retry-after", "-5"}}), 0s);
  EXPECT_EQ(retry_after({{"retry-after", "999999999999999999999999"}}), 24h);
  EXPECT_EQ(retry_after({{"retry-after", "100000000"}}), 24h);
  EXPECT_EQ(retry_after({{"retry-after", "soon"}}), 0s);
}

}  // namespace
}  // namespace reelmill::test
