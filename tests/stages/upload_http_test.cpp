// SPDX-License-Identifier: Apache-2.0
// upload to: http(s)://, against a server that fails as told and against a real nginx.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/upload/http_target.h"
#include "tests/stages/upload_support.h"
#include "tests/support/fault_server.h"
#include "tests/support/nginx_server.h"

namespace reelmill::test {
namespace {
namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using Fault = Reply::Fault;

HttpTargetOptions options_for(const std::string& prefix) {
  HttpTargetOptions options;
  options.prefix = *parse_http_url(prefix);
  return options;
}

struct HttpTargetTest : testing::Test {
  TempFolder folder;
  FaultServer server;
  HttpTarget target{options_for(server.url() + "/prefix/")};

  CallItem item(std::string name = "v/a.json", const std::string& content = "content") const {
    return item_of(folder.write("file", content), std::move(name));
  }
};

TEST_F(HttpTargetTest, PutsTheFileBelowThePrefixWithItsType) {
  const auto outcome = target.put(item(), {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->bytes_sent, 7u);
  EXPECT_EQ(outcome->location, server.url() + "/prefix/v/a.json");
  EXPECT_THAT(server.objects(), Contains(Pair("prefix/v/a.json", "content")));
  EXPECT_EQ(server.requests().at(0).headers.at("content-type"), "application/json");
}

TEST_F(HttpTargetTest, EncodesNamesByteByByte) {
  ASSERT_TRUE(target.put(item("a b/100%?#+\xff\n.json"), {}));
  EXPECT_EQ(server.requests().at(0).target, "/prefix/a%20b/100%25%3F%23%2B%FF%0A.json");
}

TEST_F(HttpTargetTest, SendsTheConfiguredHeadersAndLogin) {
  auto options = options_for(server.url());
  options.headers = {{"X-Token", "t"}};
  options.username = "me";
  options.password = "hunter2";
  HttpTarget with_login(std::move(options));
  ASSERT_TRUE(with_login.put(item(), {}));
  const auto headers = server.requests().at(0).headers;
  EXPECT_THAT(headers, Contains(Pair("x-token", "t")));
  EXPECT_THAT(headers, Contains(Pair("authorization", "Basic bWU6aHVudGVyMg==")));
  EXPECT_EQ(with_login.name(), server.url());
}

TEST_F(HttpTargetTest, ItemsOfOneThreadShareAConnection) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(target.put(item("v/" + std::to_string(i)), {}));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpTargetTest, CallsAtTheSameTimeHaveConnectionsOfTheirOwnAndKeepThem) {
  server.usually({.fault = Fault::hang});
  const auto one = item();
  const auto put_two_at_once = [&](std::size_t requests_before) {
    std::jthread other([&] { EXPECT_TRUE(target.put(one, {})); });
    std::jthread another([&] { EXPECT_TRUE(target.put(one, {})); });
    EXPECT_TRUE(server.wait_for_requests(requests_before + 2));
    server.release();
  };
  put_two_at_once(0);
  put_two_at_once(2);
  EXPECT_EQ(server.connections(), 2);
}

struct StatusCase {
  int status;
  ErrorKind kind;
  std::string text;
};

class HttpTargetStatus : public HttpTargetTest, public testing::WithParamInterface<StatusCase> {};

TEST_P(HttpTargetStatus, TellsTheItemsFaultFromTheTargets) {
  server.usually({.status = GetParam().status});
  const auto outcome = target.put(item(), {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, GetParam().kind) << to_string(outcome.error().kind);
  EXPECT_THAT(
      outcome.error().message,
      AllOf(HasSubstr("PUT " + server.url() + "/prefix/v/a.json: "), HasSubstr(GetParam().text)));
  EXPECT_EQ(server.requests().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    All, HttpTargetStatus,
    testing::Values(StatusCase{400, ErrorKind::invalid_input, "400 Bad Request"},
                    StatusCase{413, ErrorKind::invalid_input, "413"},
                    StatusCase{401, ErrorKind::denied, "401 Unauthorized"},
                    StatusCase{403, ErrorKind::denied, "403 Forbidden"},
                    StatusCase{507, ErrorKind::exhausted, "507 Insufficient Storage"},
                    StatusCase{429, ErrorKind::throttled, "429"},
                    StatusCase{503, ErrorKind::unavailable, "503"},
                    StatusCase{404, ErrorKind::denied, "is `to` right"},
                    StatusCase{405, ErrorKind::denied, "does not take PUT"},
                    StatusCase{501, ErrorKind::denied, "does not take PUT"},
                    StatusCase{409, ErrorKind::denied, "folders created first"},
                    StatusCase{302, ErrorKind::denied, "redirects are not followed"}),
    [](const auto& param_info) { return std::to_string(param_info.param.status); });

TEST_F(HttpTargetTest, ARedirectSaysWhereTheTargetMoved) {
  server.usually(
      {.status = 301, .headers = {{"Location", "https://u:p@new.example/prefix/v/a.json?t=1"}}});
  const auto outcome = target.put(item(), {});
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("https://new.example/prefix/v/a.json"));
  EXPECT_THAT(outcome.error().message, Not(HasSubstr("u:p")));
}

TEST_F(HttpTargetTest, ARedirectOfAHiddenAddressSaysTheHostAlone) {
  auto options = options_for(server.url() + "/t0ken");
  options.prefix.shown = options.prefix.origin + "/...";
  HttpTarget hidden(std::move(options));
  server.usually({.status = 301, .headers = {{"Location", "https://new.example/t0ken/v/a.json"}}});
  const auto outcome = hidden.put(item(), {});
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message,
              AllOf(HasSubstr("https://new.example"), Not(HasSubstr("t0ken"))));
}

TEST_F(HttpTargetTest, WhatTheServerSaysOfAHiddenAddressIsHiddenToo) {
  auto options = options_for(server.url() + "/t0ken/x/");
  options.prefix.shown = options.prefix.origin + "/...";
  HttpTarget hidden(std::move(options));
  server.usually({.status = 404,
                  .headers = {{"Content-Type", "text/plain"}},
                  .body = "no /t0ken/x/v/a.json below /t0ken/x"});
  const auto outcome = hidden.put(item(), {});
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message,
              AllOf(HasSubstr("no /.../v/a.json below /..."), Not(HasSubstr("t0ken"))));
}

TEST_F(HttpTargetTest, ABusyServersWishIsPassedOn) {
  server.usually({.status = 503, .headers = {{"Retry-After", "17"}}});
  EXPECT_EQ(target.put(item(), {}).error().retry_after, 17s);
}

TEST_F(HttpTargetTest, ABrokenConnectionMayHaveDelivered) {
  server.usually({.fault = Fault::reset});
  const auto outcome = target.put(item(), {});
  EXPECT_EQ(outcome.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(outcome.error().was_sent);
}

TEST_F(HttpTargetTest, AFileThatChangedOrWentIsNotSent) {
  auto changed = item();
  changed.bytes += 1;
  EXPECT_EQ(target.put(changed, {}).error().kind, ErrorKind::invalid_input);
  auto gone = item();
  gone.file = folder / "gone";
  EXPECT_EQ(target.put(gone, {}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpTargetTest, WhatComesFromTheEnvironmentIsNotShown) {
  auto options = options_for(server.url() + "/t0ken");
  options.prefix.shown = options.prefix.origin + "/...";
  HttpTarget secret(std::move(options));
  server.usually({.fault = Fault::reset});
  const auto outcome = secret.put(item(), {});
  EXPECT_THAT(outcome.error().message,
              AllOf(HasSubstr(server.url() + "/.../v/a.json"), Not(HasSubstr("t0ken"))));
}

// --- against nginx ---------------------------------------------------------------------------

struct NginxTest : testing::Test {
  void SetUp() override {
    if (!NginxServer::is_installed())
      GTEST_SKIP() << "needs nginx-light and libnginx-mod-http-dav-ext";
  }
  TempFolder folder;
};

class NginxNames : public NginxTest, public testing::WithParamInterface<std::string> {};

TEST_P(NginxNames, ArriveByteIdentical) {
  NginxServer server;
  HttpTarget target(options_for(server.url() + "/in"));
  const auto outcome = target.put(item_of(folder.write("x", "content"), GetParam()), {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  ASSERT_TRUE(fs::exists(server.files() / "in" / GetParam()));
  EXPECT_EQ(read_file(server.files() / "in" / GetParam()), "content");
}

INSTANTIATE_TEST_SUITE_P(All, NginxNames,
                         testing::Values("plain.json", "with spaces/and more .json", "100%.json",
                                         "%41%2F.json", "what?.json", "a#b.json", "a+b&c=d;e.json",
                                         "gr\xc3\xbc\xc3\x9f e/\xf0\x9f\x8e\xac.json",
                                         "invalid \xff\xfe utf-8.json", "line\nbreak.json",
                                         "quote'\"\\.json", "-leading dash", "tab\there",
                                         "a/b/c/d/e", "~tilde", "..dots.", "...",
                                         std::string(255, 'n')));

TEST_F(NginxTest, EmptyAndLargeFilesArriveByteIdentical) {
  NginxServer server;
  HttpTarget target(options_for(server.url()));
  ASSERT_TRUE(target.put(item_of(folder.write("empty", ""), "empty"), {}));
  EXPECT_EQ(read_file(server.files() / "empty"), "");

  std::string large(50'000'000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * i >> 7);
  const auto outcome = target.put(item_of(folder.write("large", large), "large"), {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->bytes_sent, large.size());
  EXPECT_TRUE(read_file(server.files() / "large") == large);
}

TEST_F(NginxTest, ReplacesAnEarlierVersion) {
  NginxServer server;
  HttpTarget target(options_for(server.url()));
  ASSERT_TRUE(target.put(item_of(folder.write("x", "first and longer"), "n"), {}));
  ASSERT_TRUE(target.put(item_of(folder.write("x", "second"), "n"), {}));
  EXPECT_EQ(read_file(server.files() / "n"), "second");
}

TEST_F(NginxTest, AServerThatGoesAndComesBackIsFoundAgain) {
  NginxServer server;
  HttpTarget target(options_for(server.url()));
  const auto item = item_of(folder.write("x", "content"), "n");
  ASSERT_TRUE(target.put(item, {}));
  server.stop();
  const auto outcome = target.put(item, {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(outcome.error().was_sent);
  server.start();
  EXPECT_TRUE(target.put(item, {}));
}

TEST_F(NginxTest, TooLargeIsTheItemsFault) {
  NginxServer server({.location = "client_max_body_size 10;"});
  HttpTarget target(options_for(server.url()));
  for (const std::size_t size : {11u, 4u << 20}) {
    const auto item = item_of(folder.write("x", std::string(size, 'x')), "n");
    const auto outcome = target.put(item, {});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::invalid_input) << outcome.error().message;
  }
}

TEST_F(NginxTest, ALocationWithoutPutIsTheTargetsFault) {
  NginxServer server({.location = "limit_except GET { deny all; }"});
  HttpTarget target(options_for(server.url()));
  const auto outcome = target.put(item_of(folder.write("x", "content"), "n"), {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::denied) << outcome.error().message;
}

TEST_F(NginxTest, AnUntrustedCertificateIsRefusedBeforeAnythingIsSent) {
  NginxServer server({.transport = NginxOptions::Transport::tls});
  HttpTarget target(options_for(server.url()));
  const auto outcome = target.put(item_of(folder.write("x", "content"), "n"), {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::denied);
  EXPECT_FALSE(outcome.error().was_sent);
  EXPECT_THAT(outcome.error().message, HasSubstr("certificate is not trusted"));
  EXPECT_FALSE(fs::exists(server.files() / "n"));
}

TEST_F(NginxTest, ACertificateOfTheGivenAuthorityIsAccepted) {
  NginxServer server({.transport = NginxOptions::Transport::tls});
  auto options = options_for(server.url());
  options.ca_file = server.certificate();
  HttpTarget target(std::move(options));
  std::string large(3'000'000, 'x');
  ASSERT_TRUE(target.put(item_of(folder.write("x", "content"), "n"), {}));
  const auto outcome = target.put(item_of(folder.write("y", large), "large"), {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(read_file(server.files() / "n"), "content");
  EXPECT_TRUE(read_file(server.files() / "large") == large);
}

TEST_F(NginxTest, AServerThatDiesUnderTlsIsUnavailable) {
  NginxServer server({.transport = NginxOptions::Transport::tls});
  auto options = options_for(server.url());
  options.ca_file = server.certificate();
  HttpTarget target(std::move(options));
  const auto item = item_of(folder.write("x", std::string(3'000'000, 'x')), "n");
  ASSERT_TRUE(target.put(item, {}));
  server.stop();
  EXPECT_EQ(target.put(item, {}).error().kind, ErrorKind::unavailable);
  server.start();
  EXPECT_TRUE(target.put(item, {}));
}

TEST_F(NginxTest, ACertificateForAnotherHostIsRefused) {
  NginxServer server({.transport = NginxOptions::Transport::tls});
  auto url = server.url();
  url.replace(url.find("127.0.0.1"), 9, "localhost");
  auto options = options_for(url);
  options.ca_file = server.certificate();
  HttpTarget target(std::move(options));
  const auto outcome = target.put(item_of(folder.write("x", "content"), "n"), {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::denied) << outcome.error().message;
}

}  // namespace
}  // namespace reelmill::test
