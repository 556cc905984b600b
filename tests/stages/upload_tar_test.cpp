// SPDX-License-Identifier: Apache-2.0
// Packed objects: names, bytes, and what other programs read in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/path_text.h"
#include "net/request_body.h"
#include "stages/upload/file_target.h"
#include "stages/upload/http_target.h"
#include "stages/upload/packed_name.h"
#include "stages/upload/packed_upload.h"
#include "stages/upload/tar_object.h"
#include "tests/stages/upload_support.h"
#include "tests/support/fault_server.h"
#include "tests/support/nginx_server.h"
#include "tests/support/process.h"

namespace reelmill::test {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

HttpTargetOptions options_for(const std::string& url) {
  HttpTargetOptions options;
  options.prefix = *parse_http_url(url);
  return options;
}

CallItem named(const std::string& video, const std::string& name) {
  CallItem item;
  item.video = video;
  item.name = name;
  return item;
}

struct NameCase {
  std::string video, name, packed;
};
class PackedNames : public testing::TestWithParam<NameCase> {};

TEST_P(PackedNames, AreSafeAndSayWhatTheyWere) {
  EXPECT_EQ(packed_name(named(GetParam().video, GetParam().name)).full(), GetParam().packed);
}

INSTANTIATE_TEST_SUITE_P(
    All, PackedNames,
    testing::Values(NameCase{"a.mp4", "results/a.mp4.json", "a%2emp4.json"},
                    NameCase{"day 1/a.mp4", "results/day 1/a.mp4.json", "day%201/a%2emp4.json"},
                    NameCase{"a.mp4", "artifacts/a.mp4/shots/0001.jpg", "a%2emp4.shots%2f0001.jpg"},
                    NameCase{"a.mp4", "artifacts/a.mp4/json", "a%2emp4.%6ason"},
                    NameCase{"a.mp4", "somewhere/else", "a%2emp4.%2fsomewhere%2felse"},
                    NameCase{"__x__/y", "results/__x__/y.json", "%5f_x__/y.json"},
                    NameCase{"gr\xfc\xdf\n~%.mp4", "results/gr\xfc\xdf\n~%.mp4.json",
                             "gr%fc%df%0a%7e%25%2emp4.json"},
                    NameCase{"-rf", "results/-rf.json", "-rf.json"}));

TEST(PackedName, TwoVideosNeverMeetAndALongNameStaysShort) {
  const std::string a(250, 'a'), b = a.substr(0, 249) + "b";
  const auto first = packed_name(named(a, "results/" + a + ".json")).full();
  EXPECT_NE(first, packed_name(named(b, "results/" + b + ".json")).full());
  EXPECT_LE(first.size(), 255u);
  EXPECT_THAT(first, HasSubstr("~"));
}

/// Files of several videos, with everything that is awkward.
class TarTest : public testing::Test {
 protected:
  void SetUp() override {
    add("day 1/a.mp4", "results/day 1/a.mp4.json", "{\"a\": 1}");
    add("day 1/a.mp4", "artifacts/day 1/a.mp4/thumbs/1.jpg", std::string(511, 'j'));
    add("day 1/a.mp4", "artifacts/day 1/a.mp4/thumbs/2.jpg", std::string(512, 'k'));
    add("b.mkv", "results/b.mkv.json", "");
    const std::string deep = std::string(90, 'd') + "/" + std::string(80, 'e') + "/c.ts";
    add(deep, "results/" + deep + ".json", std::string(513, 'l'));
    const std::string deeper = std::string(120, 'f') + "/" + std::string(120, 'g');
    add(deeper, "results/" + deeper + ".json", "deeper");
    add("\xff\xfe", "results/\xff\xfe.json", std::string(1'000'000, 'm'));
  }
  void add(const std::string& video, const std::string& name, const std::string& content) {
    auto item = item_of(folder.write("in/" + std::to_string(items.size()), content), name);
    item.video = video;
    item.batch = "0123";
    items.push_back(item);
  }
  std::string bytes_of(const UploadObject& object) {
    auto body = RequestBody::of_parts(object.parts);
    std::string bytes;
    std::array<char, 1000> buffer{};
    for (;;) {
      const auto count = body.read(buffer);
      EXPECT_TRUE(count) << count.error().message;
      if (!count || *count == 0) return bytes;
      bytes.append(buffer.data(), *count);
    }
  }
  TempFolder folder;
  std::vector<CallItem> items;
};

TEST_F(TarTest, TheSameItemsGiveTheSameBytesAsPromised) {
  const auto object = tar_object("pack.tar", items);
  const auto bytes = bytes_of(object);
  EXPECT_EQ(bytes.size(), object.bytes());
  EXPECT_EQ(bytes.size() % 512, 0u);
  EXPECT_EQ(bytes, bytes_of(tar_object("pack.tar", items)));
}

TEST_F(TarTest, TheIndexLeadsToEveryFile) {
  const auto bytes = bytes_of(tar_object("pack.tar", items));
  const auto size = std::stoull(bytes.substr(124, 11), nullptr, 8);
  const auto index = nlohmann::json::parse(bytes.substr(512, size));
  ASSERT_THAT(index["files"], SizeIs(items.size()));
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& entry = index["files"][i];
    const auto content = bytes.substr(entry["offset"], entry["bytes"]);
    EXPECT_EQ(content, read_file(items[i].file));
    EXPECT_EQ(entry["sha256"], sha256_hex(content));
    EXPECT_EQ(text_to_path(entry["file"].get<std::string>()), items[i].name);
    EXPECT_EQ(text_to_path(entry["video"].get<std::string>()), items[i].video);
    EXPECT_EQ(entry["name"], packed_name(items[i]).full());
  }
}

