// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "resilience/batch_options.h"
#include "resilience/guard_options.h"
#include "stages/api/config_node.h"
#include "stages/api/registry.h"

namespace reelmill {

/// One stage as the YAML names it, resolved against the registry.
struct StageSpec {
  std::string id, use;
  std::vector<std::string> from;  ///< ids
  std::string guard;              ///< name under guards:, or empty
  BatchOptions batch;             ///< for call stages
  bool has_batch = false;         ///< written in YAML
  int lanes = 4;                  ///< threads that make this stage's calls
  ConfigNode with;
  int line = 0;
  const StageDefinition* definition = nullptr;
  ConfiguredStage configured;
  std::string own_hash;  ///< of use, version and options: 16 hex digits
  std::string hash;      ///< of these and the hashes of what it stands on: 16 hex digits
};

/// Limits of what is under way at once.
struct LimitSpec {
  int max_videos_in_flight = 0;              ///< 0 = 4 × workers + 4
  ByteSize max_bytes_in_flight{2ULL << 30};  ///< of input files
  Duration segment_length =
      std::chrono::seconds(10);            ///< videos longer than 1.5 of it may be cut; 0 = never
  ByteSize max_frame_memory{64ULL << 20};  ///< of frames on their way to one model
  Duration drain_timeout =
      std::chrono::minutes(2);  ///< after analysis, wait so long for a service that takes nothing
};

struct WatchdogSpec {
  Duration stall_timeout = std::chrono::seconds(120);  ///< without a packet, frame or byte
};

/// A validated configuration. Stages are in an order in which every stage stands after what it
/// needs.
struct PipelineSpec {
  std::string file;  ///< where it was read
  std::string name;
  std::vector<std::string> include, exclude;  ///< globs on the path relative to the input folder
  std::map<std::string, GuardOptions> guards;
  std::vector<std::string> plugins;
  LimitSpec limits;
  WatchdogSpec watchdog;
  bool hash_input = false;    ///< `hash: true`: sha256 of each video in its results
  bool keep_timeline = true;  ///< so that a later run does stages again without decoding
  std::vector<StageSpec> stages;
  std::string analysis_hash;  ///< over all stages that are not calls

  const StageSpec* find(const std::string& id) const;
};

}  // namespace reelmill
