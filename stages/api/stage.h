// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace reelmill {

class AudioObserver;
class CallStage;
class Detector;
class FrameCallStage;
class FrameObserver;
class FrameSource;
class VideoStage;
struct MediaInfo;

/// What a stage needs of the decoder. `decode` serves the cheapest plan that satisfies all stages.
struct DecoderNeeds {
  /// From least to most: none; one a slot (FrameSlots); those at which decoding can begin; those
  /// that others refer to; all. And beside these: the frames around which the picture may change,
  /// while the others are held (ScanSink::on_held).
  enum class Frames { none, every_interval, key, reference, all, around_changes };
  Frames frames = Frames::none;
  Duration interval{0};  ///< for every_interval: the length of a slot
  bool audio = false;
  bool chroma = false;  ///< frame features hold the colours of each frame, too

  /// The least that satisfies both.
  DecoderNeeds operator|(const DecoderNeeds& other) const;
};

/// What the environment of a run tells a stage when it is configured.
struct StageContext {
  std::string id;             ///< its id in the YAML
  std::string output_folder;  ///< OUT, absolute; empty when only checking
};

/// What one configured stage contributes. Parts that it does not have stay empty.
struct StageParts {
  DecoderNeeds needs;
  bool merges =
      true;  ///< its frame observer's results merge across segments; false: the file is not split
  std::function<std::unique_ptr<FrameObserver>()> make_frame_observer;
  /// An observer as FrameObserver::save() left it; nullptr for bytes that are not its own.
  std::function<std::unique_ptr<FrameObserver>(std::string_view)> restore_frame_observer;
  std::function<std::unique_ptr<AudioObserver>()> make_audio_observer;
  std::shared_ptr<const Detector> detector;
  std::shared_ptr<const VideoStage> video_stage;
  std::shared_ptr<CallStage> call_stage;
  std::shared_ptr<FrameCallStage> frame_call_stage;
  std::shared_ptr<const FrameSource> frame_source;
  bool is_parallel_safe_call = true;  ///< a call stage whose calls may run at the same time
};

}  // namespace reelmill
