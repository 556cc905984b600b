// SPDX-License-Identifier: Apache-2.0
#include "media/demuxer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/media/fixtures.h"

namespace reelmill {
namespace {

using test::fixtures;
using test::generated;
using test::operator+;
using test::pictures;
using test::simple_video;
using test::TempFolder;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Arguments = std::vector<std::string>;

Error error_of(const std::filesystem::path& path) {
  const auto demuxer = Demuxer::open(path);
  return demuxer ? Error{ErrorKind::internal, "it opened"} : demuxer.error();
}

TEST(Demuxer, AMissingFrameDoesNotMoveAnNtscRate) {
  const auto rate_of = [](const std::string& name, const std::string& rate,
                          const std::string& filter) {
    const auto info = probe(generated(
        name, Arguments{"-f", "lavfi", "-i", "testsrc2=size=160x90:duration=4:rate=" + rate, "-vf",
                        filter, "-fps_mode", "passthrough", "-enc_time_base", "1:120000"}));
    EXPECT_TRUE(info);
    return info ? info->streams.at(0).frame_rate : Rational{};
  };
  const auto with_hole = rate_of("ntsc_hole.mp4", "30000/1001", "select=not(eq(n\\,50))");
  EXPECT_EQ(with_hole.num, 30000);
  EXPECT_EQ(with_hole.den, 1001);
  const auto whole = rate_of("whole.mp4", "30", "null");
  EXPECT_EQ(whole.num, 30);
  EXPECT_EQ(whole.den, 1);
  const auto film = rate_of("film_hole.mp4", "25", "select=not(eq(n\\,50))");
  EXPECT_LT(film.value(), 24.9) << "no NTSC rate: the average";
  const auto slower = rate_of("ntsc_slow.mp4", "30000/1001", "select=not(eq(mod(n\\,10)\\,5))");
  EXPECT_LT(slower.value(), 28) << "too far from it";
}

TEST(Demuxer, DescribesTheStreamsOfAVideo) {
  const auto info = probe(simple_video());
  ASSERT_TRUE(info) << to_string(info.error());
  EXPECT_THAT(info->container, HasSubstr("mp4"));
  EXPECT_NEAR(info->duration_s.value_or(0), 2.0, 0.1);
  EXPECT_GT(info->bit_rate.value_or(0), 0);
  EXPECT_FALSE(info->is_still_image);
  EXPECT_THAT(info->messages, IsEmpty());
  ASSERT_EQ(info->streams.size(), 2U);
  const auto& video = info->streams[0];
  EXPECT_EQ(video.kind, StreamKind::video);
  EXPECT_EQ(video.codec, "h264");
  EXPECT_TRUE(video.is_decodable);
  EXPECT_TRUE(video.is_default);
  EXPECT_EQ(video.width, 160);
  EXPECT_EQ(video.height, 90);
  EXPECT_EQ(video.pixel_format, "yuv420p");
  EXPECT_EQ(video.rotation, 0);
  EXPECT_EQ(video.frame_rate.value(), 25.0);
  EXPECT_EQ(video.frame_count, 50);
  EXPECT_NEAR(video.duration_s.value_or(0), 2.0, 0.01);
  EXPECT_EQ(video.start_pts, 0);
  const auto& audio = info->streams[1];
  EXPECT_EQ(audio.kind, StreamKind::audio);
  EXPECT_EQ(audio.codec, "aac");
  EXPECT_EQ(audio.language, "deu");
  EXPECT_EQ(audio.sample_rate, 48000);
  EXPECT_EQ(audio.channels, 1);
  EXPECT_EQ(audio.time_base.value(), 1.0 / 48000);
}

TEST(Demuxer, ReadsThePacketsOfTheSelectedStreamsOnly) {
  auto demuxer = *Demuxer::open(simple_video());
  demuxer->select({1});
  int packets = 0;
  for (;;) {
    const auto packet = demuxer->read();
    ASSERT_TRUE(packet) << to_string(packet.error());
    if (!*packet) break;
    EXPECT_EQ((*packet)->stream, 1);
    ++packets;
  }
  EXPECT_GT(packets, 80);
}

TEST(Demuxer, SaysOfEachPacketWhereItIsAndWhetherItIsAKeyFrame) {
  auto demuxer = *Demuxer::open(simple_video());
  demuxer->select({0});
  const auto first = *demuxer->read();
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->is_key);
  EXPECT_FALSE(first->is_corrupt);
  EXPECT_EQ(first->pts, 0);
  EXPECT_TRUE(first->dts);
  EXPECT_GT(first->position, 0);
  const auto second = *demuxer->read();
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->is_key);
}

