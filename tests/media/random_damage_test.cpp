// SPDX-License-Identifier: Apache-2.0
#include <random>

#include <gtest/gtest.h>

#include "media/audio_decoder.h"
#include "media/decode_log.h"
#include "tests/media/fixtures.h"

namespace reelmill {
namespace {

using test::fixtures;
using test::generated;
using test::operator+;
using test::simple_video;
using Arguments = std::vector<std::string>;

/// A container, and what must be encoded anew for it.
struct Container {
  std::string file;
  Arguments how;
};

void PrintTo(const Container& container, std::ostream* out) {
  *out << container.file;
}

class RandomDamage : public testing::TestWithParam<Container> {};

/// Everything that is done with a file; only ending matters.
void use_up(const std::filesystem::path& path) {
  const DecodeLog quiet;
  auto video = test::decode_video(path, {.max_pixels = 1'000'000});
  for (auto& frame : video.frames) {
    (void)compute_frame_features(frame.luma());
    if (!frame.empty()) (void)frame.scaled(32, 18);
  }
  auto demuxer = Demuxer::open(path);
  if (!demuxer) return;
  const auto stream = choose_audio_stream((*demuxer)->info());
  if (!stream) return;
  auto decoder = AudioDecoder::open(**demuxer, *stream);
  if (!decoder) return;
  (*demuxer)->select({*stream});
  const auto sink = [](const AudioView& view) { EXPECT_LE(view.channels, 64); };
  for (;;) {
    const auto packet = (*demuxer)->read();
    if (!packet || !*packet) break;
    (void)(*decoder)->decode(&**packet, sink);
  }
  (void)(*decoder)->decode(nullptr, sink);
}

TEST_P(RandomDamage, NeverDoesMoreThanFail) {
  const auto source =
      generated(GetParam().file, Arguments{"-i", simple_video().string()} + GetParam().how);
  const auto intact = test::read_file(source);
  constexpr unsigned kFiles = 12;
  for (unsigned seed = 1; seed <= kFiles; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    auto bytes = intact;
    // Half of the damage goes to the headers.
    for (unsigned i = 0; i < 1 + seed * 3; ++i) {
      const auto end = i % 2 == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 4096);
      bytes[random() % end] = static_cast<char>(random());
    }
    if (seed % 3 == 0) bytes.resize(1 + random() % bytes.size());
    use_up(fixtures().write("damaged-" + GetParam().file, bytes));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Containers, RandomDamage,
    testing::Values(Container{"r.mp4", {"-c", "copy", "-movflags", "faststart"}},
                    Container{"r.mkv", {"-c", "copy"}}, Container{"r.ts", {"-c", "copy"}},
                    Container{"r.flv", {"-c", "copy"}},
                    Container{"r.avi", {"-c:v", "mpeg4", "-c:a", "mp2"}},
                    Container{"r.ogv", {"-c:v", "libtheora", "-c:a", "libvorbis"}},
                    Container{"r.mpg", {"-c:v", "mpeg2video", "-c:a", "mp2"}},
                    Container{"r.gif", {}}),
    [](const auto& container) { return container.param.file.substr(2); });

}  // namespace
}  // namespace reelmill
