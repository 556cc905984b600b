// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scan.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "media/decoder.h"
#include "stages/api/registry.h"

namespace reelmill::test {
namespace {

// One segment's part of the pipeline: features, timeline, observers.
class Collector final : public ScanSink {
 public:
  Collector(ScannedVideo& video, Timeline& timeline, FrameObserver* observer, double before_s)
      : video_(video), timeline_(timeline), observer_(observer), before_s_(before_s) {}

  void on_frame(Frame& frame, std::int64_t pts, std::int64_t duration) override {
    TimelineFrame entry;
    entry.pts = pts;
    entry.duration = duration;
    entry.is_key = frame.is_key();
    entry.is_corrupt = frame.is_corrupt();
    entry.features = compute_frame_features(frame.luma());
    entry.features.chroma = compute_chroma_means(frame.chroma());
    ASSERT_TRUE(held_.append(timeline_, entry));
    const auto index = timeline_.size() - 1;
    if (observer_ != nullptr)
      observer_->observe(
          {frame, entry.features, index, pts, before_s_ + timeline_.seconds(pts), video_.rotation});
  }

  void on_held(std::int64_t pts, Held held) override {
    held_.hold(pts, held);
    ++video_.held_frames;
  }

  void finish() { ASSERT_TRUE(held_.finish(timeline_)); }

  void on_audio(const AudioView& audio, double stream_time_s) override {
    if (!first_audio_s_) first_audio_s_ = stream_time_s;
    const double time_s = stream_time_s - origin_s().value_or(*first_audio_s_);
    video_.audio_end_s =
        time_s + static_cast<double>(audio.frames()) / std::max(1, audio.sample_rate);
    if (video_.audio_observer) video_.audio_observer->observe({audio, time_s});
  }

 private:
  std::optional<double> origin_s() const {
    if (!video_.plan.video_stream || timeline_.empty()) return {};
    return static_cast<double>(timeline_.first_pts()) * timeline_.time_base().value();
  }

  ScannedVideo& video_;
  Timeline& timeline_;
  FrameObserver* observer_;
  double before_s_;
  HeldFrames held_;
  std::optional<double> first_audio_s_;
};

const StreamInfo* stream_of(const MediaInfo& media, std::optional<int> index) {
  for (const auto& stream : media.streams)
    if (stream.index == index) return &stream;
  return nullptr;
}

}  // namespace

ScannedVideo scan_video(const std::filesystem::path& path, const StageParts& stage,
                        double segment_length_s) {
  ScannedVideo video;
  video.source = configured("decode").frame_source;
  DecoderNeeds needs = stage.needs;
  if (needs.frames != DecoderNeeds::Frames::around_changes &&
      (!needs.audio || stage.make_frame_observer))
    needs.frames = DecoderNeeds::Frames::all;
  const auto control = std::make_shared<ReadControl>();
  const VideoFile file{path, path.filename().string()};
  auto planned = video.source->plan({file, needs, segment_length_s, false, control});
  const auto scratch = std::filesystem::temp_directory_path();
  video.timeline = std::make_unique<Timeline>(Rational{0, 0}, scratch);
  if (!planned) {
    ADD_FAILURE() << path << ": " << planned.error().error.message;
    return video;
  }
  video.plan = std::move(planned->plan);
  Rational time_base;
  if (const auto* stream = stream_of(video.plan.media, video.plan.video_stream)) {
    time_base = stream->time_base;
    video.rotation = stream->rotation;
  }
  video.timeline = std::make_unique<Timeline>(time_base, scratch);
  if (stage.make_audio_observer) video.audio_observer = stage.make_audio_observer();
  auto opened = std::move(planned->opened);
  for (const auto& segment : video.plan.segments) {
    Timeline timeline(time_base, scratch);
    auto observer = stage.make_frame_observer ? stage.make_frame_observer() : nullptr;
    const double before_s =
        segment.from_pts && video.plan.first_pts
            ? static_cast<double>(*segment.from_pts - *video.plan.first_pts) * time_base.value()
            : 0;
    Collector collector(video, timeline, observer.get(), before_s);
    const auto outcome =
        video.source->scan({video.plan, segment, collector, control, std::move(opened)});
    if (!outcome) {
      ADD_FAILURE() << path << ": " << outcome.error().error.message;
      return video;
    }
    if (!outcome->is_exact && video.plan.reading == Reading::around_changes) {
      StageParts in_full = stage;  // as a run does it
      in_full.needs.frames = DecoderNeeds::Frames::all;
      return scan_video(path, in_full, segment_length_s);
    }
    EXPECT_TRUE(outcome->is_exact) << outcome->why_not_exact;
    collector.finish();
    if (observer) observer->end_of_scan();
    if (!video.frame_observer)
      video.frame_observer = std::move(observer);
    else
      video.frame_observer->merge(*observer, video.timeline->size());
    EXPECT_TRUE(video.timeline->append(timeline));
    ++video.segments;
  }
  return video;
}

std::optional<std::filesystem::path> corpus_file(const std::string& name) {
  const char* corpus = std::getenv("REELMILL_CORPUS");
  if (corpus == nullptr || *corpus == '\0') return {};
  const auto path = std::filesystem::path(corpus) / name;
  if (!std::filesystem::exists(path)) return {};
  return path;
}

StageParts configured(const std::string& stage,
                      const std::vector<std::pair<std::string, std::string>>& options) {
  const auto* definition = stage_registry().find(stage);
  if (definition == nullptr) {
    ADD_FAILURE() << "no stage '" << stage << "'";
    return {};
  }
  ConfigNode with;
  with.kind = ConfigNode::Kind::map;
  for (const auto& [key, text] : options) {
    ConfigNode value;
    value.kind = ConfigNode::Kind::scalar;
    value.scalar = text;
    with.entries.push_back({key, 0, std::move(value)});
  }
  std::vector<Problem> problems;
  auto ready = definition->configure(with, {"id", ""}, ProblemSink("test", problems));
  for (const auto& problem : problems) ADD_FAILURE() << to_string(problem);
  return std::move(ready.parts);
}

}  // namespace reelmill::test