TEST(Demuxer, SeeksToTheLastKeyFrameAtOrBeforeATime) {
  auto demuxer = *Demuxer::open(simple_video());
  demuxer->select({0});
  const auto seconds = demuxer->info().streams[0].time_base.den;
  ASSERT_TRUE(demuxer->seek(0, seconds * 13 / 10));
  const auto packet = *demuxer->read();
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->is_key);
  EXPECT_EQ(packet->pts, seconds * 12 / 10);  // key frames every 10 of 25 a second
}

TEST(Demuxer, ListsTheKeyFramesOfTheIndex) {
  const auto demuxer = *Demuxer::open(simple_video());
  EXPECT_EQ(demuxer->indexed_key_frames(0).size(), 5U);
  EXPECT_THAT(demuxer->indexed_key_frames(7), IsEmpty());
}

TEST(Demuxer, TurnsTheDisplayMatrixIntoDegreesClockwise) {
  // The tool's `rotate` counts counter-clockwise.
  for (const int rotation : {90, 180, 270}) {
    const auto path =
        generated("turned" + std::to_string(rotation) + ".mp4",
                  Arguments{"-i", simple_video().string(), "-c", "copy", "-metadata:s:v:0",
                            "rotate=" + std::to_string(360 - rotation)});
    const auto info = probe(path);
    ASSERT_TRUE(info) << to_string(info.error());
    EXPECT_EQ(info->streams[0].rotation, rotation);
    EXPECT_EQ(info->streams[0].width, 160);  // as coded
  }
}

TEST(Demuxer, FlagsCoverArtSoThatItIsNoVideo) {
  const auto cover = generated("cover.png", pictures() + Arguments{"-frames:v", "1"});
  const auto path = generated(
      "song.mp3", Arguments{"-f", "lavfi", "-i", "sine=duration=1", "-i", cover.string(), "-map",
                            "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic"});
  const auto info = probe(path);
  ASSERT_TRUE(info) << to_string(info.error());
  ASSERT_EQ(info->streams.size(), 2U);
  EXPECT_TRUE(info->streams[1].is_attached_picture);
  EXPECT_EQ(choose_video_stream(*info), std::nullopt);
  EXPECT_EQ(choose_audio_stream(*info), 0);
}

TEST(Demuxer, TellsAStillImageFromAnAnimation) {
  for (const char* name : {"still.png", "still.jpg", "still.webp", "still.bmp"}) {
    const auto info = probe(generated(name, pictures() + Arguments{"-frames:v", "1"}));
    ASSERT_TRUE(info) << to_string(info.error());
    EXPECT_TRUE(info->is_still_image) << name;
  }
  const auto info = probe(generated("moving.gif", pictures() + Arguments{"-frames:v", "5"}));
  ASSERT_TRUE(info) << to_string(info.error());
  EXPECT_FALSE(info->is_still_image);
}

TEST(Demuxer, OpensByContentWhateverTheName) {
  for (const char* name :
       {"-v.mp4", "http:⁄⁄host:80", "file%03d.mp4", "concat:a|b", "x.m3u8", "pipe:0",
        "no extension", "new\nline.mp4", "not utf-8 \xFF.mp4", "🎬.txt", "image%d.png", "x.yuv"}) {
    const auto path = fixtures() / name;
    std::filesystem::copy_file(simple_video(), path,
                               std::filesystem::copy_options::overwrite_existing);
    const auto info = probe(path);
    ASSERT_TRUE(info) << name << ": " << to_string(info.error());
    EXPECT_EQ(info->streams.size(), 2U);
  }
}

