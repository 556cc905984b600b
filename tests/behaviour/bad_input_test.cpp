// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/tool_run.h"

namespace reelmill {
namespace {

namespace fs = std::filesystem;
using namespace test;
using testing::HasSubstr;
using testing::Pair;

class BadInput : public testing::Test {
 protected:
  BadInput() : input_(folder_ / "in"), out_(folder_ / "out") { fs::create_directories(input_); }

  void put(const std::string& name) {
    fs::create_directories((input_ / name).parent_path());
    fs::copy_file(sample_clips() / "b.mkv", input_ / name);
  }
  ProcessResult go(const std::vector<std::string>& inputs,
                   const std::vector<std::string>& more = {}) {
    return run(tool_run(inputs, folder_.write("everything.yaml", analysis_yaml()), out_, more));
  }
  ProcessResult go() { return go({input_.native()}); }
  std::size_t results() const { return contents(out_ / "results").size(); }

  TempFolder folder_;
  fs::path input_, out_;
};

TEST(GoodInput, GetsNoWordOnStandardError) {
  TempFolder folder;
  const auto config = folder.write("everything.yaml", analysis_yaml());
  for (const std::string workers : {"1", "2", "8"}) {
    const auto result = run(tool_run({(sample_clips() / "b.mkv").native()}, config,
                                     folder / ("out" + workers), {"--workers", workers}));
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.err, "") << workers << " workers";
  }
}

TEST_F(BadInput, NamesMayHoldAnything) {
  for (const auto* name :
       {"with space.mkv", "new\nline.mkv", "-dash.mkv", "bad\xff\xfeutf8.mkv", "emoji 🎬.mkv",
        "per%cent%d.mkv", "colon:http.mkv", "back\\slash.mkv", "quote'\".mkv", "[brackets]*?.mkv"})
    put(name);
  const auto result = go();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(results(), 10u);
  EXPECT_EQ(contents(out_ / "published/results").size(), 10u);
  const auto verified = run({.arguments = {reelmill_program().native(), "verify", out_.native()}});
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_EQ(go().exit_code, 0);
  EXPECT_EQ(report_of(out_)["videos"]["skipped"], 10);
}

TEST_F(BadInput, AVeryLongNameIsNoProblem) {
  put(std::string(251, 'n') + ".mkv");
  EXPECT_EQ(go().exit_code, 0);
  EXPECT_EQ(results(), 1u);
}

TEST_F(BadInput, TheSameNameInTwoFoldersGivesTwoResults) {
  put("one/clip.mkv");
  put("two/clip.mkv");
  EXPECT_EQ(go({(input_ / "one").native(), (input_ / "two").native()}).exit_code, 0);
  EXPECT_EQ(results(), 2u);
}

TEST_F(BadInput, TheSameInputGivenTwiceRunsOnce) {
  put("clip.mkv");
  EXPECT_EQ(go({input_.native(), input_.native(), (input_ / "clip.mkv").native(),
                (input_ / "../in/clip.mkv").native()})
                .exit_code,
            0);
  EXPECT_EQ(report_of(out_)["videos"]["found"], 1);
}

TEST_F(BadInput, LinksInACircleEnd) {
  put("deep/clip.mkv");
  fs::create_directory_symlink(input_, input_ / "deep/again");
  fs::create_symlink("clip.mkv", input_ / "deep/link.mkv");
  EXPECT_EQ(go().exit_code, 0);
  EXPECT_EQ(report_of(out_)["videos"]["found"], 1);
}

TEST_F(BadInput, OutputInsideInputIsLeftOut) {
  put("clip.mkv");
  out_ = input_ / "out";
  EXPECT_EQ(go().exit_code, 0);
  EXPECT_EQ(go().exit_code, 0);
  EXPECT_EQ(report_of(out_)["videos"]["found"], 1);
}

TEST_F(BadInput, OutputThatIsTheInputIsRefused) {
  put("clip.mkv");
  out_ = input_;
  const auto result = go();
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("output"));
}

TEST_F(BadInput, NoInputHasACodeOfItsOwn) {
  std::ofstream(input_ / "notes.txt") << "nothing to see";
  const auto result = go();
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("--include"));
}

