// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "cli/commands.h"
#include "cli/program.h"
#include "stages/api/findings.h"
#include "stages/api/registry.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class CommandTest : public testing::Test {
 protected:
  ExitCode run(std::vector<std::string> arguments) {
    std::ostringstream out, err;
    Program program(out, err);
    add_commands(program);
    const auto code = program.run(std::move(arguments));
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  test::TempFolder folder_;
  std::string out_, err_;
};

using Validate = CommandTest;
using Stages = CommandTest;

TEST_F(Validate, SaysOkAndShowsTheStages) {
  const auto file = folder_.write("a.yaml",
                                  "version: 1\n"
                                  "stages:\n"
                                  "  - { id: frames, use: decode }\n"
                                  "  - { id: out, use: upload, from: frames, with: { to: "
                                  "\"file:published\" } }\n");
  EXPECT_EQ(run({"validate", file}), ExitCode::done);
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_THAT(out_, AllOf(HasSubstr("a.yaml: ok, 'a' with 2 stages"), HasSubstr("upload"),
                          HasSubstr("from frames")));
}

TEST_F(Validate, SaysEveryProblemOnStderrAndEndsWithTwo) {
  const auto file = folder_.write("a.yaml",
                                  "version: 7\n"
                                  "stages:\n"
                                  "  - { id: frames, use: decod }\n"
                                  "  - { id: out, use: upload, from: frame }\n");
  EXPECT_EQ(run({"validate", file}), ExitCode::usage);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_, AllOf(HasSubstr("a.yaml:1: version: "), HasSubstr("did you mean 'decode'?"),
                          HasSubstr("a.yaml:4: stages[1].with: needs 'to'"),
                          HasSubstr("did you mean 'frames'?")));
}

TEST_F(Validate, AFileThatIsNotThereIsAMistake) {
  EXPECT_EQ(run({"validate", folder_ / "no\nwhere.yaml"}), ExitCode::usage);
  EXPECT_THAT(err_, HasSubstr("no\\x0awhere.yaml: does not exist"));
}

TEST_F(Validate, NeedsAFile) {
  EXPECT_EQ(run({"validate"}), ExitCode::usage);
}

TEST_F(Stages, ListsEveryStageWithOneSentence) {
  EXPECT_EQ(run({"stages"}), ExitCode::done);
  for (const auto* stage : stage_registry().all())
    EXPECT_THAT(out_, AllOf(HasSubstr(stage->name), HasSubstr(stage->summary)));
}

TEST_F(Stages, ShowsTheOptionsOfOne) {
  EXPECT_EQ(run({"stages", "upload"}), ExitCode::done);
  for (const auto& option : stage_registry().find("upload")->options)
    EXPECT_THAT(out_, AllOf(HasSubstr(option.name), HasSubstr(option.summary)));
  EXPECT_THAT(out_, HasSubstr("required"));
}

TEST_F(Stages, AnUnknownNameIsAnsweredWithTheNearest) {
  EXPECT_EQ(run({"stages", "uplod"}), ExitCode::usage);
  EXPECT_THAT(err_, HasSubstr("did you mean 'upload'?"));
}

TEST_F(Stages, SpeaksJson) {
  EXPECT_EQ(run({"stages", "--format", "json"}), ExitCode::done);
  const auto json = Json::parse(out_);
  EXPECT_EQ(json.size(), stage_registry().all().size());
  EXPECT_EQ(run({"stages", "decode", "--format", "json"}), ExitCode::done);
  EXPECT_EQ(Json::parse(out_)[0]["kind"], "source");
  EXPECT_EQ(run({"stages", "--format", "xml"}), ExitCode::usage);
}

TEST_F(Stages, PrintsSchemas) {
  for (const std::string what : {"config", "results", "report"}) {
    EXPECT_EQ(run({"stages", "--schema", what}), ExitCode::done);
    EXPECT_TRUE(Json::parse(out_).contains("$schema"));
  }
  EXPECT_EQ(run({"stages", "--schema"}), ExitCode::done);
  EXPECT_TRUE(Json::parse(out_)["properties"].contains("stages"));
  EXPECT_EQ(run({"stages", "--schema", "poetry"}), ExitCode::usage);
}

TEST_F(Stages, EveryOptionOfEveryStageIsDocumented) {
  for (const auto* stage : stage_registry().all()) {
    EXPECT_FALSE(stage->summary.empty()) << stage->name;
    for (const auto& option : stage->options)
      EXPECT_GE(option.summary.size(), 8u) << stage->name << "." << option.name;
  }
}

}  // namespace
}  // namespace reelmill