TEST(Demuxer, RefusesTextWithAReason) {
  const auto error = error_of(fixtures().write("text.mp4", "Dear diary,\ntoday nothing.\n"));
  EXPECT_EQ(error.kind, ErrorKind::invalid_input);
  EXPECT_EQ(error.message, "open text.mp4: not a media file: no container format recognised");
}

TEST(Demuxer, RefusesSubtitlesAlone) {
  const auto error =
      error_of(fixtures().write("only.srt", "1\n00:00:00,000 --> 00:00:01,000\nHello\n\n"));
  EXPECT_EQ(error.kind, ErrorKind::invalid_input);
  EXPECT_THAT(error.message, HasSubstr("no video or audio stream"));
}

TEST(Demuxer, SaysWhatIsMissingInATruncatedFile) {
  const auto whole = test::read_file(simple_video());
  const auto error = error_of(fixtures().write("cut.mp4", whole.substr(0, whole.size() / 2)));
  EXPECT_EQ(error.kind, ErrorKind::invalid_input);
  EXPECT_THAT(error.message, HasSubstr("moov atom not found"));
}

TEST(Demuxer, NeverFollowsAPlaylistToOtherFiles) {
  const TempFolder folder;
  std::filesystem::copy_file(simple_video(), folder / "clip.mp4");
  const auto target = (folder / "clip.mp4").string();
  const std::vector<std::pair<std::string, std::string>> playlists = {
      {"list.m3u8",
       "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n" + target + "\n#EXT-X-ENDLIST\n"},
      {"list.ffconcat", "ffconcat version 1.0\nfile 'clip.mp4'\n"},
      {"list.mpd",
       "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
       "profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\" type=\"static\"><Period>"
       "<AdaptationSet><Representation id=\"1\"><BaseURL>clip.mp4</BaseURL></Representation>"
       "</AdaptationSet></Period></MPD>"},
      {"list.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"},
  };
  for (const auto& [name, content] : playlists) {
    const auto error = error_of(folder.write(name, content));
    EXPECT_EQ(error.kind, ErrorKind::invalid_input) << name;
    EXPECT_THAT(error.message, HasSubstr("never opened")) << name;
  }
}

TEST(Demuxer, RefusesMoreStreamsThanAnyVideoHas) {
  Arguments arguments = {"-f", "lavfi", "-i", "sine=duration=0.1"};
  for (int i = 0; i < 300; ++i) arguments.insert(arguments.end(), {"-map", "0:a"});
  arguments.insert(arguments.end(), {"-c:a", "pcm_s16le"});
  const auto error = error_of(generated("streams.mkv", arguments));
  EXPECT_EQ(error.kind, ErrorKind::invalid_input);
  EXPECT_THAT(error.message, HasSubstr("max_streams"));
}

TEST(Demuxer, SaysThatAVideoIsEncrypted) {
  for (const Arguments& how : {Arguments{}, Arguments{"-movflags", "frag_keyframe+empty_moov"}}) {
    const auto path =
        generated(how.empty() ? "locked.mp4" : "locked_fragments.mp4",
                  Arguments{"-i", simple_video().string(), "-c", "copy"} + how +
                      Arguments{"-encryption_scheme", "cenc-aes-ctr", "-encryption_key",
                                "76a6c65c5ea762046bd749a2e632ccbb", "-encryption_kid",
                                "a7e61c373e219033c21091fa607bf3b8"});
    const auto error = error_of(path);
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    EXPECT_THAT(error.message, HasSubstr("encrypted (cenc), and there is no key"));
  }
}

