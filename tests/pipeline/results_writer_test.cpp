// SPDX-License-Identifier: Apache-2.0
#include "pipeline/results_writer.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ResultsWriterTest : public ::testing::Test {
 protected:
  test::TempFolder out;
  DurableFolders folders{out.path()};
  VideoFile file{"/videos/a.mp4", "day/a.mp4", 4711, 5};
  MediaInfo media;
  Findings findings;
  VideoResults results{file, media, findings, "done", 50, 0, 2.0, {}};

  static std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(out.path()))
      if (!entry.is_directory()) names.insert(entry.path().lexically_relative(out.path()));
    return names;
  }
};

TEST_F(ResultsWriterTest, ResultsAndArtifactsLieUnderTheNameOfTheVideo) {
  ResultsWriter writer(folders, file.key);
  ASSERT_TRUE(writer.write("shots/2.jpg", bytes("two")));
  ASSERT_TRUE(writer.write("shots/1.jpg", bytes("one!")));
  const auto written = writer.commit(results);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_THAT(files(), ElementsAre("artifacts/day/a.mp4/shots/1.jpg",
                                   "artifacts/day/a.mp4/shots/2.jpg", "results/day/a.mp4.json"));
  EXPECT_EQ(written->results.file, "results/day/a.mp4.json");
  EXPECT_EQ(written->results.sha256, sha256_file(out / "results/day/a.mp4.json").value());
  ASSERT_EQ(written->artifacts.size(), 2u);
  EXPECT_EQ(written->artifacts[0].file, "artifacts/day/a.mp4/shots/1.jpg");
  EXPECT_EQ(written->artifacts[0].bytes, 4u);
  EXPECT_EQ(written->artifacts[0].sha256, sha256_hex("one!"));
  EXPECT_EQ(test::read_file(out / "results/day/a.mp4.json"), results_text(results));
}

TEST_F(ResultsWriterTest, AnArtifactBelongsToTheStageThatWroteIt) {
  ResultsWriter writer(folders, file.key);
  writer.begin_stage("one");
  ASSERT_TRUE(writer.write("a.jpg", bytes("a")));
  writer.begin_stage("two");
  ASSERT_TRUE(writer.write("b.jpg", bytes("b")));
  const auto written = writer.commit(results);
  ASSERT_TRUE(written);
  EXPECT_EQ(written->artifacts[0].stage, "one");
  EXPECT_EQ(written->artifacts[1].stage, "two");
}

TEST_F(ResultsWriterTest, NobodySeesAnArtifactOfAVideoThatIsNotFinished) {
  {
    ResultsWriter writer(folders, file.key);
    ASSERT_TRUE(writer.write("1.jpg", bytes("one")));
    EXPECT_FALSE(std::filesystem::exists(out / "artifacts/day/a.mp4/1.jpg"));
  }
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(ResultsWriterTest, AnArtifactCannotLeaveTheFolderOfItsVideo) {
  ResultsWriter writer(folders, file.key);
  for (const char* name : {"../b.mp4/1.jpg", "/tmp/1.jpg", "", "a/../../1.jpg"}) {
    const auto status = writer.write(name, bytes("one"));
    ASSERT_FALSE(status) << name;
    EXPECT_EQ(status.error().kind, ErrorKind::internal);
    EXPECT_THAT(status.error().message, HasSubstr("day/a.mp4"));
  }
}

TEST_F(ResultsWriterTest, TwoArtifactsOfOneNameAreRefused) {
  ResultsWriter writer(folders, file.key);
  ASSERT_TRUE(writer.write("1.jpg", bytes("one")));
  EXPECT_FALSE(writer.write("1.jpg", bytes("two")));
}

TEST_F(ResultsWriterTest, AnalysingAgainReplacesAndRemovesWhatIsNotMadeAnyMore) {
  {
    ResultsWriter writer(folders, file.key);
    ASSERT_TRUE(writer.write("1.jpg", bytes("one")));
    ASSERT_TRUE(writer.write("2.jpg", bytes("two")));
    ASSERT_TRUE(writer.commit(results));
  }
  ResultsWriter writer(folders, file.key);
  ASSERT_TRUE(writer.write("2.jpg", bytes("new")));
  ASSERT_TRUE(writer.commit(results));
  EXPECT_THAT(files(), ElementsAre("artifacts/day/a.mp4/2.jpg", "results/day/a.mp4.json"));
  EXPECT_EQ(test::read_file(out / "artifacts/day/a.mp4/2.jpg"), "new");
}

TEST_F(ResultsWriterTest, RemovingResultsLeavesOtherVideosAlone) {
  for (const std::string key : {"day/a.mp4", "day/b.mp4"}) {
    ResultsWriter writer(folders, key);
    ASSERT_TRUE(writer.write("1.jpg", bytes("one")));
    ASSERT_TRUE(writer.commit(results));
  }
  ASSERT_TRUE(remove_results(out.path(), "day/a.mp4"));
  ASSERT_TRUE(remove_results(out.path(), "never/seen.mp4"));
  EXPECT_THAT(files(), ElementsAre("artifacts/day/b.mp4/1.jpg", "results/day/b.mp4.json"));
}

}  // namespace
}  // namespace reelmill
