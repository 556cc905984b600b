// SPDX-License-Identifier: Apache-2.0
// A frame that is decoded again, alone, is the frame of the scan.
#include <set>

#include <gtest/gtest.h>

#include "stages/decode/scan.h"
#include "tests/media/fixtures.h"
#include "tests/support/scan.h"

namespace reelmill {
namespace {

using test::operator+;
using Arguments = std::vector<std::string>;

struct Digest {
  std::int64_t pts;
  std::uint64_t digest;
};

class Recorder final : public ScanSink {
 public:
  void on_frame(Frame& frame, std::int64_t pts, std::int64_t) override {
    frames.push_back({pts, frame_digest(frame)});
  }
  void on_audio(const AudioView&, double) override {}
  std::vector<Digest> frames;
};

/// Scans the file, then asks for every `step`th frame again: how many were, and how many differ.
struct Comparison {
  int same = 0, differing = 0, unreached = 0;
};

enum class SkipOthers { no, yes };

Comparison compare(const std::filesystem::path& path, std::size_t step, SkipOthers skip_others) {
  const auto source = test::configured("decode").frame_source;
  DecoderNeeds needs;
  needs.frames = DecoderNeeds::Frames::all;
  const auto control = std::make_shared<ReadControl>();
  auto planned = source->plan({{path, path.filename().string()}, needs, 0, false, control});
  if (!planned || !planned->plan.video_stream) return {};
  const auto stream = static_cast<std::size_t>(*planned->plan.video_stream);
  if (skip_others == SkipOthers::yes &&
      !std::set<std::string>{"h264", "mpeg1video", "mpeg2video", "mpeg4"}.contains(
          planned->plan.media.streams[stream].codec))
    return {};
  Recorder recorder;
  const auto outcome = source->scan({planned->plan, planned->plan.segments.front(), recorder,
                                     control, std::move(planned->opened)});
  if (!outcome || outcome->message_count > 0) return {};
  Comparison comparison;
  for (std::size_t i = 0; i < recorder.frames.size(); i += step) {
    auto again = source->frame_at(planned->plan, recorder.frames[i].pts);
    if (!again)
      ++comparison.unreached;
    else
      ++(frame_digest(*again) == recorder.frames[i].digest ? comparison.same
                                                           : comparison.differing);
  }
  return comparison;
}

struct Clip {
  const char* name;
  Arguments coding;
};

class FrameAgain : public testing::TestWithParam<Clip> {};

TEST_P(FrameAgain, IsTheFrameOfTheScan) {
  const auto path =
      test::generated(std::string("again_") + GetParam().name,
                      test::pictures("size=160x90:rate=25:duration=8") + GetParam().coding);
  const auto compared = compare(path, 7, SkipOthers::no);
  EXPECT_EQ(compared.same, 29);
  EXPECT_EQ(compared.differing, 0);
}

const Arguments kX264 = {"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"};

INSTANTIATE_TEST_SUITE_P(
    Formats, FrameAgain,
    testing::Values(
        Clip{"pyramid.mp4", kX264 + Arguments{"-g", "250", "-bf", "4", "-b_strategy", "0",
                                              "-x264-params", "b-pyramid=normal"}},
        Clip{"plain.ts", kX264 + Arguments{"-g", "60", "-bf", "2"}},
        Clip{"open.mp4", kX264 + Arguments{"-g", "40", "-bf", "3", "-x264-params", "open-gop=1"}},
        Clip{"fields.ts", {"-c:v", "mpeg2video", "-g", "15", "-bf", "2", "-flags", "+ildct+ilme"}},
        Clip{"vop.mkv", {"-c:v", "mpeg4", "-g", "50", "-bf", "2"}},
        Clip{"hevc.mkv",
             {"-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
              "keyint=90:bframes=4:log-level=none"}}),
    [](const auto& clip) {
      std::string name = clip.param.name;
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

// Of the codecs whose non-reference frames are skipped on the way. In others (Cinepak, WMV8) a key
// frame is not always a clean start, and a frame decoded again may differ in some pixels.
TEST(FrameAgainOf, TheCorpusIsTheFrameOfTheScan) {
  const char* corpus = std::getenv("REELMILL_CORPUS");
  if (corpus == nullptr) GTEST_SKIP() << "REELMILL_CORPUS is not set";
  int same = 0;
  for (const char* folder : {"ok", "labelled"})
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(corpus) / folder)) {
      if (!entry.is_regular_file() || entry.file_size() > 5'000'000) continue;
      const auto compared = compare(entry.path(), 61, SkipOthers::yes);
      EXPECT_EQ(compared.differing, 0) << entry.path();
      same += compared.same;
    }
  EXPECT_GT(same, 100);
}

}  // namespace
}  // namespace reelmill
