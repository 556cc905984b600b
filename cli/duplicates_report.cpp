// SPDX-License-Identifier: Apache-2.0
#include "cli/duplicates_report.h"

#include <cmath>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "base/counted.h"
#include "base/path_text.h"

namespace reelmill {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value, double steps) {
  return std::round(value * steps) / steps;
}

std::string clock_text(double seconds) {
  const auto tenths = std::llround(seconds * 10);
  return fmt::format("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10);
}

// Where b is on its own clock when a begins.
double offset_s(const Overlap& overlap) {
  return overlap.b_start_s - overlap.speed * overlap.a_start_s;
}

std::string line_of(const Match& match, const DuplicatesReport& report) {
  const auto& overlap = match.overlap;
  const auto side = [&](std::uint32_t video, double from_s, double to_s) {
    return fmt::format("{} {} to {}", path_to_line(report.videos[video].key), clock_text(from_s),
                       clock_text(to_s));
  };
  std::string text =
      fmt::format("  {}\n    = {}\n    ", side(match.a, overlap.a_start_s, overlap.a_end_s),
                  side(match.b, overlap.b_start_s, overlap.b_end_s));
  if (match.basis == MatchBasis::bytes) return text + "the same file\n";
  text += fmt::format("{} {:.0f} % alike, offset {:+.1f} s", to_string(match.basis),
                      100 * overlap.similarity, offset_s(overlap));
  if (std::abs(overlap.speed - 1) > 0.005) text += fmt::format(", speed {:.2f}", 1 / overlap.speed);
  return text + "\n";
}

}  // namespace

std::string to_text(const DuplicatesReport& report) {
  std::string text;
  for (std::size_t i = 0; i < report.groups.size(); ++i) {
    text += fmt::format("group {}\n", i + 1);
    for (const auto video : report.groups[i])
      text += fmt::format("  {}  {}\n", clock_text(report.videos[video].duration_s),
                          path_to_line(report.videos[video].key));
  }
  if (!report.matches.empty()) text += "overlaps\n";
  for (const auto& match : report.matches) text += line_of(match, report);
  for (const auto& note : report.notes) text += "note: " + note + "\n";
  return text + fmt::format("{} compared: {}, {}\n", counted(report.videos.size(), "video"),
                            counted(report.groups.size(), "group of near-duplicates",
                                    "groups of near-duplicates"),
                            counted(report.matches.size(), "overlap"));
}

std::string to_json_text(const DuplicatesReport& report) {
  Json groups = Json::array(), overlaps = Json::array();
  for (const auto& group : report.groups) {
    Json paths = Json::array();
    for (const auto video : group) paths.push_back(path_to_text(report.videos[video].key));
    groups.push_back(std::move(paths));
  }
  for (const auto& match : report.matches) {
    const auto& overlap = match.overlap;
    const auto side = [&](std::uint32_t video, double from_s, double to_s) {
      return Json{{"path", path_to_text(report.videos[video].key)},
                  {"start_s", rounded(from_s, 100)},
                  {"end_s", rounded(to_s, 100)}};
    };
    overlaps.push_back(Json{{"a", side(match.a, overlap.a_start_s, overlap.a_end_s)},
                            {"b", side(match.b, overlap.b_start_s, overlap.b_end_s)},
                            {"offset_s", rounded(offset_s(overlap), 100)},
                            {"speed", rounded(1 / overlap.speed, 1000)},
                            {"similarity", rounded(overlap.similarity, 1000)},
                            {"basis", to_string(match.basis)}});
  }
  return Json{{"schema", 1},
              {"videos", report.videos.size()},
              {"groups", std::move(groups)},
              {"overlaps", std::move(overlaps)},
              {"notes", report.notes}}
             .dump(2) +
         "\n";
}

}  // namespace reelmill
