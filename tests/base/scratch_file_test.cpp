// SPDX-License-Identifier: Apache-2.0
#include "base/scratch_file.h"

#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

TEST(ScratchFile, GivesEachPieceBackAsItWas) {
  const test::TempFolder folder;
  ScratchFile file(folder.path(), "keep things");
  const auto a = file.write("first"), b = file.write(""), c = file.write(std::string(100000, 'x'));
  EXPECT_EQ(file.bytes(), 100005u);
  EXPECT_EQ(*file.take(*c), std::string(100000, 'x'));
  EXPECT_EQ(*file.take(*b), "");
  EXPECT_EQ(*file.take(*a), "first");
  EXPECT_EQ(file.bytes(), 0u);
  EXPECT_EQ(file.high_water(), 100005u);
}

TEST(ScratchFile, LeavesNothingInTheFolder) {
  const test::TempFolder folder;
  ScratchFile file(folder.path(), "keep things");
  ASSERT_THAT(file.write("first"), testing::IsOk());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ScratchFile, BeginsAgainAtItsStartWhenNothingIsLeft) {
  const test::TempFolder folder;
  ScratchFile file(folder.path(), "keep things");
  for (int i = 0; i < 3; ++i) {
    const auto piece = file.write("content");
    ASSERT_THAT(piece, testing::IsOk());
    EXPECT_EQ(piece->offset, 0);
    EXPECT_EQ(*file.take(*piece), "content");
  }
}

TEST(ScratchFile, SaysWhatItWasForWhenTheFolderIsMissing) {
  ScratchFile file("/no/such/folder", "keep things");
  EXPECT_THAT(file.write("x"),
              testing::FailsWith(ErrorKind::unavailable, "keep things in /no/such/folder"));
}

}  // namespace
}  // namespace reelmill
