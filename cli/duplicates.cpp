// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include "base/cores.h"
#include "base/counted.h"
#include "base/digest.h"
#include "base/path_text.h"
#include "cli/commands.h"
#include "cli/duplicates_report.h"
#include "cli/output_folder.h"
#include "cli/program.h"
#include "fingerprint/duplicate_groups.h"
#include "fingerprint/fingerprint_cache.h"
#include "fingerprint/fingerprint_file.h"
#include "pipeline/run_options.h"

namespace reelmill {
namespace {

struct DuplicatesCommand {
  OutputFolder folder;
  std::string format = "text";
  double min_overlap_s = 2;
};

constexpr std::size_t kCacheBytes = 256U << 20;

// A video that stands in the ledger with a fingerprint among its artifacts.
struct Printed {
  std::string key, path;
  std::uint64_t bytes = 0;
  std::filesystem::path file;
};

struct Listed {
  std::vector<Printed> videos;
  std::int64_t without = 0;
};

Result<Listed> list_fingerprints(const DuplicatesCommand& command) {
  REELMILL_ASSIGN(const auto ledger, read_ledger(command.folder));
  Listed listed;
  REELMILL_TRY(ledger->for_each([&](const Ledger::Entry& entry) {
    if (entry.results_sha256.empty()) return;
    for (const auto& artifact : entry.artifacts) {
      const std::filesystem::path file(artifact.file);
      if (file.filename() != kFingerprintFile) continue;
      listed.videos.push_back({entry.key, entry.path, entry.bytes, command.folder.path / file});
      return;
    }
    ++listed.without;
  }));
  return listed;
}

// Files of equal size whose content is equal too. The inputs are read again for that.
void find_same_files(const std::vector<Printed>& videos, DuplicatesReport& report) {
  std::map<std::uint64_t, std::vector<std::uint32_t>> by_size;
  for (std::uint32_t i = 0; i < videos.size(); ++i) by_size[videos[i].bytes].push_back(i);
  int unread = 0;
  for (const auto& [bytes, same_size] : by_size) {
    if (same_size.size() < 2) continue;
    std::map<std::string, std::uint32_t> by_content;
    for (const auto video : same_size) {
      const auto digest = sha256_file(videos[video].path);
      if (!digest) {
        ++unread;
        continue;
      }
      const auto [first, is_new] = by_content.emplace(*digest, video);
      if (is_new) continue;
      const double duration_s = report.videos[video].duration_s;
      report.matches.push_back({first->second, video, MatchBasis::bytes,
                                Overlap{0, duration_s, 0, duration_s, 1, 1, 0}});
    }
  }
  if (unread > 0)
    report.notes.push_back(counted(unread, "file has the size of another one and",
                                   "files have the size of others and") +
                           " cannot be read any more: what is the same file is not known");
}

void find_alike(const DuplicateSearch& search, FingerprintCache& cache, DuplicatesReport& report) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> same_files;
  for (const auto& match : report.matches) same_files.emplace(match.a, match.b);
  const auto found = search.find([&](std::uint32_t video) { return cache.load(video); });
  if (found.thinned > 0)
    report.notes.push_back(
        counted(found.thinned, "video has", "videos have") +
        " a part that more than 64 others have too: of such a part only some overlaps are listed, "
        "enough to join all that belong together");
  for (const auto& match : found.matches)
    if (!same_files.contains({match.a, match.b})) report.matches.push_back(match);
}

Result<DuplicatesReport> find_duplicates(const DuplicatesCommand& command) {
  REELMILL_ASSIGN(const auto listed, list_fingerprints(command));
  DuplicatesReport report;
  FingerprintCache cache(kCacheBytes);
  // Groups are the same whatever is listed.
  constexpr double kForGroups_s = 2;
  DuplicateSearch search({usable_cores(), std::min(kForGroups_s, command.min_overlap_s)});
  std::vector<Printed> videos;
  std::vector<bool> has_pictures;
  for (const auto& video : listed.videos) {
    const auto fingerprint = read_fingerprint(video.file);
    if (!fingerprint) {
      const bool is_damaged = fingerprint.error().kind == ErrorKind::invalid_input;
      report.notes.push_back(
          fingerprint.error().message +
          (is_damaged ? " (touch its video and run again: that makes it anew)" : ""));
      continue;
    }
    search.add(*fingerprint);
    cache.add(video.file);
    has_pictures.push_back(!distinct_hashes(fingerprint->whole).empty());
    report.videos.push_back({video.key, fingerprint->duration_s});
    videos.push_back(video);
  }
  if (listed.without > 0)
    report.notes.push_back(counted(listed.without, "video has", "videos have") +
                           " no fingerprint: run again with a stage that uses 'fingerprint'");
  find_same_files(videos, report);
  find_alike(search, cache, report);
  std::vector<double> durations_s;
  for (const auto& video : report.videos) durations_s.push_back(video.duration_s);
  report.groups = duplicate_groups(report.matches, durations_s,
                                   [&](std::uint32_t video) { return has_pictures[video]; });
  std::erase_if(report.matches, [&](const Match& match) {
    return match.basis != MatchBasis::bytes &&
           !is_listed(match.overlap, std::min(durations_s[match.a], durations_s[match.b]),
                      command.min_overlap_s);
  });
  return report;
}

}  // namespace

void add_duplicates(Program& program) {
  auto options = std::make_shared<DuplicatesCommand>();
  auto& command = program.add_command(
      "duplicates",
      {"list videos that are the same, or share a part",
       "Compares the fingerprints of all videos in the output folder: by picture, whatever the\n"
       "size, bit rate, bars, small logos or a speed within 6 %, by sound, and by content of\n"
       "the files. Lists groups of near-duplicates, and every part that two videos share with its\n"
       "place in both. Needs the stage 'fingerprint' in the configuration of the run.",
       {"reelmill duplicates OUT", "reelmill duplicates OUT --format json"}});
  add_output_folder(command, options->folder);
  add_state_folder(command, options->folder);
  command.add_option("--format", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}).description(""))
      ->type_name("FORMAT");
  command
      .add_option("--min-overlap", options->min_overlap_s,
                  "shortest common part that is listed, in seconds (default 2);\n"
                  "shorter ones are, where they are most of a video. Groups stay the same")
      ->check(CLI::Range(0.0, 1e6).description(""))
      ->type_name("SECONDS");
  program.on_run(command, [options, &out = program.out(), &err = program.err()] {
    const auto report = find_duplicates(*options);
    if (!report) return complain(err, report.error());
    out << (options->format == "json" ? to_json_text(*report) : to_text(*report));
    return ExitCode::done;
  });
}

}  // namespace reelmill
