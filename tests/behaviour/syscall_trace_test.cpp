// SPDX-License-Identifier: Apache-2.0
// The judge of the power-loss order, judged itself.
#include "tests/support/syscall_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace reelmill::test {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Two threads; the folder's fsync is cut in two by a call of the other.
const std::vector<std::string> kGoodTrace{
    R"(10 openat(AT_FDCWD</home>, "/out/r/.tmp", O_WRONLY|O_CREAT|O_EXCL, 0666) = 5</out/r/.tmp>)",
    R"(10 write(5</out/r/.tmp>, "{\"a\": \"\303\274\"}\n", 12) = 12)",
    R"(10 fsync(5</out/r/.tmp>)           = 0)",
    R"(10 rename("/out/r/.tmp", "/out/r/a.json") = 0)",
    R"(10 fsync(6</out/r> <unfinished ...>)",
    R"(11 write(1<pipe:[77]>, "other", 5) = 5)",
    R"(10 <... fsync resumed>)            = 0)",
    R"(11 pwrite64(7</out/ledger.sqlite-wal>, "\0\1feedbeef\2", 11, 4096) = 11)",
    R"(11 fdatasync(7</out/ledger.sqlite-wal>) = 0)",
    R"(10 +++ exited with 0 +++)",
};
const std::vector<VouchedFile> kFiles{{"/out/r/a.json", "feedbeef"}};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

std::vector<std::string> gaps_of(const std::vector<std::string>& lines) {
  return power_loss_gaps(parse_trace(joined(lines)), kFiles, "/out/ledger.sqlite-wal");
}

std::vector<std::string> without(std::size_t index) {
  auto lines = kGoodTrace;
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(index));
  return lines;
}

TEST(SyscallTrace, ReadsCallsWithPathsDataAndOrder) {
  const auto calls = parse_trace(joined(kGoodTrace));
  ASSERT_THAT(calls, SizeIs(8));
  EXPECT_EQ(calls[1].data, "{\"a\": \"\xc3\xbc\"}\n");
  EXPECT_EQ(calls[3].path, "/out/r/.tmp");
  EXPECT_EQ(calls[3].to_path, "/out/r/a.json");
  EXPECT_EQ(calls[4].name, "fsync");
  EXPECT_LT(calls[4].begun, calls[5].begun);
  EXPECT_GT(calls[4].ended, calls[5].ended);
}

TEST(SyscallTrace, AFileThatIsLeftAloneNeedsItsFolderFlushedAndIsNotWrittenAgain) {
  const std::vector<VouchedFile> left_alone{{"/out/r/a.json", "feedbeef", true}};
  const auto gaps = [&](std::vector<std::string> lines) {
    return power_loss_gaps(parse_trace(joined(lines)), left_alone, "/out/ledger.sqlite-wal");
  };
  EXPECT_THAT(gaps(without(3)), IsEmpty());
  EXPECT_THAT(gaps(kGoodTrace), ElementsAre(HasSubstr("not left alone")));
  auto unflushed = without(3);
  std::erase_if(unflushed, [](const auto& line) { return line.find("</out/r") != line.npos; });
  EXPECT_THAT(gaps(unflushed), ElementsAre(HasSubstr("its folder is not flushed")));
}

TEST(SyscallTrace, AGoodOrderHasNoGaps) {
  EXPECT_THAT(gaps_of(kGoodTrace), IsEmpty());
}

TEST(SyscallTrace, LinesOfNoInterestChangeNothing) {
  auto lines = kGoodTrace;
  lines.insert(lines.begin(), 50, "12 openat(AT_FDCWD</home>, \"/no\", O_RDONLY) = -1 ENOENT (No)");
  EXPECT_THAT(gaps_of(lines), IsEmpty());
}

TEST(SyscallTrace, EveryMissingStepIsNoticed) {
  EXPECT_THAT(gaps_of(without(2)), ElementsAre(HasSubstr("not flushed between its last write")));
  EXPECT_THAT(gaps_of(without(3)), ElementsAre(HasSubstr("never renamed")));
  auto no_folder = without(6);
  no_folder.erase(no_folder.begin() + 4);
  EXPECT_THAT(gaps_of(no_folder), ElementsAre(HasSubstr("its folder is not flushed")));
  EXPECT_THAT(gaps_of(without(7)), ElementsAre(HasSubstr("the ledger never writes")));
  EXPECT_THAT(gaps_of(without(8)), ElementsAre(HasSubstr("record of it is not flushed")));
}

TEST(SyscallTrace, AWriteAfterTheFlushIsNoticed) {
  auto lines = kGoodTrace;
  std::swap(lines[1], lines[2]);
  EXPECT_THAT(gaps_of(lines), ElementsAre(HasSubstr("not flushed between")));
}

TEST(SyscallTrace, AWriteUnderTheFinalNameIsNoticed) {
  auto lines = kGoodTrace;
  lines.insert(lines.begin(), R"(10 write(9</out/r/a.json>, "x", 1) = 1)");
  EXPECT_THAT(gaps_of(lines), ElementsAre(HasSubstr("written under its own name")));
}

TEST(SyscallTrace, ATemporaryNameMayBeUsedAgain) {
  auto lines = kGoodTrace;
  lines.push_back(R"(10 write(5</out/r/.tmp>, "of another file", 15) = 15)");
  EXPECT_THAT(gaps_of(lines), IsEmpty());
}

TEST(SyscallTrace, AnUnfinishedFolderFlushDoesNotCount) {
  auto lines = kGoodTrace;
  std::swap(lines[6], lines[7]);  // the ledger writes before the folder's fsync has returned
  EXPECT_THAT(gaps_of(lines), ElementsAre(HasSubstr("before its folder is flushed")));
}

TEST(SyscallTrace, AFailedFlushDoesNotCount) {
  auto lines = kGoodTrace;
  lines[2] = "10 fsync(5</out/r/.tmp>) = -1 EIO (Input/output error)";
  EXPECT_THAT(gaps_of(lines), ElementsAre(HasSubstr("not flushed between")));
}

TEST(SyscallTrace, ReadsWhatStraceReallyWrites) {
  const TempFolder folder;
  const auto out = folder.path().string();
  const auto script = "dd if=/dev/zero of=" + out + "/t bs=10 count=1 conv=fsync 2>/dev/null; mv " +
                      out + "/t " + out + "/a; sync " + out + "; printf mark > " + out +
                      "/wal; sync " + out + "/wal";
  const auto result = run(traced({.arguments = {"sh", "-c", script}}, folder / "trace"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto calls = parse_trace(read_file(folder / "trace"));
  EXPECT_THAT(power_loss_gaps(calls, {{folder / "a", "mark"}}, folder / "wal"), IsEmpty());
  EXPECT_THAT(power_loss_gaps(calls, {{folder / "a", "other"}}, folder / "wal"), SizeIs(1));
}

}  // namespace
}  // namespace reelmill::test
