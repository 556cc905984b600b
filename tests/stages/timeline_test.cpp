// SPDX-License-Identifier: Apache-2.0
#include "stages/api/timeline.h"

#include <csignal>
#include <limits>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace reelmill {
namespace {

constexpr std::int64_t kMoreThanMemory = 5000;

TimelineFrame frame_at(std::int64_t pts, std::int64_t duration = 0) {
  TimelineFrame frame;
  frame.pts = pts;
  frame.duration = duration;
  frame.features.mean = static_cast<float>(pts);
  return frame;
}

// Of this process alone: tests of one program may run side by side.
std::filesystem::path scratch() {
  static const auto folder = std::filesystem::temp_directory_path() /
                             ("reelmill_timeline_test_" + std::to_string(::getpid()));
  static const struct Cleanup {
    ~Cleanup() { std::filesystem::remove_all(folder); }
  } cleanup;
  return folder;
}

Timeline timeline_of(const std::vector<std::int64_t>& pts, Rational base = {1, 1000}) {
  Timeline timeline(base, scratch());
  for (const auto one : pts) EXPECT_TRUE(timeline.append(frame_at(one)));
  return timeline;
}

Timeline long_timeline(std::int64_t frames = kMoreThanMemory) {
  Timeline timeline({1, 25}, scratch());
  for (std::int64_t i = 0; i < frames; ++i) EXPECT_TRUE(timeline.append(frame_at(10 + i, 1)));
  return timeline;
}

std::vector<std::int64_t> pts_of(const Timeline& timeline, std::int64_t from = 0) {
  std::vector<std::int64_t> list;
  auto reader = timeline.read(from);
  while (const auto* frame = reader.next()) list.push_back(frame->pts);
  EXPECT_TRUE(reader.status());
  return list;
}

TEST(Timeline, AnEmptyOneHasNoFramesAndNoLength) {
  const Timeline timeline({1, 25}, scratch());
  EXPECT_TRUE(timeline.empty());
  EXPECT_EQ(timeline.end_s(), 0);
  EXPECT_EQ(timeline.start_s(0), 0);
  EXPECT_EQ(timeline.first_pts(), 0);
  EXPECT_EQ(timeline.read().next(), nullptr);
}

TEST(Timeline, TimesCountFromTheFirstFrame) {
  const auto timeline = timeline_of({5000, 5040, 5100});
  EXPECT_EQ(timeline.first_pts(), 5000);
  EXPECT_EQ(timeline.start_s(0), 0);
  EXPECT_EQ(timeline.start_s(1), 0.04);
  EXPECT_EQ(timeline.start_s(2), 0.1);
  EXPECT_EQ(timeline.seconds(4000), -1);
}

TEST(Timeline, EndsWhenTheLastFrameEnds) {
  Timeline timeline({1, 1000}, scratch());
  ASSERT_TRUE(timeline.append(frame_at(0, 40)));
  ASSERT_TRUE(timeline.append(frame_at(40, 500)));
  EXPECT_EQ(timeline.end_s(), 0.54);
  EXPECT_EQ(timeline.start_s(2), 0.54);
}

TEST(Timeline, AnUnknownLastDurationIsThatOfTheFrameBefore) {
  EXPECT_EQ(timeline_of({0, 40, 100}).end_s(), 0.16);
  EXPECT_EQ(timeline_of({0, 40, 40}).end_s(), 0.08);
  EXPECT_EQ(timeline_of({700}).end_s(), 0);
}

TEST(Timeline, FrameTimesNeverDecrease) {
  const auto timeline = timeline_of({0, 100, 40, 80, 200});
  std::vector<double> random, in_order;
  for (std::int64_t i = 0; i < timeline.size(); ++i) random.push_back(timeline.start_s(i));
  auto reader = timeline.read();
  while (reader.next() != nullptr) in_order.push_back(reader.start_s());
  EXPECT_EQ(random, (std::vector<double>{0, 0.1, 0.1, 0.1, 0.2}));
  EXPECT_EQ(in_order, random);
  EXPECT_EQ(pts_of(timeline), (std::vector<std::int64_t>{0, 100, 40, 80, 200}));
}

TEST(Timeline, ExtremeTimesDoNotOverflow) {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  Timeline timeline({1001, 30000}, scratch());
  ASSERT_TRUE(timeline.append(frame_at(kLeast, 1)));
  ASSERT_TRUE(timeline.append(frame_at(kMost)));
  ASSERT_TRUE(timeline.append(frame_at(kLeast, kMost)));
  EXPECT_NEAR(timeline.start_s(1), 18446744073709551615.0 * 1001 / 30000, 1e4);
  EXPECT_EQ(timeline.start_s(2), timeline.start_s(1));
  EXPECT_EQ(timeline.end_s(), timeline.start_s(1));
}

TEST(Timeline, WithoutATimeBaseAllTimesAreZero) {
  const auto timeline = timeline_of({0, 40, 80}, {0, 0});
  EXPECT_EQ(timeline.start_s(2), 0);
  EXPECT_EQ(timeline.end_s(), 0);
}

TEST(Timeline, WhatOutgrowsMemoryReadsBackTheSame) {
  const auto timeline = long_timeline();
  ASSERT_EQ(timeline.size(), kMoreThanMemory);
  auto reader = timeline.read();
  for (std::int64_t i = 0; i < kMoreThanMemory; ++i) {
    const auto* frame = reader.next();
    ASSERT_NE(frame, nullptr) << i;
    ASSERT_EQ(frame->pts, 10 + i);
    ASSERT_EQ(frame->features.mean, static_cast<float>(10 + i));
    ASSERT_EQ(reader.index(), i);
    ASSERT_EQ(reader.start_s(), timeline.start_s(i));
    ASSERT_EQ(reader.start_s(), static_cast<double>(i) / 25);
  }
  EXPECT_EQ(reader.next(), nullptr);
  EXPECT_TRUE(reader.status());
}

TEST(Timeline, LeavesNoNameInTheScratchFolder) {
  std::filesystem::remove_all(scratch());
  const auto timeline = long_timeline();
  ASSERT_TRUE(std::filesystem::exists(scratch())) << "it was never spilled";
  EXPECT_TRUE(std::filesystem::is_empty(scratch()));
}

TEST(Timeline, AShortOneTouchesNoDisk) {
  std::filesystem::remove_all(scratch());
  const auto timeline = long_timeline(2000);
  EXPECT_EQ(pts_of(timeline).size(), 2000u);
  EXPECT_FALSE(std::filesystem::exists(scratch()));
}

TEST(Timeline, ReadersStartAnywhere) {
  const auto timeline = long_timeline();
  for (const std::int64_t from : {0, 1, 255, 256, 2047, 2048, 4095, 4096, 4999, 5000, 9000}) {
    const auto rest = pts_of(timeline, from);
    ASSERT_EQ(static_cast<std::int64_t>(rest.size()),
              std::max<std::int64_t>(0, kMoreThanMemory - from));
    if (!rest.empty()) {
      EXPECT_EQ(rest.front(), 10 + from);
    }
  }
}

TEST(Timeline, AReaderSurvivesThatTheTimelineMoves) {
  auto timeline = long_timeline();
  auto reader = timeline.read();
  reader.next();
  const auto moved = std::move(timeline);
  const auto* second = reader.next();
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->pts, 11);
}

