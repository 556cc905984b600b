// SPDX-License-Identifier: Apache-2.0
// The upload leg of a whole run against services that refuse, fail, hang and come back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "tests/support/fault_server.h"
#include "tests/support/nginx_server.h"
#include "tests/support/tool_run.h"

namespace reelmill::test {
namespace {
namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;
using Fault = Reply::Fault;

/// What can be compared and still be read when it differs.
std::map<std::string, std::string> names_and_digests(
    const std::map<std::string, std::string>& objects) {
  std::map<std::string, std::string> digests;
  for (const auto& [name, content] : objects) digests[name] = hex64(xxh3(content));
  return digests;
}

class Publish : public testing::Test {
 protected:
  /// A guard that is quick to try again, so that outages pass at a test's pace.
  fs::path configuration(const std::string& to, const std::string& more = "") const {
    return folder_.write("publish.yaml", R"(version: 1
name: publish
limits: { drain_timeout: 1s }
guards:
  store:
    retry: { strategy: fixed, max_attempts: 50, base_delay: 20ms }
    breaker: { failure_threshold: 3, success_threshold: 1, timeout: 50ms, max_timeout: 200ms,
               ramp_step: 0s }
    timeout: { attempt: 5s, total: 10m }
stages:
  - { id: frames, use: decode }
  - { id: shots, use: shots, from: frames }
  - { id: thumbs, use: thumbnails, from: [frames, shots] }
  - { id: publish, use: upload, from: [shots, thumbs], guard: store,
      with: { to: ")" + to + "\"" + more + " } }\n");
  }

  Command command(const fs::path& config) const {
    return tool_run({sample_clips().native()}, config, out_);
  }

  /// Everything that a finished run should have delivered below `prefix`.
  std::map<std::string, std::string> expected(const std::string& prefix) const {
    std::map<std::string, std::string> objects;
    for (const auto* kept : {"results", "artifacts"})
      for (auto& [name, content] : contents(out_ / kept))
        objects[prefix + kept + "/" + name] = std::move(content);
    return names_and_digests(objects);
  }

  std::int64_t pending() const { return report_of(out_)["uploads"]["pending"]; }

  TempFolder folder_;
  const fs::path out_ = folder_ / "out";
};

TEST_F(Publish, NginxHoldsWhatTheOutputHolds) {
  if (!NginxServer::is_installed()) GTEST_SKIP() << "needs nginx-light";
  NginxServer server;
  const auto result = run(command(configuration(server.url() + "/archive")));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(names_and_digests(contents(server.files())), expected("archive/"));
}

struct Refusal {
  std::string name;
  int status;
  std::string text;
  /// What test lists show.
  friend void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.text; }
};

class PublishRefused : public Publish, public testing::WithParamInterface<Refusal> {};

TEST_P(PublishRefused, TheLegPausesForTheOperatorAndTheNextRunDelivers) {
  FaultServer server;
  server.usually({.status = GetParam().status});
  const auto config = configuration(server.url());
  const auto refused = run(command(config));
  EXPECT_EQ(refused.exit_code, 5) << refused.err;
  EXPECT_THAT(refused.out + refused.err, HasSubstr(GetParam().text));
  EXPECT_THAT(contents(out_ / "results"), SizeIs(5)) << "analysis goes on";
  EXPECT_THAT(quarantined(out_), IsEmpty());
  EXPECT_THAT(server.objects(), IsEmpty());
  EXPECT_GT(pending(), 5);
  // Four lanes run into it, then one probe every 200 ms.
  EXPECT_THAT(server.requests(), SizeIs(Le(8 + static_cast<std::size_t>(refused.wall_s / 0.2))))
      << "it keeps knocking on a closed door";

  server.usually({});
  const auto mended = run(command(config));
  EXPECT_EQ(mended.exit_code, 0) << mended.err;
  EXPECT_EQ(names_and_digests(server.objects()), expected(""));
  EXPECT_EQ(report_of(out_)["throughput"]["frames"], 0) << "it decoded again";
  EXPECT_EQ(pending(), 0);
}

INSTANTIATE_TEST_SUITE_P(All, PublishRefused,
                         testing::Values(Refusal{"BadCredentials", 401, "401 Unauthorized"},
                                         Refusal{"NoPermission", 403, "403 Forbidden"},
                                         Refusal{"StoreFull", 507, "507 Insufficient Storage"},
                                         Refusal{"WrongAddress", 404, "404 Not Found"}),
                         [](const auto& refusal) { return refusal.param.name; });

TEST_F(Publish, AServiceThatIsDownLeavesUploadsPendingAndTheNextRunDelivers) {
  NginxServer server;
  server.stop();
  const auto config = configuration(server.url());
  const auto down = run(command(config));
  EXPECT_EQ(down.exit_code, 5) << down.err;
  EXPECT_THAT(contents(out_ / "results"), SizeIs(5));
  EXPECT_THAT(quarantined(out_), IsEmpty());
  server.start();
  const auto up = run(command(config));
  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(names_and_digests(contents(server.files())), expected(""));
  EXPECT_EQ(report_of(out_)["throughput"]["frames"], 0);
}

TEST_F(Publish, WhatStagesOutsideOfFromMadeStaysHere) {
  const auto config = folder_.write("some.yaml", R"(version: 1
stages:
  - { id: frames, use: decode }
  - { id: shots, use: shots, from: frames }
  - { id: thumbs, use: thumbnails, from: [frames, shots] }
  - { id: sheet, use: sprite, from: frames }
  - { id: print, use: fingerprint, from: frames }
  - { id: publish, use: upload, from: [shots, thumbs], with: { to: "file:published" } }
)");
  const auto result = run(command(config));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  auto wanted = contents(out_ / "artifacts");
  std::erase_if(wanted, [](const auto& file) {
    return file.first.find("/sprite") != std::string::npos ||
           file.first.find("fingerprint") != std::string::npos;
  });
  EXPECT_LT(wanted.size(), contents(out_ / "artifacts").size());
  EXPECT_FALSE(wanted.empty());
  EXPECT_EQ(names_and_digests(contents(out_ / "published/artifacts")), names_and_digests(wanted));
  EXPECT_EQ(contents(out_ / "published/results").size(), contents(out_ / "results").size());
}

TEST_F(Publish, AnInterruptDoesNotWaitForAServiceThatHangs) {
  FaultServer server;
  server.usually({.fault = Fault::hang});
  const auto config = configuration(server.url());
  ChildProcess child(command(config));
  ASSERT_TRUE(child.wait_until(
      [&] { return !server.requests().empty() && contents(out_ / "results").size() == 5; }));
  const auto interrupted_at = std::chrono::steady_clock::now();
  child.send_signal(SIGINT);
  const auto result = child.wait();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_LT(std::chrono::steady_clock::now() - interrupted_at, std::chrono::seconds(4));

  server.usually({});
  EXPECT_EQ(run(command(config)).exit_code, 0);
  EXPECT_EQ(names_and_digests(server.objects()), expected(""));
}

TEST_F(Publish, SecretsAreSentAndStandNowhereElse) {
  FaultServer server;
  const auto config =
      configuration("http://me:${STORE_PASSWORD}@127.0.0.1:" + std::to_string(server.port()) + "/x",
                    ", headers: [\"X-Token: ${STORE_TOKEN}\"]");
  auto command_with_secrets = command(config);
  command_with_secrets.environment = {{"STORE_PASSWORD", "hunter2"}, {"STORE_TOKEN", "t0ken"}};
  std::replace(command_with_secrets.arguments.begin(), command_with_secrets.arguments.end(),
               std::string("warning"), std::string("debug"));
  server.next({{.status = 401}, {.status = 503}, {.fault = Fault::reset}, {.status = 302}});
  const auto result = run(command_with_secrets);
  ASSERT_FALSE(server.requests().empty()) << result.err;
  for (const auto& request : server.requests()) {
    EXPECT_EQ(request.headers.at("authorization"), "Basic bWU6aHVudGVyMg==");
    EXPECT_EQ(request.headers.at("x-token"), "t0ken");
  }
  auto everything = contents(out_);
  everything["(printed)"] = result.out + result.err;
  for (const auto& [name, content] : everything)
    for (const auto* secret : {"hunter2", "t0ken", "bWU6aHVudGVyMg"})
      EXPECT_EQ(content.find(secret), content.npos) << secret << " stands in " << name;
}

}  // namespace
}  // namespace reelmill::test
