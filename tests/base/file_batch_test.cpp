// SPDX-License-Identifier: Apache-2.0
#include "base/file_batch.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

ino_t inode_of(const std::filesystem::path& file) {
  struct stat about{};
  EXPECT_EQ(::stat(file.c_str(), &about), 0) << file;
  return about.st_ino;
}

class FileBatchTest : public ::testing::Test {
 protected:
  test::TempFolder folder;
  DurableFolders folders{folder.path()};

  void write(std::string_view content) {
    FileBatch batch(folders);
    ASSERT_TRUE(batch.add(folder / "a", content));
    ASSERT_TRUE(batch.commit());
  }
};

TEST_F(FileBatchTest, AFileThatHasItsContentAlreadyIsLeftAlone) {
  write("one");
  const auto before = inode_of(folder / "a");
  write("one");
  EXPECT_EQ(inode_of(folder / "a"), before);
  write("two");  // of the same size
  EXPECT_EQ(test::read_file(folder / "a"), "two");
  write("");
  EXPECT_EQ(test::read_file(folder / "a"), "");
}

TEST_F(FileBatchTest, TheRootMayEndInASlash) {
  DurableFolders slashed(folder / "");
  FileBatch batch(slashed);
  EXPECT_TRUE(batch.add(folder / "b/c", "one"));
  EXPECT_TRUE(batch.commit());
  EXPECT_EQ(test::read_file(folder / "b/c"), "one");
}

TEST_F(FileBatchTest, ALinkIsReplacedWhateverItPointsTo) {
  test::TempFolder elsewhere;
  const auto target = elsewhere.write("b", "one");
  std::filesystem::create_symlink(target, folder / "a");
  write("one");
  EXPECT_FALSE(std::filesystem::is_symlink(folder / "a"));
}

}  // namespace
}  // namespace reelmill
