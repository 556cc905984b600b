// SPDX-License-Identifier: Apache-2.0
#include "cli/program.h"

#include <fstream>
#include <sstream>

#include "cli/commands.h"

namespace reelmill {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ProgramTest : public testing::Test {
 protected:
  ProgramTest() {
    auto& command = program_.add_command("eat", {"eats paths", "", {"reelmill eat apple"}});
    command.add_option("PATH", paths_, "paths");
    command.add_option("-o,--output", output_, "where to");
    command.add_option("--include", include_, "patterns");
    command.add_flag("--quick", is_quick_, "hurry");
    program_.on_run(command, [this] { return outcome_; });
    program_.add_command("drink", {"another one", "", {}});
  }

  ExitCode run(std::vector<std::string> arguments) { return program_.run(std::move(arguments)); }

  std::ostringstream out_, err_;
  Program program_{out_, err_};
  std::vector<std::string> paths_, include_;
  std::string output_;
  bool is_quick_ = false;
  ExitCode outcome_ = ExitCode::done;
};

TEST_F(ProgramTest, PathsThatLookLikeListsStayWhole) {
  EXPECT_EQ(run({"eat", "[a,b]", "-o", "[c]", "--include=[x,y]", "--include", "[z]"}),
            ExitCode::done);
  EXPECT_THAT(paths_, ElementsAre("[a,b]"));
  EXPECT_EQ(output_, "[c]");
  EXPECT_THAT(include_, ElementsAre("[x,y]", "[z]"));
}

TEST_F(ProgramTest, AfterADoubleDashNothingIsAnOption) {
  EXPECT_EQ(run({"eat", "first", "--quick", "--", "--quick", "-o", "--", "++"}), ExitCode::done);
  EXPECT_THAT(paths_, ElementsAre("first", "--quick", "-o", "--", "++"));
  EXPECT_TRUE(is_quick_);
  EXPECT_EQ(output_, "");
}

TEST_F(ProgramTest, BytesThatAreNotUtf8Arrive) {
  EXPECT_EQ(run({"eat", "\xff\xfe.mp4",
                 "\x01"
                 "x",
                 "a\nb"}),
            ExitCode::done);
  EXPECT_THAT(paths_, ElementsAre("\xff\xfe.mp4",
                                  "\x01"
                                  "x",
                                  "a\nb"));
}

TEST_F(ProgramTest, AFolderNamedLikeACommandIsAPath) {
  EXPECT_EQ(run({"eat", "drink", "eat"}), ExitCode::done);
  EXPECT_THAT(paths_, ElementsAre("drink", "eat"));
}

TEST_F(ProgramTest, AnOptionsValueMayBeginWithADash) {
  EXPECT_EQ(run({"eat", "-o", "-odd", "x"}), ExitCode::done);
  EXPECT_EQ(output_, "-odd");
}

TEST_F(ProgramTest, OutputThatCannotBeWrittenIsAFailure) {
  std::ofstream full("/dev/full");
  ASSERT_TRUE(full.is_open());
  Program program(full, err_);
  auto& command = program.add_command("speak", {"says something", "", {}});
  auto outcome = ExitCode::done;
  program.on_run(command, [&] {
    program.out() << "a report";
    return outcome;
  });
  EXPECT_EQ(program.run({"speak"}), ExitCode::failed);
  EXPECT_THAT(err_.str(), HasSubstr("the output could not be written"));
  EXPECT_EQ(program.run({"--help"}), ExitCode::failed);
  outcome = ExitCode::quarantined;
  EXPECT_EQ(program.run({"speak"}), ExitCode::failed);
  outcome = ExitCode::interrupted;
  EXPECT_EQ(program.run({"speak"}), ExitCode::interrupted) << "which says more";
}

TEST_F(ProgramTest, AnUnknownCommandIsAnsweredWithTheNearest) {
  EXPECT_EQ(run({"drnk"}), ExitCode::usage);
  EXPECT_THAT(err_.str(), HasSubstr("unknown command 'drnk'; did you mean 'drink'?"));
}

TEST_F(ProgramTest, AnUnknownOptionIsAnsweredWithTheNearest) {
  EXPECT_EQ(run({"eat", "--quik"}), ExitCode::usage);
  EXPECT_THAT(err_.str(), HasSubstr("eat takes no '--quik'; did you mean '--quick'?"));
}

TEST_F(ProgramTest, WithoutACommandTheHelpIsShownAsAMistake) {
  EXPECT_EQ(run({}), ExitCode::usage);
  EXPECT_THAT(err_.str(), HasSubstr("Subcommands"));
}

TEST_F(ProgramTest, HelpGoesToStdoutWithAnExample) {
  EXPECT_EQ(run({"eat", "--help"}), ExitCode::done);
  EXPECT_THAT(out_.str(), HasSubstr("reelmill eat apple"));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(ProgramTest, TheVersionIsOneLine) {
  EXPECT_EQ(run({"--version"}), ExitCode::done);
  EXPECT_THAT(out_.str(), testing::MatchesRegex("reelmill [0-9.]+\n"));
}

TEST_F(ProgramTest, LoggingFlagsStandBeforeOrAfterTheCommand) {
  EXPECT_EQ(run({"--log-format", "json", "eat", "x"}), ExitCode::done);
  EXPECT_EQ(program_.log_format(), LogFormat::json);
}

TEST_F(ProgramTest, LoggingFlagsAfterTheCommandCountToo) {
  EXPECT_EQ(run({"eat", "x", "--log-format", "json", "--log-level", "error"}), ExitCode::done);
  EXPECT_EQ(program_.log_format(), LogFormat::json);
}

TEST_F(ProgramTest, AWrongLogFormatIsAMistake) {
  EXPECT_EQ(run({"eat", "x", "--log-format", "xml"}), ExitCode::usage);
  EXPECT_THAT(err_.str(), HasSubstr("--log-format"));
}

TEST_F(ProgramTest, TheCommandsExitCodeIsPassedOn) {
  outcome_ = ExitCode::quarantined;
  EXPECT_EQ(run({"eat"}), ExitCode::quarantined);
}

TEST(CommandHelp, EveryCommandTeachesByAnExample) {
  std::ostringstream out, err;
  Program program(out, err);
  add_commands(program);
  ASSERT_EQ(program.run({"--help"}), ExitCode::done);
  std::istringstream help(out.str());
  std::vector<std::string> names;
  bool in_commands = false;
  for (std::string line; std::getline(help, line);) {
    if (line.starts_with("Subcommands")) {
      in_commands = true;
    } else if (in_commands && line.starts_with("  ") && line[2] != ' ') {
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
    } else if (line.empty()) {
      in_commands = false;
    }
  }
  EXPECT_FALSE(names.empty());
  for (const auto& name : names) {
    std::ostringstream text, ignored;
    Program again(text, ignored);
    add_commands(again);
    ASSERT_EQ(again.run({name, "--help"}), ExitCode::done);
    EXPECT_THAT(text.str(), HasSubstr("\n  reelmill " + name)) << name;
  }
}

}  // namespace
}  // namespace reelmill
