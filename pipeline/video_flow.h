// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "pipeline/observe.h"
#include "pipeline/run_context.h"
#include "pipeline/video_job.h"
#include "pipeline/work_queue.h"

namespace reelmill {

class FlowGraph;
class FrameLane;

/// What happens to a video between its admission and the ledger: opened, scanned, put together,
/// committed. These are the bodies of the graph's nodes. Never blocks on anything but the video
/// itself. Thread-safe.
class VideoFlow {
 public:
  /// Where a video goes whose storage failed: it is tried again once the storage answers.
  using Retry = std::function<void(std::shared_ptr<VideoJob>)>;
  /// Told when a video's end is in the ledger.
  using Ended = std::function<void(const VideoJob&)>;

  VideoFlow(RunContext& context, Retry retry, Ended ended);
  /// `lanes`: one a model, as AnalysisPlan::models.
  void connect(WorkQueue& queue, FlowGraph& graph, std::vector<FrameLane*> lanes);

  /// Work for a worker: starts a node of the graph.
  void start(WorkItem item);

  void open(const std::shared_ptr<VideoJob>& job);
  void decode(const std::shared_ptr<SegmentScan>& scan,
              const std::function<void(const FrameMessage&)>& emit);
  void analyze(const FrameMessage& message) noexcept;
  /// Offers the frame that was just analyzed to a model, if it is one of those that it sees.
  void sample(const FrameMessage& message, std::size_t model) noexcept;
  /// True while models have not answered for every frame of the scan; then it goes on later, by
  /// FlowGraph::answered.
  bool awaits_answers(const std::shared_ptr<SegmentScan>& scan);
  /// True when the video is complete.
  bool assemble(const std::shared_ptr<SegmentScan>& scan);
  void commit(const std::shared_ptr<VideoJob>& job);

 private:
  double segment_length(const VideoJob& job) const;
  /// From what is stored of the video, and its sound if that was scanned for it; nothing where it
  /// has to be scanned, or its sound alone (VideoJob::sound_alone).
  Result<std::optional<AnalyzedVideo>> analyze_again(VideoJob& job);
  /// True where the video needed no scan and is on its way to commit.
  bool conclude_without_scan(const std::shared_ptr<VideoJob>& job);
  void fail_open(const std::shared_ptr<VideoJob>& job, VideoError error, Watchdog::Verdict verdict);
  void scan(SegmentScan& scan, const std::function<void(const FrameMessage&)>& emit);
  void write_off(const std::shared_ptr<VideoJob>& job);
  bool conclude(const std::shared_ptr<VideoJob>& job);
  /// The same after a scan of the sound alone.
  bool conclude_with_sound(const std::shared_ptr<VideoJob>& job);
  bool conclude_failure(const std::shared_ptr<VideoJob>& job, const VideoError& error);
  void quarantine(VideoJob& job, const VideoError& error);
  bool scan_again(const std::shared_ptr<VideoJob>& job, const std::string& why);
  void finish(VideoJob& job);
  void meter(const SegmentScan& scan, Duration busy);
  void committed(const std::shared_ptr<VideoJob>& job, const Status& status);

  RunContext& context_;
  const Retry retry_;
  const Ended ended_;
  WorkQueue* queue_ = nullptr;
  FlowGraph* graph_ = nullptr;
  std::vector<FrameLane*> lanes_;
  std::atomic<std::int64_t> waiting_bytes_{0};
};

}  // namespace reelmill