TEST(Demuxer, SaysThatAMatroskaVideoIsEncrypted) {
  const std::string title(33, 't');
  auto bytes = test::read_file(
      generated("titled.mkv", Arguments{"-i", simple_video().string(), "-map", "0:v", "-c", "copy",
                                        "-metadata:s:v:0", "title=" + title}));
  // The title's element becomes a ContentEncodings of the same size: AES with a key's name.
  const auto encodings = std::string("\x62\x40\x9E", 3) +      // ContentEncoding
                         std::string("\x50\x33\x81\x01", 4) +  // type: encryption
                         std::string("\x50\x35\x97", 3) +      // ContentEncryption
                         std::string("\x47\xE1\x81\x05", 4) +  // algorithm: AES
                         std::string("\x47\xE2\x90", 3) + std::string(16, 'k');
  ASSERT_EQ(encodings.size(), title.size());
  const auto element = bytes.find("\x53\x6E\xA1" + title);
  ASSERT_NE(element, bytes.npos);
  bytes.replace(element, 2, "\x6D\x80");
  bytes.replace(element + 3, encodings.size(), encodings);
  const auto error = error_of(fixtures().write("locked.mkv", bytes));
  EXPECT_EQ(error.kind, ErrorKind::invalid_input);
  EXPECT_EQ(error.message, "open locked.mkv: encrypted, and there is no key");
}

TEST(Demuxer, StopsWhenInterrupted) {
  const auto control = std::make_shared<ReadControl>();
  auto demuxer = *Demuxer::open(simple_video(), control);
  ASSERT_TRUE(*demuxer->read());
  const auto before = control->progress();
  ASSERT_TRUE(*demuxer->read());
  EXPECT_GT(control->progress(), before);
  control->interrupt();
  EXPECT_EQ(demuxer->read().error().kind, ErrorKind::cancelled);
  EXPECT_EQ(Demuxer::open(simple_video(), control).error().kind, ErrorKind::cancelled);
}

TEST(Demuxer, BlamesTheStorageAndNotTheFileForAFailedRead) {
  const auto path = fixtures() / "failing-storage.mp4";
  std::filesystem::copy_file(simple_video(), path,
                             std::filesystem::copy_options::overwrite_existing);
  const auto error = error_of(path);
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_EQ(error.message, "open failing-storage.mp4: Input/output error");
}

TEST(Demuxer, BlamesTheStorageWhereLibavSeesTheEndOfTheFile) {
  // Large enough that the failing read comes after opening.
  const auto source = generated(
      "large.avi", pictures("size=320x180:rate=25:duration=4") + Arguments{"-c:v", "rawvideo"});
  const auto path = fixtures() / "late-failure.avi";
  std::filesystem::copy_file(source, path, std::filesystem::copy_options::overwrite_existing);
  ASSERT_GT(std::filesystem::file_size(path), 6'000'000U);
  auto demuxer = Demuxer::open(path);
  ASSERT_TRUE(demuxer) << to_string(demuxer.error());
  for (;;) {
    const auto packet = (*demuxer)->read();
    if (!packet) {
      EXPECT_EQ(packet.error().kind, ErrorKind::unavailable);
      return;
    }
    ASSERT_TRUE(*packet) << "the end, as if nothing had happened";
  }
}

TEST(Demuxer, KeepsWhatLibavSaysWhileOpening) {
  auto whole = test::read_file(simple_video());
  const auto mdhd = whole.find("mdhd");
  whole.replace(mdhd + 4 + 12, 4, std::string(4, '\0'));  // time scale 0
  const auto info = probe(fixtures().write("scale0.mp4", whole));
  ASSERT_TRUE(info) << to_string(info.error());
  EXPECT_THAT(info->messages, testing::Contains(HasSubstr("Invalid mdhd time scale 0")));
  EXPECT_THAT(info->messages, Each(Not(HasSubstr("0x"))));
}

TEST(StreamChoice, PrefersTheDefaultThenTheFirstAndObeysAWish) {
  MediaInfo info;
  for (int i = 0; i < 4; ++i) {
    StreamInfo stream;
    stream.index = i;
    stream.kind = i == 3 ? StreamKind::audio : StreamKind::video;
    stream.is_attached_picture = i == 0;
    info.streams.push_back(stream);
  }
  EXPECT_EQ(choose_video_stream(info), 1);
  info.streams[2].is_default = true;
  EXPECT_EQ(choose_video_stream(info), 2);
  EXPECT_EQ(choose_video_stream(info, 1), 1);
  EXPECT_EQ(choose_video_stream(info, 3), std::nullopt);
  EXPECT_EQ(choose_video_stream(info, 0), std::nullopt);
  EXPECT_EQ(choose_audio_stream(info), 3);
}

}  // namespace
}  // namespace reelmill