TEST(Timeline, ManyThreadsReadAtTheSameTime) {
  const auto timeline = long_timeline();
  std::vector<std::int64_t> counts(4);
  {
    std::vector<std::jthread> threads;
    for (auto& count : counts)
      threads.emplace_back([&] {
        auto reader = timeline.read();
        for (std::int64_t i = 0; const auto* frame = reader.next(); ++i)
          if (frame->pts == 10 + i && reader.start_s() == timeline.start_s(i)) ++count;
      });
  }
  EXPECT_EQ(counts, std::vector<std::int64_t>(4, kMoreThanMemory));
}

TEST(Timeline, JoiningSegmentsEqualsOneScan) {
  const auto whole = long_timeline();
  for (const std::int64_t seam : {0, 1, 2048, 3000, 5000}) {
    Timeline joined({1, 25}, scratch()), later({1, 25}, scratch());
    for (std::int64_t i = 0; i < kMoreThanMemory; ++i)
      ASSERT_TRUE((i < seam ? joined : later).append(frame_at(10 + i, 1)));
    ASSERT_TRUE(joined.append(later));
    EXPECT_EQ(pts_of(joined), pts_of(whole)) << "seam " << seam;
    EXPECT_EQ(joined.end_s(), whole.end_s());
    EXPECT_EQ(joined.first_pts(), whole.first_pts());
  }
}

// A full disk looks to a process like a file that may not grow.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(Timeline, AFullDiskIsAnErrorWithTheBytesNeededAndLosesNothing) {
  Timeline timeline({1, 25}, scratch());
  std::int64_t appended = 0;
  Status status;
  {
    const FileSizeLimit limit(3 << 20);
    for (; appended < kMoreThanMemory; ++appended)
      if (status = timeline.append(frame_at(10 + appended)); !status) break;
  }
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::exhausted);
  EXPECT_NE(status.error().message.find("bytes more are needed"), std::string::npos)
      << status.error().message;
  EXPECT_EQ(timeline.size(), appended);
  for (; appended < kMoreThanMemory; ++appended)
    ASSERT_TRUE(timeline.append(frame_at(10 + appended)));
  EXPECT_EQ(pts_of(timeline), pts_of(long_timeline()));
}

TEST(Timeline, AScratchThatIsNoFolderIsAnError) {
  const auto file = std::filesystem::path(scratch().string() + "_file");
  std::fclose(std::fopen(file.c_str(), "w"));
  Timeline timeline({1, 25}, file);
  Status status;
  for (std::int64_t i = 0; i < kMoreThanMemory && status; ++i)
    status = timeline.append(frame_at(i));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::unavailable);
  EXPECT_NE(status.error().message.find(file.string()), std::string::npos);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace reelmill
