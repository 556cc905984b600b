// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "media/decoder.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace reelmill::test {

/// A folder for what this test program generates.
inline const TempFolder& fixtures() {
  static const TempFolder folder;
  return folder;
}

/// Runs the ffmpeg tool with `arguments` and the file as its output; once a name and program. One
/// thread: libx264 with several writes other bytes from run to run.
inline std::filesystem::path generated(const std::string& name,
                                       const std::vector<std::string>& arguments) {
  auto path = fixtures() / name;
  if (std::filesystem::exists(path)) return path;
  Command command;
  command.arguments = {"ffmpeg", "-nostdin", "-v", "error", "-y"};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  command.arguments.insert(command.arguments.end(), {"-threads", "1", "file:" + path.string()});
  const auto result = run(command);
  if (result.exit_code != 0) {
    throw std::runtime_error("ffmpeg could not make " + name + ": " + result.err);
  }
  return path;
}

/// Arguments for moving test pictures: `testsrc2=size=160x90:rate=25:duration=2`.
inline std::vector<std::string> pictures(const std::string& options = "") {
  const std::string defaults = options.empty() ? "size=160x90:rate=25:duration=2" : options;
  return {"-f", "lavfi", "-i", "testsrc2=" + defaults};
}

inline std::vector<std::string> operator+(std::vector<std::string> a,
                                          const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// H.264 with B-frames in MP4: 160 × 90, 50 frames at 25/s, a key frame every 10, with sound.
inline std::filesystem::path simple_video() {
  return generated("simple.mp4", pictures() + std::vector<std::string>{
                                                  "-f",
                                                  "lavfi",
                                                  "-i",
                                                  "sine=frequency=440:duration=2:sample_rate=48000",
                                                  "-c:v",
                                                  "libx264",
                                                  "-preset",
                                                  "ultrafast",
                                                  "-bf",
                                                  "2",
                                                  "-g",
                                                  "10",
                                                  "-keyint_min",
                                                  "10",
                                                  "-sc_threshold",
                                                  "0",
                                                  "-pix_fmt",
                                                  "yuv420p",
                                                  "-c:a",
                                                  "aac",
                                                  "-metadata:s:a:0",
                                                  "language=deu"});
}

/// All that came out of one video stream.
struct DecodedVideo {
  std::vector<Frame> frames;
  std::vector<std::string> errors;
  double cpu_seconds = 0;
};

/// Decodes the chosen video stream from start to end, going on after errors.
inline DecodedVideo decode_video(Demuxer& demuxer, DecoderOptions options = {}) {
  DecodedVideo result;
  const auto stream = choose_video_stream(demuxer.info());
  if (!stream) {
    result.errors.emplace_back("no video stream");
    return result;
  }
  demuxer.select({*stream});
  auto decoder = Decoder::open(demuxer, *stream, options);
  if (!decoder) {
    result.errors.push_back(decoder.error().message);
    return result;
  }
  const auto send = [&](const Packet* packet) {
    if (const auto sent = (*decoder)->send(packet); !sent) {
      result.errors.push_back(sent.error().message);
    }
    for (;;) {
      auto frame = (*decoder)->receive();
      if (!frame) {
        result.errors.push_back(frame.error().message);
      } else if (*frame) {
        result.frames.push_back(std::move(**frame));
      } else {
        return;
      }
    }
  };
  for (;;) {
    const auto packet = demuxer.read();
    if (!packet) result.errors.push_back(packet.error().message);
    if (!packet || !*packet) break;
    send(&**packet);
  }
  send(nullptr);
  result.cpu_seconds = (*decoder)->cpu_seconds();
  return result;
}

inline DecodedVideo decode_video(const std::filesystem::path& path, DecoderOptions options = {}) {
  auto demuxer = Demuxer::open(path);
  if (!demuxer) return {{}, {demuxer.error().message}, 0};
  return decode_video(**demuxer, options);
}

}  // namespace reelmill::test
