// SPDX-License-Identifier: Apache-2.0
#include "base/read_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using testing::FailsWith;
using testing::IsOkAndHolds;

class ReadFile : public ::testing::Test {
 protected:
  test::TempFolder folder_;
};

TEST_F(ReadFile, GivesEveryByteAndThePiecesInTheirOrder) {
  std::string content(700'000, 'x');
  for (std::size_t i = 0; i < content.size(); i += 1000) content[i] = static_cast<char>(i / 1000);
  const auto file = folder_.write("long", content);
  EXPECT_THAT(read_whole_file(file), IsOkAndHolds(content));
  EXPECT_THAT(sha256_file(file), IsOkAndHolds(sha256_hex(content)));
  EXPECT_THAT(read_whole_file(folder_.write("empty", "")), IsOkAndHolds(""));
}

TEST_F(ReadFile, WhatIsNotThereIsNotFound) {
  EXPECT_THAT(read_whole_file(folder_ / "gone"), FailsWith(ErrorKind::not_found, "gone"));
  EXPECT_THAT(sha256_file(folder_ / "gone"), FailsWith(ErrorKind::not_found, "gone"));
}

TEST_F(ReadFile, AFolderIsNoFile) {
  EXPECT_THAT(read_whole_file(folder_.path()),
              FailsWith(ErrorKind::invalid_input, "not a regular file"));
}

TEST_F(ReadFile, APipeWithoutAWriterIsRefusedAndNotWaitedFor) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(read_whole_file(folder_ / "pipe"), FailsWith(ErrorKind::invalid_input, "pipe"));
  EXPECT_THAT(sha256_file(folder_ / "pipe"), FailsWith(ErrorKind::invalid_input, "pipe"));
}

TEST_F(ReadFile, AnErrorKeepsItsNameOnOneLine) {
  EXPECT_THAT(read_whole_file(folder_ / "two\nlines"),
              FailsWith(ErrorKind::not_found, "two\\x0alines"));
}

}  // namespace
}  // namespace reelmill
