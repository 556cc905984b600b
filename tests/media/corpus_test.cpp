// SPDX-License-Identifier: Apache-2.0
// Real files, intact and damaged. REELMILL_CORPUS names their folder; its MANIFEST.csv says what
// FFmpeg makes of each.
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/audio_decoder.h"
#include "media/decode_log.h"
#include "tests/media/fixtures.h"

namespace reelmill {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> split_csv(const std::string& line) {
  std::vector<std::string> fields(1);
  bool is_quoted = false;
  for (const char letter : line) {
    if (letter == '"') {
      is_quoted = !is_quoted;  // a doubled quote vanishes: nothing here depends on it
    } else if (letter == ',' && !is_quoted) {
      fields.emplace_back();
    } else if (letter != '\r') {
      fields.back() += letter;
    }
  }
  return fields;
}

std::vector<Row> read_manifest(const std::filesystem::path& corpus) {
  std::ifstream file(corpus / "MANIFEST.csv");
  std::string line;
  std::getline(file, line);
  const auto names = split_csv(line);
  std::vector<Row> rows;
  while (std::getline(file, line)) {
    const auto fields = split_csv(line);
    Row row;
    for (std::size_t i = 0; i < names.size() && i < fields.size(); ++i) row[names[i]] = fields[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

/// What came out of one file, in the words of the manifest.
struct Outcome {
  std::string status;  // ok, partial, audio-only, image-only, error
  std::string why;
  std::size_t frames = 0;
  int rotation = 0;
};

Outcome scan(const std::filesystem::path& path) {
  const DecodeLog log;
  auto demuxer = Demuxer::open(path);
  if (!demuxer) return {"error", demuxer.error().message, 0, 0};
  const auto& info = (*demuxer)->info();
  const auto video = choose_video_stream(info), audio = choose_audio_stream(info);
  (*demuxer)->select({video.value_or(-1), audio.value_or(-1)});

  Outcome outcome;
  std::vector<std::string> problems = info.messages;
  std::unique_ptr<Decoder> pictures;
  std::unique_ptr<AudioDecoder> sound;
  if (video) {
    outcome.rotation = info.streams[static_cast<std::size_t>(*video)].rotation;
    auto opened = Decoder::open(**demuxer, *video);
    if (!opened) return {"error", opened.error().message, 0, 0};
    pictures = std::move(*opened);
  }
  if (audio) {
    auto opened = AudioDecoder::open(**demuxer, *audio);
    if (!opened) problems.push_back(opened.error().message);
    if (opened) sound = std::move(*opened);
  }
  const auto decode = [&](const Packet* packet) {
    if (pictures != nullptr && (packet == nullptr || packet->stream == video)) {
      if (const auto sent = pictures->send(packet); !sent) problems.push_back(sent.error().message);
      for (;;) {
        auto frame = pictures->receive();
        if (!frame) problems.push_back(frame.error().message);
        if (!frame) continue;
        if (!*frame) break;
        ++outcome.frames;
        if ((*frame)->is_corrupt()) problems.emplace_back("corrupt frame");
        const auto luma = (*frame)->luma();
        EXPECT_EQ(luma.width, (*frame)->width()) << path;
        const auto features = compute_frame_features(luma);
        EXPECT_TRUE(features.mean >= 0 && features.mean <= 255) << path;
      }
    }
    if (sound != nullptr && (packet == nullptr || packet->stream == audio)) {
      const auto decoded = sound->decode(packet, [&](const AudioView& view) {
        EXPECT_GT(view.channels, 0);
        EXPECT_GT(view.sample_rate, 0);
      });
      if (!decoded) problems.push_back(decoded.error().message);
    }
  };
  for (;;) {
    const auto packet = (*demuxer)->read();
    if (!packet) problems.push_back(packet.error().message);
    if (!packet || !*packet) break;
    if ((*packet)->is_corrupt) problems.emplace_back("corrupt packet");
    decode(&**packet);
  }
  decode(nullptr);
  problems.insert(problems.end(), log.messages().begin(), log.messages().end());
  if (!problems.empty()) outcome.why = problems.front();
  if (video && outcome.frames == 0) {
    outcome.status = "error";
  } else if (!video) {
    outcome.status = "audio-only";
  } else if (info.is_still_image) {
    outcome.status = "image-only";
  } else {
    outcome.status = problems.empty() ? "ok" : "partial";
  }
  return outcome;
}

/// Where we differ from the manifest, and why.
std::string expected_status(const Row& row) {
  // The ffmpeg tool gives up because of the sound's headers; the pictures decode, so we keep them.
  if (row.at("file") == "damaged/fuzzcorpus_bug498855-2.ogv") return "partial";
  const auto expected = row.at("expected");
  if (expected.starts_with("encrypted")) return "error";
  return expected.substr(0, expected.find_first_of(": "));
}

class Corpus : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("REELMILL_CORPUS");
    if (folder == nullptr || *folder == '\0') {
      GTEST_SKIP() << "REELMILL_CORPUS is not set: NO real file is tested";
    }
    corpus_ = folder;
  }
  std::filesystem::path corpus_;
};

TEST_P(Corpus, DecodesAsTheManifestSays) {
  int files = 0;
  for (const auto& row : read_manifest(corpus_)) {
    if (!row.at("file").starts_with(GetParam())) continue;
    const auto outcome = scan(corpus_ / row.at("file"));
    EXPECT_EQ(outcome.status, expected_status(row)) << row.at("file") << ": " << outcome.why;
    // Cover art is counted there as a packet: "1 (packets)".
    const auto& frames = row.at("frames");
    if (!frames.empty() && frames.find(' ') == frames.npos) {
      EXPECT_EQ(outcome.frames, std::stoul(frames)) << row.at("file");
    }
    // The manifest counts counter-clockwise, as libav does.
    const auto& rotation = row.at("rotation");
    EXPECT_EQ(outcome.rotation, rotation.empty() ? 0 : (360 - std::stoi(rotation)) % 360)
        << row.at("file");
    ++files;
  }
  EXPECT_GT(files, 10);
}

INSTANTIATE_TEST_SUITE_P(Folders, Corpus, testing::Values("ok/", "damaged/", "labelled/"),
                         [](const auto& folder) {
                           return folder.param.substr(0, folder.param.size() - 1);
                         });

class DamagedCorpus : public Corpus {};

TEST_P(DamagedCorpus, SaysWhyAFileIsNoVideo) {
  const std::map<std::string, std::string> reasons = {
      {"androidx_1024_incrementing_bytes.mp3", "not a media file: no container format recognised"},
      {"androidx_sample_fragmented_clearkey.mp4", "encrypted (cenc), and there is no key"},
      {"moviepy_result.webm", "is empty (0 bytes)"},
      {"text_renamed.mp4", "not a media file: no container format recognised"},
      {"fuzzcorpus_flvmeta_poc2.flv", "no video or audio stream (flv container)"},
      {"fuzzcorpus_bug1079747.mp4", "moov atom not found"},
      {"androidx_sample_vvc.mp4", "no decoder for codec unknown (tag vvc1)"},
      {"fuzzcorpus_bug504843.ogv", "Invalid frame dimensions"},
  };
  for (const auto& [file, reason] : reasons) {
    EXPECT_THAT(scan(corpus_ / GetParam() / file).why, testing::HasSubstr(reason)) << file;
  }
}

INSTANTIATE_TEST_SUITE_P(Folders, DamagedCorpus, testing::Values("damaged"),
                         [](const auto& folder) { return folder.param; });

}  // namespace
}  // namespace reelmill
