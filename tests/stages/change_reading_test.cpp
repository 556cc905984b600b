// SPDX-License-Identifier: Apache-2.0
// Frames around changes are the frames of a full scan, the others keep their places, and the shots
// that come of it are those of a full scan.
#include <algorithm>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "stages/decode/scan.h"
#include "tests/media/fixtures.h"
#include "tests/support/scan.h"

namespace reelmill {
namespace {

using test::operator+;
using Arguments = std::vector<std::string>;

struct Seen {
  std::vector<std::int64_t> pts;
  std::map<std::int64_t, std::string> shown;
  Reading reading = Reading::in_full;
  std::string codec;
  ScanOutcome outcome;
};

class Recorder final : public ScanSink {
 public:
  explicit Recorder(Seen& seen) : seen_(seen) {}
  void on_frame(Frame& frame, std::int64_t pts, std::int64_t duration) override {
    seen_.pts.push_back(pts);
    seen_.shown[pts] =
        fmt::format("+{} {} {:x}", duration, frame.is_key() ? "key" : "-", frame_digest(frame));
  }
  void on_held(std::int64_t pts, Held) override { seen_.pts.push_back(pts); }
  void on_audio(const AudioView&, double) override {}

 private:
  Seen& seen_;
};

Seen scan(const std::filesystem::path& path, DecoderNeeds::Frames frames) {
  const auto source = test::configured("decode").frame_source;
  const VideoFile file{path, path.filename().string()};
  DecoderNeeds needs;
  needs.frames = frames;
  const auto control = std::make_shared<ReadControl>();
  Seen seen;
  auto planned = source->plan({file, needs, 0, false, control});
  if (!planned) return seen;  // damaged: both ways alike
  seen.reading = planned->plan.reading;
  for (const auto& stream : planned->plan.media.streams)
    if (stream.index == planned->plan.video_stream) seen.codec = stream.codec;
  Recorder recorder(seen);
  auto outcome = source->scan({planned->plan, planned->plan.segments.front(), recorder, control,
                               std::move(planned->opened)});
  if (outcome) seen.outcome = std::move(*outcome);
  return seen;
}

void expect_part_of(const Seen& fast, const Seen& full) {
  EXPECT_EQ(fast.pts, full.pts);
  for (const auto& [pts, frame] : fast.shown) {
    const auto same = full.shown.find(pts);
    ASSERT_NE(same, full.shown.end()) << pts;
    if (full.codec != "vp8") EXPECT_EQ(frame, same->second) << pts;  // whose loop filter is off
  }
  EXPECT_EQ(fast.outcome.held_frames + fast.outcome.frames, full.outcome.frames);
}

// Still pictures, a hard cut at 14.4 s, one at 30 s, a dissolve from 44 to 45 s.
Arguments film() {
  return {"-f",
          "lavfi",
          "-i",
          "smptehdbars=size=320x180:rate=25:duration=14.4",
          "-f",
          "lavfi",
          "-i",
          "testsrc=size=320x180:rate=25:duration=15.6",
          "-f",
          "lavfi",
          "-i",
          "mandelbrot=size=320x180:rate=25:end_scale=0.2,trim=duration=15",
          "-f",
          "lavfi",
          "-i",
          "yuvtestsrc=size=320x180:rate=25:duration=16",
          "-filter_complex",
          "[2:v]format=yuv420p,settb=1/25[c];[3:v]format=yuv420p,settb=1/25[d];"
          "[c][d]xfade=duration=1:offset=14[cd];"
          "[0:v]format=yuv420p[a];[1:v]format=yuv420p[b];[a][b][cd]concat=n=3"};
}

struct Clip {
  const char* name;
  Arguments coding;
};

class FastScan : public testing::TestWithParam<Clip> {
 protected:
  std::filesystem::path clip() const {
    return test::generated("fast-" + std::string(GetParam().name), film() + GetParam().coding);
  }
};

TEST_P(FastScan, GivesFramesOfTheFullScanAndHoldsTheOthersInTheirPlaces) {
  const auto path = clip();
  const auto full = scan(path, DecoderNeeds::Frames::all);
  const auto fast = scan(path, DecoderNeeds::Frames::around_changes);
  ASSERT_EQ(fast.reading, Reading::around_changes);
  ASSERT_TRUE(fast.outcome.is_exact) << fast.outcome.why_not_exact;
  expect_part_of(fast, full);
}

TEST_P(FastScan, FindsTheShotsOfTheFullScan) {
  const auto path = clip();
  const auto shots = [&](const char* mode) {
    const auto stage = test::configured("shots", {{"mode", mode}});
    const auto video = test::scan_video(path, stage);
    const auto found = stage.detector->detect(*video.timeline);
    return found ? *found->find("shots") : Json();
  };
  const auto fast = shots("fast"), full = shots("full");
  ASSERT_EQ(full.size(), 4);
  ASSERT_EQ(fast.size(), full.size()) << fast.dump();
  for (std::size_t i = 0; i < full.size(); ++i) {
    EXPECT_EQ(fast[i]["transition_in"], full[i]["transition_in"]);
    // Frames of a dissolve may be held, and its ends are not where they are seen then.
    const int leeway = full[i]["transition_in"] == "dissolve" ? 12 : 0;
    EXPECT_NEAR(fast[i]["start_frame"].get<int>(), full[i]["start_frame"].get<int>(), leeway);
  }
}

const Arguments kX264 = {"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"};

INSTANTIATE_TEST_SUITE_P(
    Formats, FastScan,
    testing::Values(Clip{"g250.mp4", kX264 + Arguments{"-g", "250"}},
                    Clip{"fixed.mp4", kX264 + Arguments{"-g", "50", "-sc_threshold", "0"}},
                    Clip{"open.ts", kX264 + Arguments{"-g", "40", "-x264-params", "open-gop=1"}},
                    Clip{"one.mkv", kX264 + Arguments{"-g", "9999", "-sc_threshold", "0"}},
                    Clip{"g60.webm",
                         {"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g",
                          "60"}},
                    Clip{"bframes.mkv", kX264 + Arguments{"-g", "100", "-bf", "8", "-b_strategy",
                                                          "2", "-x264-params", "b-pyramid=strict"}},
                    Clip{"mpeg2.ts", {"-c:v", "mpeg2video", "-g", "30", "-bf", "2"}},
                    Clip{"g90.mkv",
                         {"-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
                          "keyint=90:log-level=none"}}),
    [](const auto& clip) {
      std::string name = clip.param.name;
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

TEST(FastScanReading, DecodesLittleOfAFilmWithLongShots) {
  const auto path = test::generated("fast-g250.mp4", film() + kX264 + Arguments{"-g", "250"});
  const auto fast = scan(path, DecoderNeeds::Frames::around_changes);
  EXPECT_GT(fast.outcome.held_frames, fast.outcome.frames);
}

TEST(FastScanReading, LeavesOutHiddenFramesOfVp8) {
  // Alternate reference frames have packets of their own, and are never shown.
  const auto path = test::generated(
      "fast-hidden.webm", test::pictures() + Arguments{"-c:v", "libvpx", "-auto-alt-ref", "1",
                                                       "-lag-in-frames", "16", "-g", "50"});
  const auto fast = scan(path, DecoderNeeds::Frames::around_changes);
  ASSERT_EQ(fast.reading, Reading::around_changes);
  ASSERT_TRUE(fast.outcome.is_exact) << fast.outcome.why_not_exact;
  EXPECT_EQ(fast.pts, scan(path, DecoderNeeds::Frames::all).pts);
}

TEST(FastScanReading, IsOnePieceWhateverTheSegmentLength) {
  const auto path = test::generated("fast-g250.mp4", film() + kX264 + Arguments{"-g", "250"});
  DecoderNeeds needs;
  needs.frames = DecoderNeeds::Frames::around_changes;
  const VideoFile file{path, path.filename().string()};
  const auto source = test::configured("decode").frame_source;
  const auto planned = source->plan({file, needs, 5, false, std::make_shared<ReadControl>()});
  ASSERT_TRUE(planned);
  EXPECT_EQ(planned->plan.segments.size(), 1);
}

TEST(FastScanReading, IsInFullWhereEveryFrameIsAKeyFrame) {
  const auto path =
      test::generated("fast-intra.mp4", test::pictures() + kX264 + Arguments{"-g", "1"});
  const auto fast = scan(path, DecoderNeeds::Frames::around_changes);
  EXPECT_EQ(fast.reading, Reading::in_full);
  EXPECT_EQ(fast.outcome.frames, 50);
}

TEST(FastScanReading, DecodesAllWhereEveryFrameIsAKeyFrameAndNoIndexTells) {
  const auto path =
      test::generated("fast-intra.ts", test::pictures() + kX264 + Arguments{"-g", "1"});
  const auto fast = scan(path, DecoderNeeds::Frames::around_changes);
  ASSERT_TRUE(fast.outcome.is_exact) << fast.outcome.why_not_exact;
  EXPECT_EQ(fast.outcome.frames, 50);
  EXPECT_EQ(fast.outcome.held_frames, 0);
}

TEST(FastScanReading, OfUnknownFormatsIsInFull) {
  const auto path = test::generated("fast-old.avi", test::pictures() + Arguments{"-c:v", "mpeg4"});
  EXPECT_EQ(scan(path, DecoderNeeds::Frames::around_changes).reading, Reading::in_full);
}

/// Asks for the end of the scan while its third frame is shown.
class Impatient final : public ScanSink {
 public:
  explicit Impatient(std::shared_ptr<ReadControl> control) : control_(std::move(control)) {}
  void on_frame(Frame&, std::int64_t, std::int64_t) override {
    if (++frames_ == 3) control_->interrupt();
  }
  void on_held(std::int64_t, Held) override { ++frames_; }
  void on_audio(const AudioView&, double) override {}
  int frames() const { return frames_; }

 private:
  const std::shared_ptr<ReadControl> control_;
  int frames_ = 0;
};

void expect_end_at_once(const std::filesystem::path& path) {
  const auto source = test::configured("decode").frame_source;
  const VideoFile file{path, path.filename().string()};
  DecoderNeeds needs;
  needs.frames = DecoderNeeds::Frames::around_changes;
  const auto control = std::make_shared<ReadControl>();
  auto planned = source->plan({file, needs, 0, false, control});
  ASSERT_TRUE(planned);
  Impatient sink(control);
  const auto outcome = source->scan(
      {planned->plan, planned->plan.segments.front(), sink, control, std::move(planned->opened)});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().failure_class, "interrupted");
  EXPECT_LE(sink.frames(), 3 + 16) << "no more than what is inside a decoder";
}

TEST(FastScanReading, EndsWithinAGroupWhenInterrupted) {
  // One group of 1525 frames, decoded when the file is over.
  expect_end_at_once(test::generated(
      "fast-one.mkv", film() + kX264 + Arguments{"-g", "9999", "-sc_threshold", "0"}));
}

TEST(FastScanReading, EndsWhileItReadsOnInFullWhenInterrupted) {
  // After 6000 packets without a key frame all of them are decoded.
  expect_end_at_once(
      test::generated("fast-endless.mkv",
                      Arguments{"-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=250"} +
                          kX264 + Arguments{"-g", "9999", "-sc_threshold", "0"}));
}

TEST(FastScanReading, IsExactOrSaysThatItIsNotOnEveryFileOfTheCorpus) {
  const char* corpus = std::getenv("REELMILL_CORPUS");
  if (corpus == nullptr) GTEST_SKIP() << "REELMILL_CORPUS is not set";
  int exact_files = 0;
  for (const char* folder : {"ok", "labelled", "damaged"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(corpus) / folder)) {
      if (!entry.is_regular_file() || entry.file_size() > 10'000'000) continue;
      SCOPED_TRACE(entry.path());
      const auto fast = scan(entry.path(), DecoderNeeds::Frames::around_changes);
      if (fast.reading == Reading::in_full || !fast.outcome.is_exact) continue;
      ++exact_files;
      const auto full = scan(entry.path(), DecoderNeeds::Frames::all);
      if (full.outcome.message_count > 0) continue;  // damage in frames that fast leaves out
      expect_part_of(fast, full);
    }
  }
  EXPECT_GT(exact_files, 5);
}

}  // namespace
}  // namespace reelmill
