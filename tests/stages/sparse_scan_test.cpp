// SPDX-License-Identifier: Apache-2.0
// One frame a slot is the same frame however the file is read.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "base/units.h"
#include "stages/decode/scan.h"
#include "tests/media/fixtures.h"
#include "tests/support/scan.h"

namespace reelmill {
namespace {

using namespace std::chrono_literals;
using test::operator+;
using Arguments = std::vector<std::string>;

struct Seen {
  std::vector<std::string> frames;
  Reading reading = Reading::in_full;
  ScanOutcome outcome;
};

class Recorder final : public ScanSink {
 public:
  explicit Recorder(Seen& seen) : seen_(seen) {}
  void on_frame(Frame& frame, std::int64_t pts, std::int64_t duration) override {
    seen_.frames.push_back(fmt::format("{}+{} {} {:x}", pts, duration, frame.is_key() ? "key" : "-",
                                       frame_digest(frame)));
  }
  void on_audio(const AudioView&, double) override {}

 private:
  Seen& seen_;
};

enum class Way { cheapest, in_full };

Seen scan(const std::filesystem::path& path, Duration interval, Way way) {
  const auto source = test::configured("decode").frame_source;
  const VideoFile file{path, path.filename().string()};
  DecoderNeeds needs;
  needs.frames = DecoderNeeds::Frames::every_interval;
  needs.interval = interval;
  const auto control = std::make_shared<ReadControl>();
  Seen seen;
  auto planned = source->plan({file, needs, 0, way == Way::in_full, control});
  if (!planned) return seen;  // damaged: both ways alike
  seen.reading = planned->plan.reading;
  Recorder recorder(seen);
  auto outcome = source->scan({planned->plan, planned->plan.segments.front(), recorder, control,
                               std::move(planned->opened)});
  if (outcome) seen.outcome = std::move(*outcome);
  return seen;
}

struct Clip {
  const char* name;
  Arguments coding;
};

class SparseScan : public testing::TestWithParam<Clip> {
 protected:
  std::filesystem::path clip() const {
    return test::generated(GetParam().name,
                           test::pictures("size=160x90:rate=25:duration=30") + GetParam().coding);
  }
};

TEST_P(SparseScan, GivesTheFramesThatAFullScanGives) {
  const auto path = clip();
  for (const auto interval : {300ms, 1000ms, 2500ms, 7000ms, 60000ms}) {
    const auto full = scan(path, interval, Way::in_full);
    const auto sparse = scan(path, interval, Way::cheapest);
    ASSERT_EQ(full.reading, Reading::in_full);
    ASSERT_NE(sparse.reading, Reading::in_full);
    ASSERT_TRUE(sparse.outcome.is_exact) << sparse.outcome.why_not_exact;
    ASSERT_EQ(sparse.frames, full.frames) << format_duration(interval);
    const auto slots = static_cast<std::size_t>(std::ceil(30.0 / to_seconds(interval)));
    EXPECT_EQ(full.frames.size(), slots) << format_duration(interval);
  }
}

const Arguments kX264 = {"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"};

INSTANTIATE_TEST_SUITE_P(
    Formats, SparseScan,
    testing::Values(
        Clip{"g250.mp4", kX264 + Arguments{"-g", "250", "-bf", "3"}},
        Clip{"g12.mp4", kX264 + Arguments{"-g", "12", "-bf", "2", "-sc_threshold", "0"}},
        Clip{"large.mp4", kX264 + Arguments{"-g", "50", "-qp", "0", "-sc_threshold", "0"}},
        Clip{"open.ts", kX264 + Arguments{"-g", "40", "-x264-params", "open-gop=1"}},
        Clip{"g250.ts", kX264 + Arguments{"-g", "250"}},
        Clip{"intra.mkv", kX264 + Arguments{"-g", "1"}},
        Clip{"fields.ts", {"-c:v", "mpeg2video", "-g", "15", "-bf", "2", "-flags", "+ildct+ilme"}},
        Clip{"g60.webm", {"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "60"}},
        Clip{"g90.mkv",
             {"-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
              "keyint=90:log-level=none"}}),
    [](const auto& clip) {
      std::string name = clip.param.name;
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

TEST(SparseScanReading, JumpsWhereMuchLiesBetween) {
  // With pictures held back, presentation times lie behind the decoding times that an index lists.
  for (const std::string held_back : {"0", "3"}) {
    const auto path = test::generated(
        "heavy" + held_back + ".mp4",
        test::pictures("size=320x180:rate=25:duration=12") + kX264 +
            Arguments{"-g", "50", "-qp", "1", "-bf", held_back, "-vf", "noise=alls=60:allf=t"});
    const auto full = scan(path, 5s, Way::in_full), sparse = scan(path, 5s, Way::cheapest);
    EXPECT_EQ(sparse.reading, Reading::seeking);
    EXPECT_TRUE(sparse.outcome.is_exact) << sparse.outcome.why_not_exact;
    EXPECT_EQ(sparse.frames, full.frames);
    EXPECT_LT(sparse.outcome.bytes_read, full.outcome.bytes_read / 2);
  }
}

TEST(SparseScanReading, OfAFileCutShortIsInFull) {
  for (const std::string container : {"mp4", "mkv"}) {
    const auto whole = test::generated("whole." + container,
                                       test::pictures("size=160x90:rate=25:duration=12") + kX264 +
                                           Arguments{"-g", "50", "-movflags", "+faststart"});
    const auto cut = whole.parent_path() / ("cut." + container);
    std::filesystem::copy_file(whole, cut, std::filesystem::copy_options::overwrite_existing);
    EXPECT_EQ(scan(cut, 2s, Way::cheapest).reading, Reading::skipping) << container;
    std::filesystem::resize_file(cut, std::filesystem::file_size(cut) * 9 / 10);
    EXPECT_EQ(scan(cut, 2s, Way::cheapest).reading, Reading::in_full) << container;
  }
}

TEST(SparseScanReading, GoesOnInFullWhereNothingWasLeftOutBeforeTheDamage) {
  const auto whole = test::generated("early.ts", test::pictures("size=160x90:rate=25:duration=12") +
                                                     kX264 + Arguments{"-g", "50"});
  const auto path = whole.parent_path() / "early-damage.ts";
  std::filesystem::copy_file(whole, path, std::filesystem::copy_options::overwrite_existing);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = std::filesystem::file_size(path) / 188 / 2;
  // More of the transport stream than a picture takes, so that no slice survives by luck.
  for (auto packet = middle; packet < middle + 24; ++packet) {
    file.seekp(static_cast<std::streamoff>(188 * packet + 30));
    file << std::string(150, '\x55');
  }
  file.close();
  const auto full = scan(path, 40ms, Way::in_full), sparse = scan(path, 40ms, Way::cheapest);
  ASSERT_GT(full.outcome.message_count, 0);
  EXPECT_EQ(sparse.reading, Reading::skipping);
  EXPECT_TRUE(sparse.outcome.is_exact) << sparse.outcome.why_not_exact;
  EXPECT_EQ(sparse.frames, full.frames);
  EXPECT_EQ(sparse.outcome.message_count, full.outcome.message_count);
}

TEST(SparseScanReading, DrainsTheDecoderForTheLastSlots) {
  // One frame a slot, all of them still inside the decoder when the file ends.
  const auto path = test::generated(
      "slow.mp4", test::pictures("size=160x90:rate=1:duration=5") + kX264 + Arguments{"-bf", "3"});
  const auto full = scan(path, 1s, Way::in_full), sparse = scan(path, 1s, Way::cheapest);
  EXPECT_EQ(full.frames.size(), 5u);
  EXPECT_EQ(sparse.frames, full.frames);
}

TEST(SparseScanReading, DecodesNoFurtherThanTheFrameOfASlotWithoutAKeyFrame) {
  const auto path = test::generated("one.mp4", test::pictures("size=320x180:rate=25:duration=60") +
                                                   kX264 + Arguments{"-g", "2000"});
  const auto full = scan(path, 40s, Way::in_full), sparse = scan(path, 40s, Way::cheapest);
  EXPECT_EQ(sparse.frames, full.frames);
  EXPECT_LT(sparse.outcome.decode_cpu_s, full.outcome.decode_cpu_s * 0.85);
}

TEST(SparseScanReading, OfUnknownFormatsIsInFull) {
  const auto path = test::generated(
      "old.avi", test::pictures("size=160x90:rate=25:duration=6") + Arguments{"-c:v", "mpeg4"});
  const auto sparse = scan(path, 2s, Way::cheapest);
  EXPECT_EQ(sparse.reading, Reading::in_full);
  EXPECT_EQ(sparse.frames.size(), 3u);
}

TEST(SparseScanReading, DecodesLittleOfLongGroups) {
  const auto path = test::generated("long.mp4", test::pictures("size=320x180:rate=25:duration=60") +
                                                    kX264 + Arguments{"-g", "250"});
  const auto full = scan(path, 10s, Way::in_full), sparse = scan(path, 10s, Way::cheapest);
  EXPECT_EQ(sparse.frames, full.frames);
  EXPECT_LT(sparse.outcome.decode_cpu_s, full.outcome.decode_cpu_s / 4);
}

TEST(SparseScanReading, IsExactOrSaysThatItIsNotOnEveryFileOfTheCorpus) {
  const char* corpus = std::getenv("REELMILL_CORPUS");
  if (corpus == nullptr) GTEST_SKIP() << "REELMILL_CORPUS is not set";
  int sparse_files = 0, exact_files = 0;
  for (const char* folder : {"ok", "labelled", "damaged"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(corpus) / folder)) {
      if (!entry.is_regular_file() || entry.file_size() > 20'000'000) continue;
      const auto sparse = scan(entry.path(), 2s, Way::cheapest);
      if (sparse.reading == Reading::in_full) continue;
      ++sparse_files;
      if (!sparse.outcome.is_exact) continue;
      ++exact_files;
      EXPECT_EQ(sparse.frames, scan(entry.path(), 2s, Way::in_full).frames) << entry.path();
    }
  }
  EXPECT_GT(exact_files, sparse_files / 2);
}

}  // namespace
}  // namespace reelmill
