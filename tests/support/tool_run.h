// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace reelmill::test {

/// The corpus of real videos, or nothing where REELMILL_CORPUS does not say.
std::filesystem::path corpus();

/// All analysis and publishing to a folder in OUT; small enough to write inline, the same stages as
/// configs/archive.yaml.
std::string analysis_yaml();

/// `reelmill run INPUTS -c CONFIG -o OUT --progress none` and whatever else.
Command tool_run(const std::vector<std::string>& inputs, const std::filesystem::path& config,
                 const std::filesystem::path& out, const std::vector<std::string>& more = {});

/// Every file under a folder with its content, by relative path; empty where there is no such
/// folder.
std::map<std::string, std::string> contents(const std::filesystem::path& folder);

/// results/ and artifacts/ of OUT: what must not depend on how a run went.
std::map<std::string, std::string> outcome(const std::filesystem::path& out);

/// quarantine.jsonl: class by video.
std::map<std::string, std::string> quarantined(const std::filesystem::path& out);

/// report.json.
nlohmann::json report_of(const std::filesystem::path& out);

/// Short clips of different kinds, made by FFmpeg: `a.mp4` (h264 and sound), `b.mkv` (mpeg4),
/// `c.ts` (mpeg2video), `d.webm`-like vp8, with cuts between colours. Made once a process; the
/// folder is removed at its end.
const std::filesystem::path& sample_clips();

}  // namespace reelmill::test

/// Skips a test, loudly, where there is no corpus.
#define REELMILL_NEEDS_CORPUS() \
  if (::reelmill::test::corpus().empty()) GTEST_SKIP() << "REELMILL_CORPUS is not set"
