// SPDX-License-Identifier: Apache-2.0
#include "pipeline/storage_watch.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

namespace fs = std::filesystem;

InputRoot root_at(const fs::path& folder, bool is_mount) {
  struct stat info{};
  EXPECT_EQ(::stat(folder.c_str(), &info), 0) << folder;
  return {folder, info.st_dev, info.st_ino, is_mount};
}

/// As after its unmounting: what was mounted there is another file system than what one sees.
InputRoot dropped(InputRoot root) {
  ++root.device;
  return root;
}

class StorageWatchTest : public testing::TestWithParam<bool> {
 protected:
  StorageWatchTest() { share_.write("tapes/a.mp4", "video"); }
  test::TempFolder share_;
  const fs::path file_ = share_ / "tapes/a.mp4";
};

TEST_P(StorageWatchTest, ARootThatIsNotWhatItWasIsGoneWithAllItsFiles) {
  const auto root = root_at(share_.path(), GetParam());
  const StorageWatch whole({root}), gone({dropped(root)});
  EXPECT_FALSE(whole.is_root_gone(file_));
  EXPECT_TRUE(whole.answers(file_));
  EXPECT_TRUE(gone.is_root_gone(file_));
  EXPECT_FALSE(gone.answers(file_));
}

TEST_P(StorageWatchTest, AFileThatIsDeletedWithItsFolderLeavesTheRootInItsPlace) {
  const StorageWatch watch({root_at(share_.path(), GetParam())});
  fs::remove_all(share_ / "tapes");
  EXPECT_FALSE(watch.is_root_gone(file_));
  EXPECT_TRUE(watch.answers(file_));
}

TEST_P(StorageWatchTest, TheInnermostRootSpeaksForAFile) {
  const auto outer = root_at(share_.path(), GetParam());
  const auto inner = root_at(share_ / "tapes", GetParam());
  for (const auto& roots : {std::vector{outer, dropped(inner)}, std::vector{dropped(inner), outer}})
    EXPECT_TRUE(StorageWatch(roots).is_root_gone(file_));
  for (const auto& roots : {std::vector{dropped(outer), inner}, std::vector{inner, dropped(outer)}})
    EXPECT_FALSE(StorageWatch(roots).is_root_gone(file_));
}

TEST_P(StorageWatchTest, AWitnessOfAnotherRootSaysNothing) {
  StorageWatch watch({root_at(share_.path(), GetParam()), root_at(share_ / "tapes", GetParam())});
  watch.was_read(file_);
  fs::remove(file_);
  EXPECT_TRUE(watch.answers(share_ / "b.mp4"));
  EXPECT_FALSE(watch.answers(share_ / "tapes/b.mp4"));
}

INSTANTIATE_TEST_SUITE_P(Of, StorageWatchTest, testing::Bool(), [](const auto& is_mount) {
  return is_mount.param ? "FilesGivenByName" : "AFolder";
});

}  // namespace
}  // namespace reelmill
