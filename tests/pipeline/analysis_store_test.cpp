// SPDX-License-Identifier: Apache-2.0
#include "pipeline/analysis_store.h"

#include <fstream>

#include <gmock/gmock.h>

#include "stages/api/timeline_codec.h"
#include "tests/support/synthetic.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using testing::HasSubstr;

StoredAnalysis sample() {
  StoredAnalysis analysis;
  analysis.bytes = 4711;
  analysis.mtime_ns = -5;
  analysis.source_hash = "0123";
  analysis.needs = "3 0 true";
  auto& summary = analysis.summary;
  StreamInfo stream;
  stream.index = 1;
  stream.kind = StreamKind::video;
  stream.codec = "h264";
  stream.time_base = {1, 90000};
  stream.start_pts = -12;
  stream.language = "deu\xff";  // containers hold any bytes
  summary.media.container = "mov";
  summary.media.duration_s = 12.345678901234567;
  summary.media.streams = {stream};
  summary.media.messages = {"odd \x80 bytes"};
  summary.video_stream = 0;
  summary.status = "partial";
  summary.frames_decoded = 300;
  summary.messages = {"first", "second"};
  summary.unsaid_messages = 7;
  summary.measured_s = 0.1;
  StageRecord shots;
  shots.hash = "h";
  shots.own_hash = "o";
  shots.found.set_shots({{0, 5, 0, 0.2, Transition::start}, {5, 9, 0.2, 0.36, Transition::fade}});
  shots.found.warn("a warning", 5);
  shots.found.warn("another");
  StageRecord thumbs;
  thumbs.observer = std::string("\0\xfe", 2);
  thumbs.artifacts = {{"artifacts/\xff.mp4/1.jpg", 9, "abc"}};
  analysis.stages = {{"shots", shots}, {"thumbs", thumbs}};
  return analysis;
}

class AnalysisStore : public testing::Test {
 protected:
  Result<StoredAnalysis> read() { return read_analysis(folder_ / "a.timeline", folder_.path()); }
  test::TempFolder folder_;
};

TEST_F(AnalysisStore, GivesBackAllThatWasKept) {
  const auto kept = sample();
  test::TimelineBuilder builder;
  builder.pan(1, 20);
  folder_.write("a.timeline", encode_analysis(kept, *encode_timeline(builder.timeline())));
  const auto found = read();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->bytes, kept.bytes);
  EXPECT_EQ(found->mtime_ns, kept.mtime_ns);
  EXPECT_EQ(found->needs, kept.needs);
  EXPECT_EQ(to_json(found->summary), to_json(kept.summary));
  EXPECT_EQ(found->summary.media.streams[0].language, kept.summary.media.streams[0].language);
  EXPECT_EQ(found->summary.media.duration_s, kept.summary.media.duration_s);
  ASSERT_EQ(found->stages.size(), 2u);
  const auto& shots = found->stages.at("shots");
  EXPECT_EQ(to_json(shots.found), to_json(kept.stages.at("shots").found));
  EXPECT_EQ(shots.found.shots()->at(1).transition_in, Transition::fade);
  const auto& thumbs = found->stages.at("thumbs");
  EXPECT_EQ(thumbs.observer, kept.stages.at("thumbs").observer);
  EXPECT_EQ(thumbs.artifacts.at(0).file, "artifacts/\xff.mp4/1.jpg");
  ASSERT_TRUE(found->timeline);
  EXPECT_EQ(found->timeline->size(), 20);
}

TEST_F(AnalysisStore, TellsAScanWithColoursFromOneWithout) {
  DecoderNeeds grey, coloured;
  grey.frames = coloured.frames = DecoderNeeds::Frames::all;
  coloured.chroma = true;
  EXPECT_NE(needs_text(grey), needs_text(coloured));
}

TEST_F(AnalysisStore, AVideoWithoutFramesHasNoTimeline) {
  folder_.write("a.timeline", encode_analysis(sample(), {}));
  EXPECT_FALSE(read()->timeline);
}

TEST_F(AnalysisStore, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(read().error().kind, ErrorKind::not_found);
}

TEST_F(AnalysisStore, DamageAndOtherFilesAreRefused) {
  const auto whole = encode_analysis(sample(), {});
  auto damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 1);
  for (const auto& bytes :
       {damaged, whole.substr(0, whole.size() - 1), std::string("text"), std::string()}) {
    folder_.write("a.timeline", bytes);
    ASSERT_FALSE(read());
    EXPECT_EQ(read().error().kind, ErrorKind::invalid_input);
    EXPECT_THAT(read().error().message, HasSubstr("a.timeline"));
  }
}

}  // namespace
}  // namespace reelmill
