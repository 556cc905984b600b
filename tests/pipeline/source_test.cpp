// SPDX-License-Identifier: Apache-2.0
#include "pipeline/source.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/glob.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using test::TempFolder;
using ::testing::ElementsAre;

TEST(Glob, AStarStaysWithinOneName) {
  EXPECT_TRUE(glob_matches("a/*.mp4", "a/b.mp4"));
  EXPECT_FALSE(glob_matches("a/*.mp4", "a/b/c.mp4"));
}
TEST(Glob, TwoStarsStandForAnyFolders) {
  EXPECT_TRUE(glob_matches("**/*.mp4", "c.mp4"));
  EXPECT_TRUE(glob_matches("**/*.mp4", "a/b/c.mp4"));
  EXPECT_TRUE(glob_matches("**/tmp/**", "a/tmp/b/c.mp4"));
  EXPECT_FALSE(glob_matches("**/tmp/**", "a/temp/c.mp4"));
  EXPECT_TRUE(glob_matches("**", "a/b"));
}
TEST(Glob, APatternWithoutASlashIsHeldAgainstTheName) {
  EXPECT_TRUE(glob_matches("*.mkv", "a/b/c.mkv"));
}
TEST(Glob, ManyStarsCostNoTime) {
  EXPECT_FALSE(glob_matches("**/**/**/**/**/**/**/x", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t"));
}

class Source : public ::testing::Test {
 protected:
  Source() {
    folder_.write("b.mp4", "12");
    folder_.write("a.MKV", "1");
    folder_.write("notes.txt", "1");
    folder_.write("sub/c.ts", "123");
    folder_.write(".hidden/d.mp4", "1");
    options_.inputs = {folder_.path()};
    options_.output = folder_ / "out";
  }
  std::vector<std::string> keys() {
    std::vector<std::string> names;
    auto listing = list_videos(options_);
    EXPECT_THAT(listing, testing::IsOk());
    if (listing)
      for (const auto& video : listing->videos) names.push_back(video.key);
    return names;
  }
  TempFolder folder_;
  SourceOptions options_;
};

TEST_F(Source, TakesFilesWithMediaNamesLargestFirst) {
  EXPECT_THAT(keys(), ElementsAre("sub/c.ts", "b.mp4", "a.MKV"));
}
TEST_F(Source, FilesGivenByNameHaveTheirMountAsRoot) {
  options_.inputs = {folder_ / "b.mp4"};
  options_.listed = {folder_ / "a.MKV", folder_ / "sub/c.ts", folder_ / "gone.mp4"};
  const auto listing = list_videos(options_);
  ASSERT_THAT(listing, testing::IsOk());
  ASSERT_EQ(listing->roots.size(), 1u) << "they are on the same one";
  const auto& root = listing->roots.front();
  EXPECT_TRUE(root.is_mount);
  struct stat file{}, mount{}, above{};
  ASSERT_EQ(::stat(folder_.path().c_str(), &file), 0);
  ASSERT_EQ(::stat(root.path.c_str(), &mount), 0);
  ASSERT_EQ(::stat(root.path.parent_path().c_str(), &above), 0);
  EXPECT_EQ(root.device, file.st_dev);
  EXPECT_EQ(root.device, mount.st_dev);
  EXPECT_EQ(root.inode, mount.st_ino);
  EXPECT_TRUE(above.st_dev != mount.st_dev || root.path == "/") << root.path;
}
TEST_F(Source, OrdersByName) {
  options_.order = SourceOrder::name;
  EXPECT_THAT(keys(), ElementsAre("a.MKV", "b.mp4", "sub/c.ts"));
}
TEST_F(Source, OrdersByAge) {
  options_.order = SourceOrder::newest;
  std::filesystem::last_write_time(
      folder_ / "a.MKV", std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  EXPECT_EQ(keys().front(), "a.MKV");
}
TEST_F(Source, TakesAnimatedPictures) {
  for (const char* name : {"turning.apng", "turning.GIF", "still.png"}) folder_.write(name, "x");
  options_.exclude = {"*.mp4", "*.MKV", "sub/**"};
  EXPECT_THAT(keys(), ::testing::UnorderedElementsAre("turning.apng", "turning.GIF"));
}
TEST_F(Source, IncludeTakesWhatItNamesWhateverItIsCalled) {
  options_.include = {"*.txt"};
  EXPECT_THAT(keys(), ElementsAre("notes.txt"));
}
TEST_F(Source, ExcludeLeavesOut) {
  options_.exclude = {"sub/**"};
  EXPECT_THAT(keys(), ElementsAre("b.mp4", "a.MKV"));
}
TEST_F(Source, AFileGivenByNameIsAlwaysTaken) {
  options_.inputs = {folder_ / "notes.txt"};
  EXPECT_THAT(keys(), ElementsAre("notes.txt"));
}
TEST_F(Source, KeysStayApartWhateverTheOrderOfInputs) {
  TempFolder other;
  other.write("b.mp4", "1234567");
  options_.inputs = {folder_.path(), other.path()};
  auto one = keys();
  options_.inputs = {other.path(), folder_.path()};
  auto two = keys();
  EXPECT_EQ(one.size(), 4u);
  EXPECT_EQ(one, two);
}
TEST_F(Source, AMissingInputIsNamed) {
  options_.inputs = {folder_ / "gone"};
  EXPECT_THAT(list_videos(options_), testing::FailsWith(ErrorKind::not_found, "gone"));
}
TEST_F(Source, AMissingFileOfAListIsListedWhereItShouldBe) {
  options_.inputs = {};
  std::filesystem::create_symlink(folder_ / "nowhere.mp4", folder_ / "dangling.mp4");
  options_.listed = {folder_ / "b.mp4", folder_ / "sub/../gone.mp4", folder_ / "dangling.mp4"};
  const auto listing = list_videos(options_);
  ASSERT_THAT(listing, testing::IsOk());
  EXPECT_THAT(keys(), ::testing::UnorderedElementsAre("b.mp4", "gone.mp4", "dangling.mp4"));
  EXPECT_THAT(listing->gone, ElementsAre(folder_ / "gone.mp4", folder_ / "dangling.mp4"));
}

TEST_F(Source, LinksInACircleOfAListAreEachListedUnderTheirNames) {
  options_.inputs = {};
  for (const auto* name : {"x.mp4", "y.mp4"})
    std::filesystem::create_symlink(folder_ / name, folder_ / name);
  options_.listed = {folder_ / "x.mp4", folder_ / "y.mp4", folder_ / "gone/"};
  const auto listing = list_videos(options_);
  ASSERT_THAT(listing, testing::IsOk());
  EXPECT_THAT(keys(), ::testing::UnorderedElementsAre("x.mp4", "y.mp4", "gone"));
  EXPECT_THAT(listing->gone, ElementsAre(folder_ / "x.mp4", folder_ / "y.mp4", folder_ / "gone"));
}

TEST_F(Source, FoldersOfAListAreWalked) {
  options_.inputs = {};
  options_.listed = {folder_ / "sub"};
  EXPECT_THAT(keys(), ElementsAre("c.ts"));
}
TEST_F(Source, AFolderThatCannotBeReadIsCountedAndNamed) {
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
  for (const unsigned rights : {0000U, 0444U}) {  // not to be listed; listed, but not entered
    std::filesystem::permissions(folder_ / "sub", std::filesystem::perms(rights));
    // The superuser may read everything.
    const auto user = ::geteuid();
    if (user == 0) {
      ASSERT_EQ(::seteuid(65534), 0);
    }
    const auto listing = list_videos(options_);
    if (user == 0) {
      ASSERT_EQ(::seteuid(user), 0);
    }
    std::filesystem::permissions(folder_ / "sub", std::filesystem::perms(0755));
    ASSERT_THAT(listing, testing::IsOk());
    EXPECT_EQ(listing->videos.size(), 2u);
    EXPECT_EQ(listing->unreadable_folders, 1);
    EXPECT_THAT(listing->notes,
                ElementsAre(::testing::HasSubstr((folder_ / "sub").native() + " could not be")));
  }
}
TEST(FileList, TakesLinesOrNuls) {
  EXPECT_THAT(parse_file_list("a\nb c\r\n\nd"), ElementsAre("a", "b c", "d"));
  EXPECT_THAT(parse_file_list(std::string_view("a\nb\0c\0", 6)), ElementsAre("a\nb", "c"));
}

}  // namespace
}  // namespace reelmill
