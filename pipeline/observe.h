// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pipeline/analysis_plan.h"
#include "pipeline/video_job.h"

namespace reelmill {

/// A decoded frame on its way to analysis. Handled on the decoding thread before the decoder goes
/// on.
struct FrameMessage {
  SegmentScan* scan = nullptr;
  Frame* frame = nullptr;
  std::int64_t pts = 0, duration = 0;
};

/// Makes a scan ready: timeline and observers as the plan wants them. `scratch` is where timelines
/// spill.
void begin_scan(SegmentScan& scan, const AnalysisPlan& plan, const std::filesystem::path& scratch);

/// Computes the frame's features while its luma is in cache, appends them to the timeline and shows
/// the frame to every observer.
void observe_frame(const FrameMessage& message, const AnalysisPlan& plan) noexcept;

/// Shows a block of sound to every audio observer.
void observe_audio(SegmentScan& scan, const AudioView& audio, double stream_time_s) noexcept;

/// The scan is over: observers take leave of the decoder's buffers.
void end_scan(SegmentScan& scan) noexcept;

}  // namespace reelmill
