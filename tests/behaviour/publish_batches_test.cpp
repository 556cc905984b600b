// SPDX-License-Identifier: Apache-2.0
// Whole runs that publish in batches: packed objects and bulk requests.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/bulk_service.h"
#include "tests/support/nginx_server.h"
#include "tests/support/tool_run.h"

namespace reelmill::test {
namespace {
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::Pair;
using testing::SizeIs;

class PublishBatches : public testing::Test {
 protected:
  fs::path configuration(const std::string& with, const std::string& batch) const {
    return folder_.write("publish.yaml", R"(version: 1
name: publish
limits: { drain_timeout: 5s }
guards:
  store:
    retry: { strategy: fixed, max_attempts: 20, base_delay: 20ms }
    timeout: { attempt: 20s, total: 10m }
stages:
  - { id: frames, use: decode }
  - { id: probe, use: probe, from: frames }
  - { id: sprite, use: sprite, from: frames }
  - { id: publish, use: upload, from: [probe, sprite], guard: store, lanes: 2,
      batch: { )" + batch + " },\n      with: { " +
                                             with + " } }\n");
  }
  Command command(const fs::path& config) const {
    return tool_run({sample_clips().native()}, config, out_);
  }
  /// The files of all packs below `folder`, by the names they have in OUT. A file that is in two of
  /// them is a failure.
  std::map<std::string, std::string> unpacked(const fs::path& folder) const {
    std::map<std::string, std::string> files;
    for (const auto& [pack, bytes] : contents(folder)) {
      const auto path = folder_ / "unpack";
      fs::remove_all(path);
      fs::create_directories(path);
      const auto tar =
          run({.arguments = {"tar", "-xf", (folder / pack).string(), "-C", path.string()}});
      EXPECT_EQ(tar.exit_code, 0) << tar.err;
      const auto index = nlohmann::json::parse(read_file(path / "__index__"));
      for (const auto& file : index["files"]) {
        const auto added = files.emplace(file["file"].get<std::string>(),
                                         read_file(path / file["name"].get<std::string>()));
        EXPECT_TRUE(added.second) << file["file"] << " is there twice";
      }
    }
    return files;
  }
  std::map<std::string, std::string> written() const {
    std::map<std::string, std::string> files;
    for (const auto* kept : {"results", "artifacts"})
      for (auto& [name, content] : contents(out_ / kept))
        files[std::string(kept) + "/" + name] = std::move(content);
    return files;
  }
  /// A folder with `count` names of one small real video.
  fs::path many_videos(int count) const {
    fs::path smallest;
    std::uintmax_t bytes = UINTMAX_MAX;
    for (const auto& entry : fs::directory_iterator(corpus() / "ok"))
      if (entry.path().extension() == ".mp4" && entry.file_size() < bytes) {
        bytes = entry.file_size();
        smallest = entry.path();
      }
    const auto folder = folder_ / "many";
    fs::create_directory(folder);
    for (int i = 0; i < count; ++i) {
      const auto name = folder / fmt::format("v{:03}.mp4", i);
      fs::copy_file(smallest, name);
    }
    return folder;
  }

  TempFolder folder_;
  const fs::path out_ = folder_ / "out";
};

TEST_F(PublishBatches, PackedObjectsHoldEveryFileOnce) {
  if (!NginxServer::is_installed())
    GTEST_SKIP() << "needs nginx-light and libnginx-mod-http-dav-ext";
  NginxServer server;
  const auto config = configuration("to: \"" + server.url() + "/set\", as: tar",
                                    "strategy: fixed, initial_batch_size: 2, max_wait: 20s");
  const auto result = run(command(config));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(contents(server.files() / "set"), SizeIs(3)) << "five videos, two an object";
  EXPECT_EQ(unpacked(server.files() / "set"), written());
  const auto report = report_of(out_);
  const auto& edge = report["batching"][0];
  EXPECT_EQ(edge["stage"], "publish");
  EXPECT_EQ(edge["batches"], 3);
  EXPECT_EQ(edge["items"], 5) << "videos";
}

class PublishBatchesKilled : public PublishBatches,
                             public testing::WithParamInterface<const char*> {};

TEST_P(PublishBatchesKilled, ThePackIsSentAgainAsItWas) {
  FaultServer server;
  const auto config = configuration("to: \"" + server.url() + "\", as: tar",
                                    "strategy: fixed, initial_batch_size: 2, max_wait: 20s");
  auto killed = command(config);
  killed.environment.emplace_back("REELMILL_FAIL_POINTS", GetParam());
  EXPECT_NE(run(killed).exit_code, 0);
  // A batch of another size would put the same files into another object.
  const auto other = configuration("to: \"" + server.url() + "\", as: tar",
                                   "strategy: fixed, initial_batch_size: 5, max_wait: 20s");
  const auto result = run(command(other));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const auto& [name, bytes] : server.objects()) folder_.write("packs/" + name, bytes);
  EXPECT_EQ(unpacked(folder_ / "packs"), written());
}

INSTANTIATE_TEST_SUITE_P(All, PublishBatchesKilled,
                         testing::Values("upload.before_put=kill", "upload.before_put=kill@2",
                                         "upload.after_put=kill", "upload.after_put=kill@2",
                                         "ledger.before_commit=kill@5",
                                         "ledger.after_commit=kill@6"));

TEST_F(PublishBatches, AnAnswerThatIsLostDoublesNothing) {
  FaultServer server;
  server.next({{.fault = Reply::Fault::close}, {.status = 500}, {.fault = Reply::Fault::reset}});
  const auto config = configuration("to: \"" + server.url() + "\", as: tar",
                                    "strategy: fixed, initial_batch_size: 5, max_wait: 20s");
  const auto result = run(command(config));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(server.objects(), SizeIs(1));
  std::set<std::string> targets;
  for (const auto& request : server.requests()) targets.insert(request.target);
  EXPECT_THAT(targets, SizeIs(1)) << "the same batch has the same name";
}

TEST_F(PublishBatches, ADocumentThatIsRejectedCostsItselfAlone) {
  BulkService service;
  FaultServer server;
  server.usually(service.reply());
  service.status = [](const auto& id, auto) { return id == "b.mkv" ? 400 : 201; };
  const auto config =
      configuration("to: \"" + server.url() + "/_bulk\", as: documents, index: videos",
                    "strategy: fixed, initial_batch_size: 5, max_wait: 20s");
  const auto result = run(command(config));
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_THAT(quarantined(out_), ElementsAre(Pair("b.mkv", "upload_refused")));
  EXPECT_THAT(server.requests(), SizeIs(1));
  EXPECT_THAT(service.documents(), SizeIs(4));
  EXPECT_EQ(service.documents().at("videos/a.mp4"),
            nlohmann::json::parse(read_file(out_ / "results/a.mp4.json")));
}

TEST_F(PublishBatches, ADocumentThatIsTurnedAwayIsSentAgainAlone) {
  BulkService service;
  FaultServer server;
  server.usually(service.reply());
  int turned_away = 0;
  service.status = [&](const auto& id, auto) {
    return id == "a.mp4" && turned_away++ < 2 ? 429 : 201;
  };
  const auto config = configuration("to: \"" + server.url() + "/_bulk\", as: documents",
                                    "strategy: fixed, initial_batch_size: 5, max_wait: 20s");
  const auto result = run(command(config));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(service.documents(), SizeIs(5));
  ASSERT_THAT(server.requests(), SizeIs(3));
  const auto requests = server.requests();
  for (const std::size_t again : {1, 2})
    EXPECT_EQ(std::count(requests[again].body.begin(), requests[again].body.end(), '\n'), 2);
}

TEST_F(PublishBatches, AnAnswerOfNonsenseNamesServerAndFieldAndLosesNothing) {
  FaultServer server;
  server.usually({.status = 200, .body = R"({"errors": "maybe", "items": []})"});
  const auto config = configuration("to: \"" + server.url() + "/_bulk\", as: documents",
                                    "strategy: fixed, initial_batch_size: 5");
  const auto result = run(command(config));
  EXPECT_EQ(result.exit_code, 5) << result.err;
  EXPECT_THAT(result.err, testing::AllOf(HasSubstr(server.url() + "/_bulk"),
                                         HasSubstr("'errors' is \"maybe\"")));
  EXPECT_THAT(quarantined(out_), IsEmpty());
}

// The service refuses the whole request, without a word on which document it means.
TEST_F(PublishBatches, APoisonedDocumentAmongAHundredIsFoundWithFewExtraCalls) {
  REELMILL_NEEDS_CORPUS();
  BulkService service;
  FaultServer server;
  Reply reply;
  reply.on_whole_request = [&](const ReceivedRequest& request) {
    return request.body.find("\"v061.mp4\"") != std::string::npos
               ? Reply{.status = 400, .body = R"({"error":"cannot parse"})"}
               : service.reply().on_whole_request(request);
  };
  server.usually(reply);
  const auto config = configuration("to: \"" + server.url() + "/_bulk\", as: documents",
                                    "strategy: fixed, initial_batch_size: 100, max_wait: 10m");
  const auto result = run(tool_run({many_videos(100).native()}, config, out_));
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_THAT(quarantined(out_), ElementsAre(Pair("v061.mp4", "upload_refused")));
  EXPECT_THAT(service.documents(), SizeIs(99));
  EXPECT_THAT(server.requests(), SizeIs(Le(1 + 2 * std::log2(100) + 2)));
}

}  // namespace
}  // namespace reelmill::test
