// SPDX-License-Identifier: Apache-2.0
#include "media/media_input.h"

#include <cerrno>
#include <cstdio>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using test::TempFolder;
using testing::HasSubstr;

std::string read_all(MediaInput& input, int block = 7) {
  std::string text;
  std::vector<std::uint8_t> buffer(static_cast<std::size_t>(block));
  while (true) {
    const int got = input.read(buffer.data(), block);
    if (got <= 0) return text;
    text.append(buffer.begin(), buffer.begin() + got);
  }
}

TEST(MediaInput, ReadsTheWholeFileAndCountsProgress) {
  const TempFolder folder;
  const auto control = std::make_shared<ReadControl>();
  auto input = MediaInput::open(folder.write("a", "hello, world"), control);
  ASSERT_TRUE(input) << to_string(input.error());
  EXPECT_EQ(read_all(**input), "hello, world");
  EXPECT_EQ((*input)->bytes_read(), 12U);
  EXPECT_EQ(control->progress(), 2U);
  EXPECT_EQ((*input)->read_errno(), 0);
  EXPECT_EQ((*input)->identity().bytes, 12U);
}

TEST(MediaInput, SeeksLikeLseekAndRefusesPositionsBeforeTheStart) {
  const TempFolder folder;
  auto input = *MediaInput::open(folder.write("a", "0123456789"));
  EXPECT_EQ(input->seek(4, SEEK_SET), 4);
  EXPECT_EQ(input->seek(2, SEEK_CUR), 6);
  EXPECT_EQ(read_all(*input), "6789");
  EXPECT_EQ(input->seek(-3, SEEK_END), 7);
  EXPECT_EQ(read_all(*input), "789");
  EXPECT_EQ(input->seek(-1, SEEK_SET), -EINVAL);
  EXPECT_EQ(input->seek(INT64_MAX, SEEK_END), -EINVAL);
  EXPECT_EQ(input->seek(0, 99), -EINVAL);
  EXPECT_EQ(input->seek(1000, SEEK_SET), 1000);
  EXPECT_EQ(read_all(*input), "");
}

struct Refusal {
  std::string name;
  std::function<std::filesystem::path(const TempFolder&)> make;
  ErrorKind kind;
  std::string text;
};

void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << refusal.name;
}

class MediaInputRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(MediaInputRefuses, WithAReason) {
  const TempFolder folder;
  const auto input = MediaInput::open(GetParam().make(folder));
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error().kind, GetParam().kind) << to_string(input.error());
  EXPECT_THAT(input.error().message, HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, MediaInputRefuses,
    testing::Values(
        Refusal{"Fifo",
                [](const TempFolder& folder) {
                  const auto path = folder / "pipe.mp4";
                  EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
                  return path;
                },
                ErrorKind::invalid_input, "open pipe.mp4: is a FIFO, not a regular file"},
        Refusal{"Folder", [](const TempFolder& folder) { return folder.path(); },
                ErrorKind::invalid_input, "is a directory, not a regular file"},
        Refusal{"Device", [](const TempFolder&) { return "/dev/zero"; }, ErrorKind::invalid_input,
                "is a character device, not a regular file"},
        Refusal{"Socket",
                [](const TempFolder& folder) {
                  const auto path = folder / "s";
                  sockaddr_un address{};
                  address.sun_family = AF_UNIX;
                  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
                  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
                  EXPECT_EQ(
                      ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address),
                      0);
                  ::close(socket);
                  return path;
                },
                ErrorKind::invalid_input, "is a socket, not a regular file"},
        Refusal{"EmptyFile", [](const TempFolder& folder) { return folder.write("none.mp4", ""); },
                ErrorKind::invalid_input, "open none.mp4: is empty (0 bytes)"},
        Refusal{"MissingFile", [](const TempFolder& folder) { return folder / "gone.mp4"; },
                ErrorKind::not_found, "open gone.mp4: No such file or directory"},
        Refusal{"SymlinkLoop",
                [](const TempFolder& folder) {
                  const auto path = folder / "loop";
                  std::filesystem::create_symlink(path, path);
                  return path;
                },
                ErrorKind::invalid_input, "symbolic links"},
        Refusal{"NameOnItsOwnLine",
                [](const TempFolder& folder) { return folder / "a\nb\xFF.mp4"; },
                ErrorKind::not_found, "open a\\x0ab\\xff.mp4: "}),
    [](const auto& refusal) { return refusal.param.name; });

TEST(MediaInput, SaysDeniedForAFileThatMayNotBeRead) {
  const TempFolder folder;
  const auto path = folder.write("secret.mp4", "x");
  ::chmod(path.c_str(), 0);
  ::chmod(folder.path().c_str(), 0755);
  const bool is_root = ::geteuid() == 0;
  constexpr uid_t kNobody = 65534;
  if (is_root) {  // root may read everything
    ASSERT_EQ(::seteuid(kNobody), 0);
  }
  const auto input = MediaInput::open(path);
  if (is_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error().kind, ErrorKind::denied);
}

TEST(MediaInput, FollowsASymlinkToARegularFile) {
  const TempFolder folder;
  const auto target = folder.write("target", "x");
  std::filesystem::create_symlink(target, folder / "link");
  EXPECT_TRUE(MediaInput::open(folder / "link"));
}

TEST(MediaInput, StopsAtOnceWhenInterrupted) {
  const TempFolder folder;
  const auto control = std::make_shared<ReadControl>();
  auto input = *MediaInput::open(folder.write("a", "x"), control);
  control->interrupt();
  std::uint8_t byte = 0;
  EXPECT_EQ(input->read(&byte, 1), -ECANCELED);
  EXPECT_EQ(input->read_errno(), 0);
}

TEST(MediaInput, RemembersThatTheStorageFailed) {
  const TempFolder folder;  // armed in fail_points_test.cpp
  auto input = *MediaInput::open(folder.write("failing-storage", "x"));
  std::uint8_t byte = 0;
  EXPECT_EQ(input->read(&byte, 1), -EIO);
  EXPECT_EQ(input->read_errno(), EIO);
}

TEST(MediaInput, ReadsAFileThatGrowsOnlyAsFarAsItWasWhenOpened) {
  const TempFolder folder;
  const auto path = folder.write("growing", "first");
  auto input = *MediaInput::open(path);
  std::ofstream(path, std::ios::app) << " and more";
  EXPECT_EQ(read_all(*input), "first");
  const auto now = input->current_identity();
  ASSERT_TRUE(now);
  EXPECT_NE(*now, input->identity());
}

TEST(MediaInput, SeesThatAFileWasReplacedOrRemoved) {
  const TempFolder folder;
  const auto path = folder.write("a", "same");
  auto input = *MediaInput::open(path);
  EXPECT_EQ(*input->current_identity(), input->identity());
  std::filesystem::rename(folder.write("b", "same"), path);
  EXPECT_NE(*input->current_identity(), input->identity());
  std::filesystem::remove(path);
  EXPECT_EQ(input->current_identity().error().kind, ErrorKind::not_found);
}

TEST(StorageErrno, IsToldFromAnErrorOfOneFile) {
  for (const int error : {EIO, ESTALE, ENOTCONN, ENODEV, ETIMEDOUT, EHOSTDOWN}) {
    EXPECT_TRUE(is_storage_errno(error)) << error;
  }
  for (const int error : {0, ENOENT, EACCES, EISDIR, EINVAL, ECANCELED}) {
    EXPECT_FALSE(is_storage_errno(error)) << error;
  }
}

}  // namespace
}  // namespace reelmill