TEST_F(TarTest, TarUnpacksItByteIdentical) {
  folder.write("pack.tar", bytes_of(tar_object("pack.tar", items)));
  std::filesystem::create_directory(folder / "out");
  const auto result = run({.arguments = {"tar", "-xf", (folder / "pack.tar").string(), "-C",
                                         (folder / "out").string()}});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  for (const auto& item : items)
    EXPECT_EQ(read_file(folder / "out" / packed_name(item).full()), read_file(item.file));
}

// The rules are those of webdataset's own reader: the key is what stands before the first dot of
// the last part, files of a sample stand side by side, and names like __this__ are passed over.
TEST_F(TarTest, PythonReadsItAsWebDatasetSamples) {
  folder.write("pack.tar", bytes_of(tar_object("pack.tar", items)));
  const auto result = run({.arguments = {"python3", "-c", R"(
import itertools, re, sys, tarfile, urllib.parse
samples, seen = [], set()
for member in tarfile.open(sys.argv[1], "r|"):
    if member.name.startswith("__") and member.name.endswith("__"):
        continue
    key, kind = re.match(r"^((?:.*/|)[^.]+)[.]([^/]*)$", member.name).groups()
    if not samples or samples[-1][0] != key:
        assert key not in seen, "a sample in two places"
        seen.add(key)
        samples.append((key, []))
    samples[-1][1].append(kind)
for key, kinds in samples:
    print(urllib.parse.unquote_to_bytes(key), *sorted(kinds))
)",
                                         (folder / "pack.tar").string()}});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, testing::StartsWith("b'day 1/a.mp4' json thumbs%2f1.jpg thumbs%2f2.jpg\n"
                                              "b'b.mkv' json\n"));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 5) << result.out;
}

TEST_F(TarTest, AFileBeyondEightGibibytesHasItsSizeInAPaxRecord) {
  auto huge = items.front();
  huge.bytes = 9'000'000'000;
  const auto object = tar_object("pack.tar", std::span(&huge, 1));
  folder.write("head.tar", object.parts.front().text);
  const auto result = run({.arguments = {"python3", "-c", R"(
import sys, tarfile
tar = tarfile.open(sys.argv[1])
tar.next()
print(tar.next().size)
)",
                                         (folder / "head.tar").string()}});
  EXPECT_EQ(result.out, "9000000000\n") << result.err;
}

TEST_F(TarTest, AFolderAndAServerGetTheSameObject) {
  const auto expected = bytes_of(tar_object("pack-0123.tar", items));
  FaultServer server;
  PackedUpload to_server(std::make_unique<HttpTarget>(options_for(server.url())),
                         {CallContent::results, CallContent::artifact});
  PackedUpload to_folder(std::make_unique<FileTarget>(folder / "published", "w"),
                         {CallContent::results});
  for (auto* target : {&to_server, &to_folder})
    for (const auto& outcome : target->call(items, {}))
      ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(server.objects().at("pack-0123.tar") == expected);
  EXPECT_TRUE(read_file(folder / "published/pack-0123.tar") == expected);
  EXPECT_FALSE(to_folder.accepts(CallContent::artifact));
}

TEST_F(TarTest, NginxGetsTheSameObject) {
  if (!NginxServer::is_installed())
    GTEST_SKIP() << "needs nginx-light and libnginx-mod-http-dav-ext";
  add("big", "results/big.json", std::string(5'000'000, 'b'));  // asks before it sends
  NginxServer server;
  PackedUpload upload(std::make_unique<HttpTarget>(options_for(server.url())),
                      {CallContent::results});
  for (const auto& outcome : upload.call(items, {}))
    ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(read_file(server.files() / "pack-0123.tar") ==
              bytes_of(tar_object("pack-0123.tar", items)));
}

TEST_F(TarTest, AFileThatIsAmissFailsAloneAndNothingIsSent) {
  FaultServer server;
  PackedUpload upload(std::make_unique<HttpTarget>(options_for(server.url())),
                      {CallContent::results});
  folder.write("in/3", "now it has content");
  const auto outcomes = upload.call(items, {});
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    EXPECT_EQ(outcomes[i].error().kind, i == 3 ? ErrorKind::invalid_input : ErrorKind::cancelled);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(TarTest, AFileThatChangesWhileItIsSentSpoilsTheObject) {
  const auto object = tar_object("pack.tar", items);
  folder.write("in/2", "shorter");
  FileTarget target(folder / "published", "w");
  const auto outcome = target.put_object(object, {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::invalid_input);
  EXPECT_FALSE(std::filesystem::exists(folder / "published/pack.tar"));
}

}  // namespace
}  // namespace reelmill::test
