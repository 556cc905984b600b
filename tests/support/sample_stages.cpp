// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sample_stages.h"

#include "stages/api/call_stage.h"
#include "stages/api/frame_source.h"
#include "stages/api/observer.h"
#include "stages/api/video_stage.h"

namespace reelmill::test {
namespace {

using namespace std::chrono_literals;

enum class Speed { fast, exact };

struct SampleOptions {
  bool is_deep = false;
  int width = 320;
  double share = 0.98;
  Duration min_duration = 100ms;
  ByteSize memory{64 << 20};
  std::string title;
  std::vector<std::string> words;
  Speed speed = Speed::fast;
};

OptionTable<SampleOptions> sample_options() {
  return OptionTable<SampleOptions>()
      .add("deep", &SampleOptions::is_deep, "look twice")
      .add("width", &SampleOptions::width, "width in pixels", Range{16, 4096})
      .add("share", &SampleOptions::share, "share of pixels", Range{0, 1})
      .add("min_duration", &SampleOptions::min_duration, "shortest stretch", Range{0, 3600})
      .add("memory", &SampleOptions::memory, "memory to use", Range{1024, {}})
      .add("title", &SampleOptions::title, "a text")
      .add("words", &SampleOptions::words, "some texts")
      .add_choice("speed", &SampleOptions::speed, "how thorough",
                  Choices<Speed>{{"fast", Speed::fast}, {"exact", Speed::exact}});
}

struct TargetOptions {
  std::string to, token;
};

OptionTable<TargetOptions> target_options() {
  return OptionTable<TargetOptions>()
      .add("to", &TargetOptions::to, "where it goes")
      .required()
      .add("token", &TargetOptions::token, "what lets us in")
      .secret();
}

struct SilentDetector final : Detector {
  Result<Findings> detect(const Timeline&) const override { return Findings{}; }
};

struct IdleFrameSource final : FrameSource {
  VideoResult<PlannedVideo> plan(const PlanRequest&) const override {
    return tl::unexpected(VideoError{});
  }
  VideoResult<ScanOutcome> scan(ScanRequest) const override { return tl::unexpected(VideoError{}); }
  Result<Frame> frame_at(const ScanPlan&, std::int64_t) const override {
    return fail(ErrorKind::not_found, "no frames");
  }
};

struct IdleVideoStage final : VideoStage {
  Result<Findings> process(const VideoRecord&, ArtifactWriter&) const override {
    return Findings{};
  }
};

struct IdleCallStage final : CallStage {
  std::vector<Result<CallOutcome>> call(std::span<const CallItem> items,
                                        const CallContext&) override {
    return std::vector<Result<CallOutcome>>(items.size(), CallOutcome{});
  }
  bool may_overlap() const override { return true; }
  std::string target() const override { return "nowhere"; }
};

template <class Make>
StageDefinition sample_stage(StageDefinition header, Make make) {
  return define_stage<SampleOptions>(
      std::move(header), sample_options(),
      [make](const SampleOptions&, const StageContext&) { return make(); });
}

}  // namespace

Registry sample_registry() {
  Registry registry;
  const auto detector = [] {
    StageParts parts;
    parts.detector = std::make_shared<SilentDetector>();
    return parts;
  };
  const auto video_stage = [] {
    StageParts parts;
    parts.video_stage = std::make_shared<IdleVideoStage>();
    return parts;
  };
  (void)registry.add(sample_stage({.name = "shots", .summary = "Where shots begin."}, detector));
  for (const char* name : {"black", "freeze", "quality"})
    (void)registry.add(sample_stage({.name = name, .summary = "Something to find."}, detector));
  (void)registry.add(sample_stage({.name = "thumbnails",
                                   .summary = "A picture a shot.",
                                   .kind = StageKind::video,
                                   .needs_findings = {"shots"}},
                                  video_stage));
  (void)registry.add(
      sample_stage({.name = "decode", .summary = "Reads videos.", .kind = StageKind::source}, [] {
        StageParts parts;
        parts.frame_source = std::make_shared<IdleFrameSource>();
        return parts;
      }));
  (void)registry.add(define_stage<TargetOptions>(
      {.name = "upload", .summary = "Sends files.", .kind = StageKind::call}, target_options(),
      [](const TargetOptions&, const StageContext&) {
        StageParts parts;
        parts.call_stage = std::make_shared<IdleCallStage>();
        return parts;
      }));
  return registry;
}

}  // namespace reelmill::test
