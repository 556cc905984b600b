// SPDX-License-Identifier: Apache-2.0
// Documents for a bulk endpoint: what is sent, and what is made of every kind of answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/upload/bulk_answer.h"
#include "stages/upload/bulk_documents.h"
#include "stages/upload/bulk_endpoint.h"
#include "tests/stages/upload_support.h"
#include "tests/support/bulk_service.h"

namespace reelmill::test {
namespace {
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;

const std::vector<std::string> kIds{"a", "b", "c"};

Result<std::vector<Status>> parse(const std::string& answer) {
  return parse_bulk_answer("POST http://es/_bulk", answer, kIds);
}

TEST(BulkAnswer, WithoutErrorsAllHaveArrived) {
  const auto outcomes = parse(R"({"errors":false,"items":[{},{},{}]})");
  ASSERT_TRUE(outcomes);
  EXPECT_THAT(*outcomes,
              AllOf(SizeIs(3), Each(testing::Truly([](const auto& s) { return bool(s); }))));
}

struct ItemStatus {
  int status;
  std::optional<ErrorKind> kind;
};
class BulkItem : public testing::TestWithParam<ItemStatus> {};

TEST_P(BulkItem, FailsAloneByItsStatus) {
  const auto outcomes = parse(fmt::format(
      R"({{"errors":true,"items":[{{"index":{{"_id":"a","status":201}}}},)"
      R"({{"index":{{"_id":"b","status":{},"error":{{"type":"t_exception","reason":"why"}}}}}},)"
      R"({{"index":{{"_id":"c","status":503,"error":"text"}}}}]}})",
      GetParam().status));
  ASSERT_TRUE(outcomes) << outcomes.error().message;
  EXPECT_TRUE((*outcomes)[0]);
  ASSERT_EQ((*outcomes)[1].has_value(), !GetParam().kind);
  if (GetParam().kind) {
    EXPECT_EQ((*outcomes)[1].error().kind, *GetParam().kind);
    EXPECT_THAT((*outcomes)[1].error().message,
                AllOf(HasSubstr("http://es/_bulk"), HasSubstr("document b"),
                      HasSubstr(std::to_string(GetParam().status) + " t_exception: why")));
  }
  EXPECT_EQ((*outcomes)[2].error().kind, ErrorKind::throttled);
}

INSTANTIATE_TEST_SUITE_P(
    All, BulkItem,
    testing::Values(ItemStatus{200, {}}, ItemStatus{201, {}},
                    ItemStatus{400, ErrorKind::invalid_input}, ItemStatus{403, ErrorKind::denied},
                    ItemStatus{404, ErrorKind::denied}, ItemStatus{408, ErrorKind::timeout},
                    ItemStatus{409, ErrorKind::invalid_input},
                    ItemStatus{429, ErrorKind::throttled}, ItemStatus{500, ErrorKind::unavailable},
                    ItemStatus{503, ErrorKind::throttled}));

struct Nonsense {
  const char* name;
  std::string answer, field;
};
class BulkNonsense : public testing::TestWithParam<Nonsense> {};

TEST_P(BulkNonsense, IsAnErrorThatNamesServerAndField) {
  const auto outcomes = parse(GetParam().answer);
  ASSERT_FALSE(outcomes);
  EXPECT_EQ(outcomes.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(outcomes.error().message,
              AllOf(HasSubstr("POST http://es/_bulk"), HasSubstr(GetParam().field)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BulkNonsense,
    testing::Values(
        Nonsense{"Empty", "", "no JSON"}, Nonsense{"Html", "<html>welcome", "<html>welcome"},
        Nonsense{"CutOff", R"({"errors":false,"items":[{},{)", "cut off after 29 bytes"},
        Nonsense{"List", "[]", "no object"},
        Nonsense{"ErrorInside", R"({"error":{"type":"x","reason":"on fire"},"status":200})",
                 "'error': x: on fire"},
        Nonsense{"NoErrors", R"({"items":[{},{},{}]})", "'errors' is missing"},
        Nonsense{"ErrorsOfAnotherType", R"({"errors":"no","items":[]})", "'errors' is \"no\""},
        Nonsense{"NoItems", R"({"errors":false})", "'items' is missing"},
        Nonsense{"ItemsOfAnotherType", R"({"errors":false,"items":{}})", "'items' is {}"},
        Nonsense{"TooFew", R"({"errors":false,"items":[{},{}]})", "2 entries for 3 documents"},
        Nonsense{"TooMany", R"({"errors":true,"items":[{},{},{},{}]})",
                 "4 entries for 3 documents"},
        Nonsense{"AnItemOfAnotherShape", R"({"errors":true,"items":[7,{},{}]})", "'items[0]'"},
        Nonsense{"AnotherOrder",
                 R"({"errors":true,"items":[{"index":{"_id":"b","status":200}},{},{}]})",
                 "'items[0]._id' is \"b\", expected was \"a\""},
        Nonsense{"StatusOfAnotherType",
                 R"({"errors":true,"items":[{"index":{"_id":"a","status":"ok"}},{},{}]})",
                 "'items[0].status' is \"ok\""},
        Nonsense{"ErrorsThatNobodyHas",
                 R"({"errors":true,"items":[{"index":{"status":200}},{"index":{"status":200}},)"
                 R"({"index":{"status":200}}]})",
                 "no item in 'items' failed"}),
    [](const auto& nonsense) { return std::string(nonsense.param.name); });

TEST(BulkAnswer, ThatNestsWithoutEndIsNonsense) {
  const auto deep = std::string(450'000, '[') + std::string(450'000, ']');
  for (const auto& answer :
       {R"({"error":)" + deep + "}", R"({"errors":)" + deep + "}",
        R"({"errors":true,"items":[{"index":{"_id":"a","status":400,"error":)" + deep +
            "}},{},{}]}"}) {
    const auto outcomes = parse(answer);
    ASSERT_FALSE(outcomes);
    EXPECT_THAT(outcomes.error().message, HasSubstr("nested deeper than 64"));
  }
}

TEST(BulkDocuments, AFileBecomesOneLineThatMeansTheSame) {
  const TempFolder folder;
  const std::string json =
      "{\n  \"a\": [1,\n    2],\r\n  \"b\": \"two  spaces, a \\n and gr\xc3\xbc\xc3\x9f\"\n}\n";
  const auto line = document_line(item_of(folder.write("x.json", json), "x"));
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(line->find('\n'), line->npos);
  EXPECT_EQ(nlohmann::json::parse(*line), nlohmann::json::parse(json));
}

TEST(BulkDocuments, WhatIsNoJsonOrHasChangedIsNoDocument) {
  const TempFolder folder;
  EXPECT_EQ(document_line(item_of(folder.write("x", "{\"a\": "), "x")).error().kind,
            ErrorKind::invalid_input);
  auto changed = item_of(folder.write("y", "{}"), "y");
  changed.sha256 = sha256_hex("[]");
  EXPECT_EQ(document_line(changed).error().kind, ErrorKind::invalid_input);
  auto gone = changed;
  gone.file = folder / "gone";
  EXPECT_EQ(document_line(gone).error().kind, ErrorKind::not_found);
}

TEST(BulkDocuments, AnIdIsTextAndNeverTooLong) {
  CallItem item;
  item.video = "day 1/gr\xfc\xdf.mp4";
  EXPECT_EQ(document_id(item), "day 1/gr\\xfc\\xdf.mp4");
  item.video = std::string(600, 'x');
  EXPECT_THAT(document_id(item), SizeIs(64));
}

struct BulkEndpointTest : testing::Test {
  void SetUp() override { server.usually(service.reply()); }
  std::vector<CallItem> items(int count) {
    std::vector<CallItem> items;
    for (int i = 0; i < count; ++i) {
      const auto name = "v" + std::to_string(i) + ".mp4";
      items.push_back(item_of(folder.write(name + ".json", "{\n \"video\": \"" + name + "\"\n}\n"),
                              "results/" + name + ".json"));
      items.back().video = name;
    }
    return items;
  }
  BulkEndpoint endpoint() {
    HttpTargetOptions options;
    options.prefix = *parse_http_url(server.url() + "/_bulk");
    return BulkEndpoint(std::move(options), "videos");
  }
  TempFolder folder;
  BulkService service;
  FaultServer server;
};

TEST_F(BulkEndpointTest, SendsABatchInOneRequest) {
  const auto sent = items(20);
  auto bulk = endpoint();
  const auto outcomes = bulk.index(sent, {});
  for (const auto& outcome : outcomes) ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_THAT(server.requests(), SizeIs(1));
  EXPECT_THAT(service.documents(), SizeIs(20));
  EXPECT_EQ(service.documents().at("videos/v7.mp4"), (nlohmann::json{{"video", "v7.mp4"}}));
}

TEST_F(BulkEndpointTest, ARejectedDocumentAndABrokenFileCostThemselvesAlone) {
  auto sent = items(5);
  sent[1].file = folder.write("broken", std::string(sent[1].bytes, '{'));
  sent[1].sha256.clear();
  service.status = [](const std::string& id, auto) { return id == "v3.mp4" ? 400 : 201; };
  auto bulk = endpoint();
  const auto outcomes = bulk.index(sent, {});
  for (const std::size_t i : {0, 2, 4}) EXPECT_TRUE(outcomes[i]);
  EXPECT_THAT(outcomes[1].error().message, HasSubstr("no JSON"));
  EXPECT_THAT(outcomes[3].error().message, HasSubstr("mapper_parsing_exception"));
  EXPECT_EQ(outcomes[3].error().kind, ErrorKind::invalid_input);
  EXPECT_THAT(service.documents(), SizeIs(3));
}

TEST_F(BulkEndpointTest, AnAnswerCutOffOnTheWayIsUnavailable) {
  server.usually({.fault = Reply::Fault::short_answer, .status = 200, .body = "{\"errors\":"});
  auto bulk = endpoint();
  const auto sent = items(2);
  EXPECT_EQ(bulk.index(sent, {})[0].error().kind, ErrorKind::unavailable);
}

TEST_F(BulkEndpointTest, AWrongAddressNeedsAnOperator) {
  for (const int status : {404, 405, 302}) {
    server.usually({.status = status});
    auto bulk = endpoint();
    const auto sent = items(1);
    const auto outcome = bulk.index(sent, {})[0];
    EXPECT_EQ(outcome.error().kind, ErrorKind::denied) << status;
    EXPECT_THAT(outcome.error().message, HasSubstr("_bulk"));
  }
}

}  // namespace
}  // namespace reelmill::test
