// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/version.h"
#include "tests/support/fault_server.h"
#include "tests/support/nginx_server.h"
#include "tests/support/temp_folder.h"

namespace reelmill::test {
namespace {
using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;
using Fault = Reply::Fault;
using Moment = Reply::Moment;

HttpRequest put(const std::string& url, std::string body) {
  HttpRequest request;
  request.method = "PUT";
  request.url = url;
  request.body = std::move(body);
  return request;
}

HttpRequest get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  return request;
}

TEST(HttpClient, SendsMethodHeadersAndBodyAndReadsTheAnswer) {
  FaultServer server;
  server.next({{.status = 200, .headers = {{"X-Reply", "yes"}}, .body = "thanks"}});
  auto request = put(server.url() + "/a/b", "content");
  request.headers = {{"X-Colour", "teal"}, {"X-Empty", ""}};
  HttpClient client;
  const auto response = client.send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "thanks");
  EXPECT_EQ(response->bytes_sent, 7u);
  EXPECT_THAT(response->headers, Contains(Pair("x-reply", "yes")));
  const auto received = server.requests().at(0);
  EXPECT_EQ(received.method, "PUT");
  EXPECT_EQ(received.target, "/a/b");
  EXPECT_EQ(received.body, "content");
  EXPECT_THAT(received.headers, Contains(Pair("x-colour", "teal")));
  EXPECT_THAT(received.headers, Contains(Pair("x-empty", "")));
  EXPECT_THAT(received.headers, Contains(Pair("user-agent", std::string("reelmill/") + kVersion)));
  EXPECT_THAT(received.headers, Not(Contains(Key("transfer-encoding"))));
}

