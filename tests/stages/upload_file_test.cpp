// SPDX-License-Identifier: Apache-2.0
// upload to: file:DIR
#include <csignal>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/digest.h"
#include "stages/upload/file_target.h"
#include "stages/upload/part_file.h"
#include "tests/stages/upload_support.h"

namespace reelmill::test {
namespace {
namespace fs = std::filesystem;
using testing::HasSubstr;

std::vector<std::string> files_below(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) names.push_back(fs::relative(entry.path(), folder).string());
  std::sort(names.begin(), names.end());
  return names;
}

ino_t inode_of(const fs::path& path) {
  struct stat about{};
  EXPECT_EQ(::stat(path.c_str(), &about), 0);
  return about.st_ino;
}

struct FileTargetTest : testing::Test {
  TempFolder folder;
  const fs::path published = folder / "published";
  FileTarget target{published, "writer"};
};

TEST_F(FileTargetTest, PublishesUnderTheNameWithTheFoldersItNeeds) {
  const auto item = item_of(folder.write("x", "content"), "a b/\xff\n/clip.mp4.json");
  const auto outcome = target.put(item, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->bytes_sent, 7u);
  EXPECT_THAT(outcome->location, HasSubstr("a b/\\xff\\x0a/clip.mp4.json"));
  EXPECT_EQ(read_file(published / "a b/\xff\n/clip.mp4.json"), "content");
}

TEST_F(FileTargetTest, AFolderMayBeWrittenWithASlashAtItsEnd) {
  FileTarget with_slash(published / "", "writer");
  const auto outcome = with_slash.put(item_of(folder.write("x", "1"), "a/b/1"), {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(files_below(published), std::vector<std::string>{"a/b/1"});
}

TEST_F(FileTargetTest, LeavesNothingBesideWhatItPublishes) {
  ASSERT_TRUE(target.put(item_of(folder.write("x", "1"), "a/1"), {}));
  ASSERT_TRUE(target.put(item_of(folder.write("y", ""), "a/empty"), {}));
  EXPECT_EQ(files_below(published), (std::vector<std::string>{"a/1", "a/empty"}));
}

TEST_F(FileTargetTest, DoesNotRewriteWhatIsThereAlready) {
  const auto item = item_of(folder.write("x", "content"), "name");
  ASSERT_TRUE(target.put(item, {}));
  const auto before = inode_of(published / "name");
  const auto again = target.put(item, {});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->bytes_sent, 0u);
  EXPECT_EQ(inode_of(published / "name"), before);
}

TEST_F(FileTargetTest, ReplacesOtherContentOfTheSameSize) {
  ASSERT_TRUE(target.put(item_of(folder.write("x", "old"), "name"), {}));
  ASSERT_TRUE(target.put(item_of(folder.write("y", "new"), "name"), {}));
  EXPECT_EQ(read_file(published / "name"), "new");
}

TEST_F(FileTargetTest, ReplacesALinkInsteadOfWritingThroughIt) {
  const auto precious = folder.write("precious", "precious");
  fs::create_directories(published);
  fs::create_symlink(precious, published / "name");
  ASSERT_TRUE(target.put(item_of(folder.write("x", "mine"), "name"), {}));
  EXPECT_EQ(read_file(precious), "precious");
  EXPECT_EQ(read_file(published / "name"), "mine");
}

TEST_F(FileTargetTest, TakesOverWhatACrashLeft) {
  const auto item = item_of(folder.write("x", "content"), "name");
  const auto part = std::string(kTemporaryPrefix) + hex64(xxh3("writer\nname"));
  folder.write(fs::path("published") / part, "half of something much longer than the content");
  ASSERT_TRUE(target.put(item, {}));
  EXPECT_EQ(files_below(published), std::vector<std::string>{"name"});
  EXPECT_EQ(read_file(published / "name"), "content");
}

TEST_F(FileTargetTest, TwoAttemptsAtOneItemDoNotMix) {
  const auto item = item_of(folder.write("x", "content"), "name");
  const auto part = folder.write(
      fs::path("published") / (std::string(kTemporaryPrefix) + hex64(xxh3("writer\nname"))),
      "other's");
  const int other = ::open(part.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  const auto outcome = target.put(item, {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(read_file(part), "other's");
  ::close(other);
  EXPECT_TRUE(target.put(item, {}));
}

TEST_F(FileTargetTest, AFileThatChangedSinceItWasRecordedIsNotPublished) {
  auto item = item_of(folder.write("x", "content"), "name");
  folder.write("x", "CONTENT");
  const auto same_size = target.put(item, {});
  folder.write("x", "longer content");
  const auto other_size = target.put(item, {});
  for (const auto* outcome : {&same_size, &other_size}) {
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error().kind, ErrorKind::invalid_input);
    EXPECT_THAT(outcome->error().message, HasSubstr("changed since it was recorded"));
  }
  EXPECT_TRUE(files_below(published).empty());
}

TEST_F(FileTargetTest, AFileThatIsGoneIsNotFound) {
  auto item = item_of(folder.write("x", "content"), "name");
  fs::remove(folder / "x");
  EXPECT_EQ(target.put(item, {}).error().kind, ErrorKind::not_found);
}

/// Files of this process may not grow beyond this while the object lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : on_excess_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, on_excess_);
  }

 private:
  rlimit before_{};
  void (*on_excess_)(int);
};

TEST_F(FileTargetTest, ATargetThatTakesNoMoreIsExhaustedAndLeavesNoPart) {
  const auto item = item_of(folder.write("x", std::string(10'000, 'x')), "name");
  const auto outcome = [&] {
    const FileSizeLimit limit(4096);
    return target.put(item, {});
  }();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::exhausted);
  EXPECT_TRUE(files_below(published).empty());
}

TEST(TargetError, SaysWhatCanBeDone) {
  const auto kind = [](int number) { return target_error("write", "/x", number, 1).kind; };
  for (const int number : {ENOSPC, EDQUOT}) EXPECT_EQ(kind(number), ErrorKind::exhausted);
  for (const int number : {EACCES, EPERM, EROFS}) EXPECT_EQ(kind(number), ErrorKind::denied);
  for (const int number : {EIO, ESTALE, ENOTCONN, ENOENT})
    EXPECT_EQ(kind(number), ErrorKind::unavailable);
  for (const int number : {ENAMETOOLONG, ENOTDIR, EISDIR})
    EXPECT_EQ(kind(number), ErrorKind::invalid_input);
}

TEST_F(FileTargetTest, AFolderThatSomebodyRemovedMeanwhileIsMadeAgain) {
  ASSERT_TRUE(target.put(item_of(folder.write("x", "1"), "a/1"), {}));
  fs::remove_all(published);
  ASSERT_TRUE(target.put(item_of(folder.write("y", "2"), "a/2"), {}));
  EXPECT_EQ(files_below(published), std::vector<std::string>{"a/2"});
}

TEST_F(FileTargetTest, ANameLongerThanTheFileSystemAllowsIsTheItemsFault) {
  const auto item = item_of(folder.write("x", "content"), std::string(300, 'n'));
  EXPECT_EQ(target.put(item, {}).error().kind, ErrorKind::invalid_input);
}

TEST_F(FileTargetTest, ANameOf255BytesFits) {
  const auto item = item_of(folder.write("x", "content"), std::string(255, 'n'));
  EXPECT_TRUE(target.put(item, {}));
}

TEST_F(FileTargetTest, AFileWhereAFolderIsNeededIsTheItemsFault) {
  folder.write("published/name", "");
  const auto item = item_of(folder.write("x", "content"), "name/inner");
  EXPECT_EQ(target.put(item, {}).error().kind, ErrorKind::invalid_input);
}

TEST_F(FileTargetTest, StopsWhenToldTo) {
  std::stop_source stop;
  stop.request_stop();
  CallContext stopped, late;
  stopped.stop = stop.get_token();
  late.deadline = Clock::time_point::min();
  const auto item = item_of(folder.write("x", "content"), "name");
  EXPECT_EQ(target.put(item, stopped).error().kind, ErrorKind::cancelled);
  EXPECT_EQ(target.put(item, late).error().kind, ErrorKind::timeout);
  EXPECT_FALSE(fs::exists(published));
}

TEST_F(FileTargetTest, PreparingWritesNothing) {
  EXPECT_TRUE(target.prepare());
  EXPECT_FALSE(fs::exists(published));
}

TEST_F(FileTargetTest, PreparingNoticesAFileInTheWay) {
  folder.write("published", "");
  const auto prepared = target.prepare();
  ASSERT_FALSE(prepared);
  EXPECT_THAT(prepared.error().message, HasSubstr("is not a folder"));
}

}  // namespace
}  // namespace reelmill::test
