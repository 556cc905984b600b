// SPDX-License-Identifier: Apache-2.0
#include "pipeline/decode_bench.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "pipeline/time_prediction.h"

namespace reelmill {
namespace {

class DroppingSink final : public ScanSink {
 public:
  void on_frame(Frame&, std::int64_t, std::int64_t) override {}
  void on_audio(const AudioView&, double) override {}
};

std::optional<ScanOutcome> decode(const FrameSource& source, const VideoFile& file,
                                  double& duration_s) {
  DecoderNeeds needs;
  needs.frames = DecoderNeeds::Frames::all;
  needs.audio = true;
  const auto control = std::make_shared<ReadControl>();
  auto planned = source.plan({file, needs, 0, false, control});
  if (!planned) return {};
  duration_s = std::min(planned->plan.duration_s, kLongestClaim_s);
  DroppingSink sink;
  auto outcome = source.scan(
      {planned->plan, planned->plan.segments.front(), sink, control, std::move(planned->opened)});
  if (!outcome) return {};
  return std::move(*outcome);
}

}  // namespace

DecodeBench bench_decoding(const FrameSource& source, const std::vector<VideoFile>& videos,
                           int workers) {
  DecodeBench bench;
  bench.workers = workers;
  std::mutex mutex;
  std::atomic<std::size_t> next{0};
  const auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < workers; ++i)
      threads.emplace_back([&] {
        for (std::size_t k = next++; k < videos.size(); k = next++) {
          double duration_s = 0;
          const auto outcome = decode(source, videos[k], duration_s);
          std::lock_guard lock(mutex);
          ++(outcome ? bench.videos : bench.failed);
          if (!outcome) continue;
          bench.decode_cpu_s += outcome->decode_cpu_s;
          bench.frames += outcome->frames;
          bench.media_s += duration_s;
          bench.bytes += videos[k].bytes;
        }
      });
  }
  bench.wall_s = to_seconds(std::chrono::steady_clock::now() - begin);
  return bench;
}

}  // namespace reelmill
