// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string_view>

#include "base/counted.h"
#include "base/path_text.h"
#include "base/units.h"
#include "pipeline/report.h"

namespace reelmill {
namespace {

constexpr std::size_t kLines = 48, kColumns = 100;
constexpr std::size_t kStages = 8, kGuards = 3, kBatchings = 2, kNotes = 2, kExamples = 10;

using Lines = std::vector<std::string>;

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string clipped(const std::string& text, std::size_t columns = kColumns) {
  if (width(text) <= columns) return text;
  std::size_t end = 0;
  for (std::size_t characters = 0; end < text.size(); ++end)
    if (begins_character(text[end]) && ++characters == columns) break;
  return text.substr(0, end) + "…";
}

/// At most two lines, broken at a space; the second indented by four.
void add_wrapped(Lines& lines, const std::string& text) {
  if (width(text) <= kColumns) return lines.push_back(text);
  const auto space = text.rfind(' ', kColumns);
  if (space == text.npos || space < kColumns / 2) return lines.push_back(clipped(text));
  lines.push_back(text.substr(0, space));
  lines.push_back(clipped("    " + text.substr(space + 1)));
}

std::string with_thousands(double number) {
  if (number < 100) return fmt::format("{:.3g}", number);
  const auto digits = fmt::format("{:.0f}", number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string capitalized(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] -= 'a' - 'A';
  return text;
}

void add_more(Lines& lines, std::size_t total, std::size_t shown, std::string_view where) {
  if (total > shown) lines.push_back(fmt::format("  … and {} more in {}", total - shown, where));
}

void add_outcome(Lines& lines, const RunReport& report) {
  const auto& videos = report.videos;
  auto text =
      capitalized(path_to_line(report.run.outcome)) +
      fmt::format(": {} {} found, {} done", with_thousands(static_cast<double>(videos.found)),
                  videos.found == 1 ? "video" : "videos", videos.done);
  if (videos.partial > 0) text += fmt::format(" ({} in part)", videos.partial);
  if (videos.reanalyzed > 0) text += fmt::format(" ({} from timelines)", videos.reanalyzed);
  if (videos.skipped > 0) text += fmt::format(", {} done before", videos.skipped);
  if (videos.quarantined > 0) text += fmt::format(", {} in quarantine", videos.quarantined);
  if (videos.pending > 0) text += fmt::format(", {} waiting for a service", videos.pending);
  if (videos.unfinished > 0) text += fmt::format(", {} not finished", videos.unfinished);
  add_wrapped(lines, text + ", in " + approximate_duration(report.run.wall_s));
  const auto& speed = report.throughput;
  lines.push_back(fmt::format(
      "  {} videos per hour · {} × real time · {} frames/s · {}/s",
      with_thousands(speed.videos_per_hour), with_thousands(speed.times_realtime),
      with_thousands(speed.frames_per_second), approximate_bytes(speed.bytes_per_second)));
}

void add_speed_of_light(Lines& lines, const RunReport& report) {
  const auto& light = report.speed_of_light;
  const double whole = light.cores * report.run.wall_s;
  if (whole <= 0) return;
  const auto percent = [&](double cpu_s) { return 100 * std::max(0.0, cpu_s) / whole; };
  const double idle = percent(whole - light.process_cpu_s);
  if (light.decode_cpu_s <= 0 && report.throughput.frames == 0)
    return lines.push_back(fmt::format("  Nothing was decoded; {:.0f} % idle", idle));
  if (!light.ratio)
    return lines.push_back(fmt::format(
        "  Not every frame was decoded: no speed of light to compare with; {} idle {:.0f} %",
        counted(light.cores, "core was", "cores were"), idle));
  auto text =
      fmt::format("  Decode took {:.0f} % of {} time; the rest: other work {:.0f} %",
                  100 * *light.ratio, counted(light.cores, "core's", "cores'"),
                  percent(light.process_cpu_s - light.decode_cpu_s - light.decode_waste_cpu_s));
  if (light.decode_waste_cpu_s > 0)
    text += fmt::format(", decoded twice {:.1f} %", percent(light.decode_waste_cpu_s));
  lines.push_back(text + fmt::format(", idle {:.0f} %", idle));
}

void add_prediction(Lines& lines, const RunReport& report) {
  const auto& prediction = report.prediction;
  if (!prediction.median_error) return;
  lines.push_back(fmt::format(
      "  Predicted {} of work, took {}; median error of a video {:.0f} %, {:.0f} % at equal speed",
      approximate_duration(prediction.predicted_s), approximate_duration(prediction.took_s),
      100 * *prediction.median_error, 100 * *prediction.scaled_error));
}

std::string milliseconds(const std::optional<double>& value) {
  return value ? approximate_duration(*value / 1000) : "-";
}

void add_stages(Lines& lines, const RunReport& report) {
  if (report.stages.empty()) return;
  lines.push_back("");
  lines.push_back(fmt::format("  {:<16} {:<12} {:>8} {:>8} {:>7} {:>9} {:>9} {:>8} {:>8}", "stage",
                              "use", "in", "out", "failed", "busy", "waiting", "p50", "p95"));
  const auto shown = std::min(report.stages.size(), kStages);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& stage = report.stages[i];
    lines.push_back(fmt::format("  {:<16} {:<12} {:>8} {:>8} {:>7} {:>9} {:>9} {:>8} {:>8}",
                                clipped(stage.id, 16), clipped(stage.use, 12), stage.in, stage.out,
                                stage.failed, approximate_duration(stage.busy_s),
                                approximate_duration(stage.waiting_s), milliseconds(stage.p50_ms),
                                milliseconds(stage.p95_ms)));
  }
  add_more(lines, report.stages.size(), shown, "report.json");
  lines.push_back("");
}

void add_bottleneck(Lines& lines, const RunReport& report) {
  const auto& bottleneck = report.bottleneck;
  if (bottleneck.because.empty()) return;
  add_wrapped(lines, bottleneck.stage.empty()
                         ? "Bottleneck: none, " + bottleneck.because
                         : "Bottleneck: " + bottleneck.stage + ", " + bottleneck.because);
}

/// The story of one guard has room: of the one that was in trouble for longest.
const GuardReport* most_troubled(const std::vector<GuardReport>& guards) {
  const auto trouble = [](const GuardReport& guard) {
    return std::tuple(!guard.message.empty(), guard.paused_s, guard.failures);
  };
  const auto shown = guards.begin() + static_cast<std::ptrdiff_t>(std::min(guards.size(), kGuards));
  const auto most = std::max_element(
      guards.begin(), shown,
      [&](const GuardReport& a, const GuardReport& b) { return trouble(a) < trouble(b); });
  return most == shown ? nullptr : &*most;
}

/// What its batches cost, how good their sizes were, and what would make them better.
void add_batching_figures(Lines& lines, const BatchingReport& batching) {
  if (const auto& cost = batching.cost; cost && !batching.sizes.empty()) {
    const auto [least, most] = std::minmax_element(
        batching.sizes.begin(), batching.sizes.end(),
        [](const BatchingSample& a, const BatchingSample& b) { return a.size < b.size; });
    lines.push_back(
        clipped(fmt::format("  sizes {} to {}; a batch costs {:.3g} ms + {:.3g} ms an item "
                            "(within {:.0f} %)",
                            least->size, most->size, cost->b_ms, cost->a_ms, 100 * cost->error)));
  }
  if (const auto& efficiency = batching.efficiency)
    lines.push_back(clipped(
        fmt::format("  efficiency {:.2f} = amortisation {:.2f} × fill {:.2f} × success {:.2f} × "
                    "speed {:.2f}",
                    efficiency->score, efficiency->amortisation, efficiency->fill,
                    efficiency->success, efficiency->speed)));
  if (!batching.bound.empty() && batching.bound != "cost")
    lines.push_back(
        clipped(fmt::format("  bound by {}: twice of it would save {:.0f} % of the time",
                            batching.bound, 100 * batching.headroom)));
  if (!batching.warnings.empty())
    lines.push_back(clipped("  Warning: " + path_to_line(batching.warnings.front())));
}

void add_services(Lines& lines, const RunReport& report) {
  const auto* told = most_troubled(report.guards);
  for (std::size_t i = 0; i < std::min(report.guards.size(), kGuards); ++i) {
    lines.push_back(clipped("Guard " + summary(report.guards[i])));
    if (&report.guards[i] != told) continue;
    for (const auto& line : story(report.guards[i])) add_wrapped(lines, "  " + line);
  }
  add_more(lines, report.guards.size(), kGuards, "report.json");
  // Those between stages; the ledger's is in report.json.
  std::vector<const BatchingReport*> edges;
  for (const auto& edge : report.batching)
    if (edge.batches > 0 &&
        std::any_of(report.stages.begin(), report.stages.end(),
                    [&](const StageReport& stage) { return stage.id == edge.stage; }))
      edges.push_back(&edge);
  for (std::size_t i = 0; i < std::min(edges.size(), kBatchings); ++i) {
    const auto& batching = *edges[i];
    auto text =
        fmt::format("Batching {} ({}): {} in {}", batching.stage, batching.strategy,
                    counted(batching.items, "item"), counted(batching.batches, "batch", "batches"));
    for (const auto& [reason, count] : batching.reasons)
      text += fmt::format(", {} {}", count, reason);
    lines.push_back(clipped(text));
    if (i == 0) add_batching_figures(lines, batching);
  }
  add_more(lines, edges.size(), kBatchings, "report.json");
  for (std::size_t i = 0; i < std::min(report.frame_memory.size(), kBatchings); ++i) {
    const auto& frames = report.frame_memory[i];
    lines.push_back(clipped(
        fmt::format("Frames on their way to {}: at most {} in memory (limit {}), {} on disk",
                    frames.stage, approximate_bytes(static_cast<double>(frames.memory_bytes)),
                    approximate_bytes(static_cast<double>(frames.limit_bytes)),
                    approximate_bytes(static_cast<double>(frames.disk_bytes)))));
  }
  const auto& uploads = report.uploads;
  if (uploads.objects > 0)
    lines.push_back(fmt::format("Uploads: {}, {}", counted(uploads.objects, "file"),
                                approximate_bytes(static_cast<double>(uploads.bytes))));
  if (uploads.pending > 0)
    lines.push_back("Waiting for a service: " +
                    counted(uploads.pending, "upload or model answer", "uploads or model answers"));
  if (!uploads.message.empty()) add_wrapped(lines, "  " + path_to_line(uploads.message));
  for (std::size_t i = 0; i < std::min(report.notes.size(), kNotes); ++i)
    add_wrapped(lines, "Note: " + path_to_line(report.notes[i]));
  add_more(lines, report.notes.size(), kNotes, "report.json");
}

/// Counts by class, most frequent first, and as many examples as there is room for.
void add_failures(Lines& lines, const RunReport& report, std::size_t room) {
  if (report.failures.empty() || room < 4) return;
  std::map<std::string, std::size_t> counts;
  for (const auto& failure : report.failures) ++counts[failure.failure_class];
  std::vector<std::pair<std::string, std::size_t>> classes(counts.begin(), counts.end());
  std::stable_sort(classes.begin(), classes.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [name, count] : classes)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  lines.push_back("");
  lines.push_back(clipped("Failures: " + text));
  const auto shown = std::min({report.failures.size(), kExamples, room - 3});
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& failure = report.failures[i];
    lines.push_back(
        clipped(fmt::format("  {} [{} in {}] {}", clipped(path_to_line(failure.video), 48),
                            failure.failure_class, failure.stage, path_to_line(failure.message))));
  }
  add_more(lines, report.failures.size(), shown, "quarantine.jsonl");
}

Lines files(const RunReport& report) {
  auto folder = path_to_line(report.run.output);
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  const auto in_folder = [&](const char* name) {
    return folder.empty() ? std::string(name) : folder + "/" + name;
  };
  Lines lines{"", "Results: " + in_folder("results"), "Report:  " + in_folder("report.json")};
  if (report.videos.quarantined > 0)
    lines.push_back("Failed:  " + in_folder("quarantine.jsonl") +
                    "  (again: reelmill retry, then run)");
  return lines;
}

}  // namespace

std::string to_text(const RunReport& report) {
  Lines lines;
  add_outcome(lines, report);
  add_speed_of_light(lines, report);
  add_prediction(lines, report);
  add_stages(lines, report);
  add_bottleneck(lines, report);
  add_services(lines, report);
  const auto last = files(report);
  add_failures(lines, report, kLines - std::min(kLines, lines.size() + last.size()));
  lines.insert(lines.end(), last.begin(), last.end());
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

}  // namespace reelmill
