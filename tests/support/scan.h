// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "stages/api/frame_source.h"
#include "stages/api/observer.h"
#include "stages/api/stage.h"

namespace reelmill::test {

/// A video as the stage `decode` reads it, seen by the observers of one stage. Used by one thread.
struct ScannedVideo {
  std::shared_ptr<const FrameSource> source;
  ScanPlan plan;
  std::unique_ptr<Timeline> timeline;
  std::unique_ptr<FrameObserver> frame_observer;  ///< merged over all segments
  std::unique_ptr<AudioObserver> audio_observer;
  double audio_end_s = 0;  ///< when the last sample ends
  int rotation = 0;
  int segments = 0;
  std::int64_t held_frames = 0;
};

/// Scans a video, in segments of about the length where it is not 0 and the file allows it. A test
/// failure and an empty timeline when it cannot be read.
ScannedVideo scan_video(const std::filesystem::path& path, const StageParts& stage = {},
                        double segment_length_s = 0);

/// A file of the corpus in REELMILL_CORPUS; empty where that is not set or has no such file.
std::optional<std::filesystem::path> corpus_file(const std::string& name);

/// The parts of a stage with options as in YAML flow style: configured("black", {{"level","0.2"}}).
StageParts configured(const std::string& stage,
                      const std::vector<std::pair<std::string, std::string>>& options = {});

}  // namespace reelmill::test

/// Skips the test, loudly, where the corpus is missing.
#define REELMILL_CORPUS_FILE(variable, name)                                \
  const auto variable##_found = ::reelmill::test::corpus_file(name);        \
  if (!variable##_found) GTEST_SKIP() << "REELMILL_CORPUS has no " << name; \
  const std::filesystem::path variable = *variable##_found
