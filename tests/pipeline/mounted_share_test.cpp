// SPDX-License-Identifier: Apache-2.0
// Shares that come and go, with real mounts: in a mount namespace of their own, seen by nobody
// else.
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/mount_name.h"
#include "pipeline/storage_watch.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

namespace fs = std::filesystem;

std::uint64_t device_of(const fs::path& folder) {
  struct stat info{};
  EXPECT_EQ(::stat(folder.c_str(), &info), 0) << folder;
  return info.st_dev;
}

class MountedShare : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      GTEST_SKIP() << "needs the right to mount: run as root";
    fs::create_directories(share_);
    mount("archive:/tapes", share_);
    write_film();
  }
  void TearDown() override {
    while (::umount2(share_.c_str(), MNT_DETACH) == 0) {
    }
  }

  static void mount(const char* source, const fs::path& place) {
    ASSERT_EQ(::mount(source, place.c_str(), "tmpfs", 0, "size=1m"), 0) << std::strerror(errno);
  }
  void write_film() const {
    fs::create_directories(film_.parent_path());
    std::ofstream(film_) << "video";
  }
  /// The run's view: a folder was given, or a file by name.
  StorageWatch watch() const {
    SourceOptions options;
    options.inputs = {GetParam() ? film_ : film_.parent_path()};
    options.output = folder_ / "out";
    const auto listing = list_videos(options);
    EXPECT_EQ(listing->videos.size(), 1);
    return StorageWatch(listing->roots);
  }
  void unmount() const { ASSERT_EQ(::umount(share_.c_str()), 0) << std::strerror(errno); }

  const test::TempFolder folder_;
  const fs::path share_ = folder_ / "share";
  const fs::path film_ = share_ / "2024/a.mp4";
};

TEST_P(MountedShare, IsBackOnceItIsMountedAgainWhateverItsDeviceNumber) {
  const auto watch = this->watch();
  const auto before = device_of(share_);
  EXPECT_FALSE(watch.is_root_gone(film_));
  // Held open, the old file system keeps its number from everybody.
  const int held = ::open(share_.c_str(), O_PATH | O_CLOEXEC);
  ASSERT_GE(held, 0) << std::strerror(errno);
  ASSERT_EQ(::umount2(share_.c_str(), MNT_DETACH), 0) << std::strerror(errno);
  EXPECT_TRUE(watch.is_root_gone(film_));
  EXPECT_FALSE(watch.answers(film_));
  mount("archive:/tapes", share_);
  ASSERT_NE(device_of(share_), before);
  write_film();
  EXPECT_FALSE(watch.is_root_gone(film_));
  EXPECT_TRUE(watch.answers(film_));
  ::close(held);
}

TEST_P(MountedShare, IsNotBackWhereAnotherIsMountedInItsPlace) {
  const auto watch = this->watch();
  unmount();
  mount("another:/share", share_);
  write_film();
  EXPECT_TRUE(watch.is_root_gone(film_));
}

TEST_P(MountedShare, IsNotBackWhereItsFolderIsOnTheDiskBelow) {
  const auto watch = this->watch();
  unmount();
  write_film();
  EXPECT_TRUE(watch.is_root_gone(film_));
  EXPECT_FALSE(watch.answers(film_));
}

TEST_P(MountedShare, HasANameThatSaysWhereItIsAndWhatOf) {
  EXPECT_EQ(mount_name(film_), share_.native() + " / tmpfs archive:/tapes");
  EXPECT_EQ(mount_name(share_ / "nothing"), "");
}

INSTANTIATE_TEST_SUITE_P(Of, MountedShare, testing::Bool(), [](const auto& by_name) {
  return by_name.param ? "FilesGivenByName" : "AFolder";
});

}  // namespace
}  // namespace reelmill