TEST(HttpClient, BlanksAroundTheValueOfAHeaderAreNoPartOfIt) {
  FaultServer server;
  server.next({{.status = 503, .headers = {{"Retry-After", "\t7 \t "}}}});
  HttpClient client;
  const auto response = client.send(get(server.url() + "/a"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_THAT(response->headers, Contains(Pair("retry-after", "7")));
}

TEST(HttpClient, ReusesItsConnection) {
  FaultServer server;
  HttpClient client;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(client.send(put(server.url() + "/x", "body")));
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(server.requests().size(), 5u);
}

TEST(HttpClient, ReplacesAKeptConnectionThatTheServerClosed) {
  FaultServer server;
  HttpClient client;
  ASSERT_TRUE(client.send(put(server.url() + "/1", "one")));
  server.next({{.fault = Fault::close, .moment = Moment::after_head}});
  ASSERT_TRUE(client.send(put(server.url() + "/2", "two")));
  EXPECT_THAT(server.objects(), Contains(Pair("2", "two")));
  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpClient, NeverSendsAnUnsafeRequestTwice) {
  FaultServer server;
  HttpClient client;
  ASSERT_TRUE(client.send(put(server.url() + "/1", "one")));
  server.next({{.fault = Fault::close}});
  auto request = put(server.url() + "/2", "two");
  request.method = "POST";
  const auto response = client.send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(response.error().was_sent);
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(HttpClient, SendsSmallBodiesAtOnceAndAsksBeforeLargeOnes) {
  FaultServer server;
  HttpClient client;
  ASSERT_TRUE(client.send(put(server.url() + "/small", "x")));
  ASSERT_TRUE(client.send(put(server.url() + "/large", std::string(2 << 20, 'x'))));
  EXPECT_THAT(server.requests().at(0).headers, Not(Contains(Key("expect"))));
  EXPECT_THAT(server.requests().at(1).headers, Contains(Pair("expect", "100-continue")));
}

TEST(HttpClient, ALargeBodyThatIsRefusedUpFrontIsNotSent) {
  FaultServer server;
  HttpClient client;
  server.next({{.moment = Moment::after_head, .status = 413}});
  const auto response = client.send(put(server.url() + "/large", std::string(64 << 20, 'x')));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->bytes_sent, 0u);
}

TEST(HttpClient, KeepsAtMostAMebibyteOfAnAnswer) {
  FaultServer server;
  server.next({{.status = 200, .body = std::string(3 << 20, 'x')}});
  HttpClient client;
  const auto response = client.send(get(server.url() + "/x"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body.size(), 1u << 20);
  ASSERT_TRUE(client.send(get(server.url() + "/x")));
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, FollowsRedirectsOfRequestsWithoutABodyOnly) {
  FaultServer server;
  const Reply moved{.status = 307, .headers = {{"Location", "/there"}}};
  HttpClient client;
  server.next({moved});
  const auto got = client.send(get(server.url() + "/here"));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 201);
  EXPECT_EQ(server.requests().at(1).target, "/there");
  server.next({moved});
  const auto sent = client.send(put(server.url() + "/here", "x"));
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->status, 307);
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST(HttpClient, SendsTheCredentialsOfTheUrlAndShowsThemNowhere) {
  FaultServer server;
  server.usually({.fault = Fault::reset});
  const auto with_login = "http://me:hunter%202@127.0.0.1:" + std::to_string(server.port());
  HttpClient client;
  const auto response = client.send(put(with_login + "/x?token=s3cret#part", "body"));
  ASSERT_FALSE(response);
  EXPECT_THAT(server.requests().at(0).headers,
              Contains(Pair("authorization", "Basic bWU6aHVudGVyIDI=")));  // me:hunter 2
  EXPECT_EQ(server.requests().at(0).target, "/x?token=s3cret");
  EXPECT_THAT(response.error().message, AllOf(HasSubstr("PUT " + server.url() + "/x: "),
                                              Not(HasSubstr("hunter")), Not(HasSubstr("s3cret"))));
}

TEST(HttpClient, ALoginOfItsOwnGoesBeforeThatOfTheUrl) {
  FaultServer server;
  auto request = put("http://other:login@127.0.0.1:" + std::to_string(server.port()) + "/x", "");
  request.username = "me";
  request.password = "a:b";
  HttpClient client;
  ASSERT_TRUE(client.send(request));
  EXPECT_THAT(server.requests().at(0).headers, Contains(Pair("authorization", "Basic bWU6YTpi")));
}

TEST(HttpClient, AddressesAreSentAsTheyAreWritten) {
  FaultServer server;
  HttpClient client;
  ASSERT_TRUE(client.send(get(server.url() + "/a/../b/./c//d%2Fe%41")));
  EXPECT_EQ(server.requests().at(0).target, "/a/../b/./c//d%2Fe%41");
}

// --- failures -------------------------------------------------------------------------------

TEST(HttpClientFailure, ARefusedConnectionNeverSentAnything) {
  const auto url = "http://127.0.0.1:" + std::to_string(free_port()) + "/x";
  HttpClient client;
  const auto response = client.send(put(url, "body"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(response.error().was_sent);
  EXPECT_EQ(response.error().message,
            "PUT " + url + ": connection refused: is the service running?");
}

TEST(HttpClientFailure, AHostNameThatDoesNotResolveNeverSentAnything) {
  HttpClient client;
  const auto response = client.send(get("http://no-such-host.invalid/x"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(response.error().was_sent);
  EXPECT_THAT(response.error().message, HasSubstr("does not resolve"));
}

struct BrokenReply {
  std::string name;
  Reply reply;
  std::string text;
};

class HttpClientBrokenReply : public testing::TestWithParam<BrokenReply> {};

TEST_P(HttpClientBrokenReply, IsUnavailableAndMayHaveArrived) {
  FaultServer server;
  server.next({GetParam().reply});
  HttpClient client;
  const auto response = client.send(put(server.url() + "/x", std::string(1 << 20, 'x')));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(response.error().was_sent);
  EXPECT_THAT(response.error().message,
              AllOf(HasSubstr("PUT " + server.url() + "/x: "), HasSubstr(GetParam().text)));
  EXPECT_EQ(server.requests().size(), 1u) << "it was sent again";
  ASSERT_TRUE(client.send(put(server.url() + "/x", "next"))) << "the client did not recover";
}

INSTANTIATE_TEST_SUITE_P(
    All, HttpClientBrokenReply,
    testing::Values(
        BrokenReply{"ResetBeforeTheBody",
                    {.fault = Fault::reset, .moment = Moment::after_head},
                    "the connection broke"},
        BrokenReply{"ResetWithinTheBody",
                    {.fault = Fault::reset, .moment = Moment::within_body},
                    "the connection broke"},
        BrokenReply{"ResetInsteadOfAnAnswer", {.fault = Fault::reset}, "the connection broke"},
        BrokenReply{"ClosedWithoutAnAnswer", {.fault = Fault::close}, "without an answer"},
        BrokenReply{"ClosedWithinTheAnswer",
                    {.fault = Fault::short_answer, .body = "half"},
                    "in the middle of its answer"},
        BrokenReply{"NotHttp", {.fault = Fault::nonsense}, "is not HTTP"}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(HttpClientFailure, AnAnswerThatDoesNotComeInTimeIsATimeout) {
  FaultServer server;
  server.usually({.fault = Fault::hang});
  auto request = put(server.url() + "/x", "body");
  const auto started = system_clock().now();
  request.deadline = started + 200ms;
  HttpClient client;
  const auto response = client.send(request);
  const auto took = system_clock().now() - started;
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::timeout);
  EXPECT_TRUE(response.error().was_sent);
  // What was left of the 200 ms when the request began.
  EXPECT_THAT(response.error().message, testing::ContainsRegex("no answer within 0\\.(1|2)"));
  EXPECT_GE(took, 200ms);
  EXPECT_LT(took, 2s);
}

TEST(HttpClientFailure, ADeadlineThatHasPassedSendsNothing) {
  FaultServer server;
  auto request = put(server.url() + "/x", "body");
  request.deadline = system_clock().now();
  HttpClient client;
  const auto response = client.send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::timeout);
  EXPECT_FALSE(response.error().was_sent);
  EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClientFailure, AStopEndsAHangingRequestAtOnce) {
  FaultServer server;
  server.usually({.fault = Fault::hang});
  std::stop_source stop;
  auto request = put(server.url() + "/x", std::string(8 << 20, 'x'));
  request.stop = stop.get_token();
  HttpClient client;
  Clock::time_point stopped_at;
  std::jthread stopper([&] {
    EXPECT_TRUE(server.wait_for_requests(1));
    stopped_at = system_clock().now();
    stop.request_stop();
  });
  const auto response = client.send(request);
  const auto ended_at = system_clock().now();
  stopper.join();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(response.error().was_sent);
  EXPECT_LT(ended_at - stopped_at, 500ms);  // without the wake-up the poll alone lasts a second
}

TEST(HttpClientFailure, AStopThatWasAskedForBeforeSendsNothing) {
  FaultServer server;
  std::stop_source stop;
  stop.request_stop();
  auto request = put(server.url() + "/x", "body");
  request.stop = stop.get_token();
  HttpClient client;
  const auto response = client.send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::cancelled);
  EXPECT_FALSE(response.error().was_sent);
  EXPECT_EQ(server.connections(), 0);
}

struct BadRequest {
  std::string name, url, text;
  std::pair<std::string, std::string> header{"X-A", "1"};
};

class HttpClientBadRequest : public testing::TestWithParam<BadRequest> {};

TEST_P(HttpClientBadRequest, IsInvalidInputAndNeverSent) {
  auto request = get(GetParam().url);
  request.headers = {GetParam().header};
  HttpClient client;
  const auto response = client.send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::invalid_input);
  EXPECT_FALSE(response.error().was_sent);
  EXPECT_THAT(response.error().message,
              AllOf(HasSubstr(GetParam().text), Not(HasSubstr("hunter2"))));
}

INSTANTIATE_TEST_SUITE_P(
    All, HttpClientBadRequest,
    testing::Values(
        BadRequest{"NoAddress", "", "not a web address"},
        BadRequest{"NoHost", "http://me:hunter2@/x", "not a web address"},
        BadRequest{"SpaceInAddress", "http://me:hunter2@host/a b", "not a web address"},
        BadRequest{"OtherScheme", "ftp://me:hunter2@host/x", "not an http or https address"},
        BadRequest{"FileScheme", "file:///etc/passwd", "not an http or https address"},
        BadRequest{"LineBreakInHeader",
                   "http://127.0.0.1:1/",
                   "header X-A: its value has a line",
                   {"X-A", "hunter2\r\nX-B: 2"}},
        BadRequest{"SpaceInHeaderName", "http://127.0.0.1:1/", "a header's name", {"X A", "1"}}),
    [](const auto& param_info) { return param_info.param.name; });

// --- bodies from disk ------------------------------------------------------------------------

struct HttpClientFile : testing::Test {
  TempFolder folder;
  FaultServer server;
  HttpClient client;

  HttpRequest put_file(const std::filesystem::path& file) const {
    auto request = put(server.url() + "/x", "");
    request.body_file = file;
    return request;
  }
};

TEST_F(HttpClientFile, IsSentWithItsLengthInAdvance) {
  std::string content;
  for (int i = 0; i < 500'000; ++i) content += std::to_string(i);
  const auto response = client.send(put_file(folder.write("f", content)));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->bytes_sent, content.size());
  EXPECT_EQ(server.requests().at(0).headers.at("content-length"), std::to_string(content.size()));
  EXPECT_TRUE(server.objects().at("x") == content);
}

TEST_F(HttpClientFile, MayBeEmpty) {
  const auto response = client.send(put_file(folder.write("f", "")));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->bytes_sent, 0u);
  EXPECT_EQ(server.requests().at(0).headers.at("content-length"), "0");
  EXPECT_EQ(server.objects().at("x"), "");
}

TEST_F(HttpClientFile, IsSentAgainFromItsBeginningOnANewConnection) {
  ASSERT_TRUE(client.send(put_file(folder.write("first", "first"))));
  server.next({{.fault = Fault::close, .moment = Moment::after_body}});
  ASSERT_TRUE(client.send(put_file(folder.write("second", "second"))));
  EXPECT_EQ(server.objects().at("x"), "second");
}

TEST_F(HttpClientFile, ThatIsGoneIsNotFound) {
  const auto response = client.send(put_file(folder / "gone"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::not_found);
  EXPECT_FALSE(response.error().was_sent);
  EXPECT_THAT(response.error().message, HasSubstr("gone: No such file"));
}

TEST_F(HttpClientFile, ThatIsAFolderIsRefused) {
  const auto response = client.send(put_file(folder.path()));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpClientFile, ThatShrinksWhileItIsSentIsTheFilesFault) {
  const auto file = folder.write("f", std::string(32 << 20, 'x'));
  server.decide([&](const ReceivedRequest&) {  // runs when the head has arrived
    std::filesystem::resize_file(file, 100);
    return Reply{};
  });
  const auto response = client.send(put_file(file));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::invalid_input);
  EXPECT_THAT(response.error().message, HasSubstr("it shrank"));
}

}  // namespace
}  // namespace reelmill::test
