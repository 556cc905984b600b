// SPDX-License-Identifier: Apache-2.0
#include "net/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reelmill::test {
namespace {

TEST(EncodeUrlPath, LeavesOnlyUnreservedBytesAndSlashesAsTheyAre) {
  std::string all, expected;
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    all += c;
    const bool is_plain = byte < 0x80 && (std::isalnum(byte) != 0 ||
                                          std::string_view("-._~/").find(c) != std::string::npos);
    expected += is_plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  EXPECT_EQ(encode_url_path(all), expected);
}

TEST(HttpUrl, IsTakenApartIntoWhatMayBeShownAndWhatMayNot) {
  const auto url = parse_http_url("https://me%40home:pa%3Ass@host:8443/a%20b?token=x#part");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->username, "me@home");
  EXPECT_EQ(url->password, "pa:ss");
  EXPECT_EQ(url->address, "https://host:8443/a%20b?token=x");
  EXPECT_EQ(url->shown, "https://host:8443/a%20b");
  EXPECT_EQ(url->origin, "https://host:8443");
  EXPECT_TRUE(url->has_query);
  EXPECT_TRUE(url->has_fragment);
}

TEST(HttpUrl, AnErrorDoesNotRepeatTheAddress) {
  for (const auto* text : {"", "host/x", "s3://me:hunter2@bucket/x", "http://me:hunter2@/",
                           "http://me:hunter2@host:port/", "http://me:hunter2@ho st/"}) {
    const auto url = parse_http_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().kind, ErrorKind::invalid_input);
    EXPECT_THAT(url.error().message, testing::Not(testing::HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace reelmill::test