TEST_F(BadInput, AnInputThatIsNotThereIsAUsageError) {
  const auto result = go({(input_ / "missing").native()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("missing"));
}

TEST_F(BadInput, EachBadFileIsNamedWithItsClassAndTheGoodOnesAreDone) {
  put("good.mkv");
  std::ofstream(input_ / "empty.mp4");
  std::ofstream(input_ / "text.mp4") << std::string(5000, 'x');
  ASSERT_EQ(::mkfifo((input_ / "pipe.mp4").c_str(), 0600), 0);
  const auto result = go();
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_THAT(quarantined(out_), testing::UnorderedElementsAre(Pair("empty.mp4", "empty"),
                                                               Pair("text.mp4", "not_media"),
                                                               Pair("pipe.mp4", "not_regular")));
  EXPECT_EQ(results(), 1u);
}

TEST_F(BadInput, AFileThatVanishesOrGrowsDuringTheRunIsSaidToHave) {
  const auto made = run({.arguments = {"ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
                                       "testsrc2=size=1280x720:rate=25:duration=40", "-c:v",
                                       "mpeg4", (input_ / "a-long.mkv").native()}});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  put("grows.mkv");
  put("vanishes.mkv");
  auto command = tool_run({input_.native()}, folder_.write("everything.yaml", analysis_yaml()),
                          out_, {"--workers", "1", "--order", "name", "--split", "never"});
  ChildProcess tool(command);
  // The ledger is made when the listing is over, and the long video keeps the only worker busy.
  ASSERT_TRUE(tool.wait_until([&] { return fs::exists(out_ / "ledger.sqlite"); }));
  std::ofstream(input_ / "grows.mkv", std::ios::app) << "more";
  fs::remove(input_ / "vanishes.mkv");
  EXPECT_EQ(tool.wait().exit_code, 4);
  EXPECT_THAT(quarantined(out_), testing::UnorderedElementsAre(Pair("grows.mkv", "changed"),
                                                               Pair("vanishes.mkv", "vanished")));
  EXPECT_EQ(run(command).exit_code, 0) << "the next run takes the file as it is now";
  EXPECT_EQ(results(), 2u);
}

TEST_F(BadInput, AConfigurationWithMistakesSaysThemAllAndLeavesWithTwo) {
  put("clip.mkv");
  const auto config = folder_.write(
      "bad.yaml",
      "version: 1\nstages:\n  - { id: a, use: decoed }\n  - { id: b, use: shots, form: a }\n");
  const auto result = run(tool_run({input_.native()}, config, out_));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("bad.yaml:3"));
  EXPECT_THAT(result.err, HasSubstr("decode"));
  EXPECT_THAT(result.err, HasSubstr("from"));
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(BadInput, FilesFromAListAreTakenAsTheyAre) {
  put("one.mkv");
  put("new\nline.mkv");
  auto command =
      tool_run({}, folder_.write("everything.yaml", analysis_yaml()), out_, {"--files-from", "-"});
  command.arguments.pop_back();
  command.input = (input_ / "one.mkv").native() + '\0' + (input_ / "new\nline.mkv").native() + '\0';
  EXPECT_EQ(run(command).exit_code, 0);
  EXPECT_EQ(results(), 2u);
}

TEST_F(BadInput, AFileOfAListThatIsGoneEndsAloneAndItsEarlierResultsStay) {
  put("a.mkv");
  put("b.mkv");
  const auto list =
      folder_.write("list", (input_ / "a.mkv").native() + "\n" + (input_ / "gone.mkv").native() +
                                "\n" + (input_ / "b.mkv").native() + "\n");
  EXPECT_EQ(go({}, {"--files-from", list.native()}).exit_code, 4);
  EXPECT_THAT(quarantined(out_), testing::ElementsAre(Pair("gone.mkv", "vanished")));
  EXPECT_EQ(results(), 2u);
  fs::remove(input_ / "a.mkv");
  const auto result = go({}, {"--files-from", list.native()});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, HasSubstr("1 file of the list is not there any more"));
  EXPECT_THAT(quarantined(out_), testing::ElementsAre(Pair("gone.mkv", "vanished")));
  EXPECT_EQ(results(), 2u);
  put("gone.mkv");
  EXPECT_EQ(go({}, {"--files-from", list.native()}).exit_code, 0) << "it came back";
  EXPECT_EQ(results(), 3u);
}

TEST_F(BadInput, AForgottenStateFolderIsRefusedWithTheCure) {
  put("a.mkv");
  const auto state = (folder_ / "state").native();
  EXPECT_EQ(go({input_.native()}, {"--state", state}).exit_code, 0);
  const auto result = go();
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("add --state " + state));
  EXPECT_FALSE(fs::exists(out_ / "ledger.sqlite"));
  EXPECT_EQ(go({input_.native()}, {"--state", state}).exit_code, 0);
  EXPECT_EQ(report_of(out_)["videos"]["skipped"], 1);
}

TEST_F(BadInput, LimitAndPatternsChooseWhatIsProcessed) {
  for (const auto* name : {"a.mkv", "b.mkv", "sub/c.mkv", "sub/tmp/d.mkv"}) put(name);
  EXPECT_EQ(
      go({input_.native()}, {"--include", "sub/**/*.mkv", "--exclude", "**/tmp/**"}).exit_code, 0);
  EXPECT_EQ(report_of(out_)["videos"]["found"], 1);
  EXPECT_EQ(go({input_.native()}, {"--limit", "1"}).exit_code, 0);
  EXPECT_EQ(results(), 2u);
}

TEST_F(BadInput, ADryRunWritesNothing) {
  put("clip.mkv");
  const auto result = go({input_.native()}, {"--dry-run"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("1 to process"));
  EXPECT_FALSE(fs::exists(out_));
}

}  // namespace
}  // namespace reelmill
