// SPDX-License-Identifier: Apache-2.0
// Batches of decoded frames to a model server over HTTP: what a batching policy reaches, against
// every fixed size of a sweep. The server and the run share this process and the loopback; what a
// batch costs is the server's clock (ModelCost), so that the best size is known beforehand.
//
//     infer_batching SETTING [--policies 10,32,hybrid] [--seconds 5] [--sizes] [--json]
//
// SETTING: overhead, knee or compute. One run a policy, of as many videos as take about
// `seconds`. `settled/s` are frames per second in the second half of the batches: after what was to
// be learned.
#include <algorithm>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>

#include "pipeline/config.h"
#include "pipeline/run.h"
#include "tests/support/model_server.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

constexpr int kFramesAVideo = 100;

struct Setting {
  const char* name;
  test::ModelCost cost;
};

// overhead: the largest batch is best; knee: 32 is; compute: nearly all sizes are alike.
const Setting kSettings[] = {
    {"overhead", {.overhead = 50ms, .per_item = 500us}},
    {"knee", {.overhead = 30ms, .per_item = 1ms, .knee = 32, .per_item_above = 8ms}},
    {"compute", {.overhead = 2ms, .per_item = 5ms}}};

double seconds_a_frame(const test::ModelCost& cost, int n) {
  const auto above = std::max(0, n - cost.knee);
  return std::chrono::duration<double>(cost.overhead + cost.per_item * n +
                                       cost.per_item_above * above)
             .count() /
         n;
}

double best_seconds_a_frame(const test::ModelCost& cost) {
  double best = seconds_a_frame(cost, 1);
  for (int n = 2; n <= 100; ++n) best = std::min(best, seconds_a_frame(cost, n));
  return best;
}

/// One small clip, copied: the decoder is not what is measured.
void make_videos(const std::filesystem::path& folder, int count) {
  const auto clip = folder / "0.mp4";
  test::Command make;
  make.arguments = {"ffmpeg",   "-v",      "error",      "-nostdin",
                    "-f",       "lavfi",   "-i",         "testsrc2=size=320x180:rate=25:duration=4",
                    "-c:v",     "libx264", "-preset",    "ultrafast",
                    "-pix_fmt", "yuv420p", clip.native()};
  if (const auto made = test::run(make); made.exit_code != 0)
    throw std::runtime_error("ffmpeg: " + made.err);
  for (int i = 1; i < count; ++i)
    std::filesystem::copy_file(clip, folder / (std::to_string(i) + ".mp4"));
}

bool is_fixed(const std::string& policy) {
  return policy.find_first_not_of("0123456789") == policy.npos;
}

std::string yaml(const std::string& url, const std::string& policy) {
  const auto strategy = is_fixed(policy)
                            ? "strategy: fixed, initial_batch_size: " + policy +
                                  ", max_batch_size: " + std::max(policy, std::string("100"))
                            : "strategy: " + policy;
  return "version: 1\n"
         "stages:\n"
         "  - { id: frames, use: decode }\n"
         "  - { id: labels, use: infer, from: frames, lanes: 1,\n"
         "      with: { url: \"" +
         url +
         "\", model: m, sample: all, width: 96, height: 96 },\n"
         "      batch: { " +
         strategy + ", max_in_flight: 1 } }\n";
}

struct Outcome {
  std::string policy;
  int frames = 0, batches = 0;
  double mean_size = 0, wall_s = 0, frames_per_second = 0, videos_per_hour = 0;
  /// Of the last half of the frames: after whatever learning there was.
  double settled_frames_per_second = 0;
  std::map<int, int> settled_sizes = {};  ///< batches by size, in the same half
};

Outcome measure(const Setting& setting, const std::string& policy, double seconds) {
  const double a_frame = is_fixed(policy) ? seconds_a_frame(setting.cost, std::stoi(policy))
                                          : best_seconds_a_frame(setting.cost);
  const int videos = std::max(4, static_cast<int>(seconds / a_frame / kFramesAVideo));
  const test::TempFolder folder;
  std::filesystem::create_directories(folder / "in");
  make_videos(folder / "in", videos);
  test::ModelServer server({.shape = {-1, 96, 96, 3}, .cost = setting.cost});
  std::vector<Problem> problems;
  auto spec = load_config(folder.write("bench.yaml", yaml(server.url(), policy)), {}, problems);
  for (const auto& problem : problems) std::cerr << to_string(problem) << "\n";
  if (!spec) throw std::runtime_error("the configuration of " + policy + " is not valid");
  RunOptions options;
  options.source.inputs = {folder / "in"};
  options.output = folder / "out";
  Run run(*spec, options, ProgressStyle::none, system_clock());
  if (auto prepared = run.prepare(); !prepared) throw std::runtime_error(prepared.error().message);
  const auto result = run.execute();
  if (!result || result->end != RunEnd::done)
    throw std::runtime_error(policy + ": " +
                             (result ? result->report.run.outcome : result.error().message));
  Outcome outcome{.policy = policy, .frames = videos * kFramesAVideo};
  const auto batches = server.batches();
  outcome.batches = static_cast<int>(batches.size());
  outcome.mean_size = static_cast<double>(outcome.frames) / outcome.batches;
  outcome.wall_s = result->report.run.wall_s;
  outcome.frames_per_second = outcome.frames / outcome.wall_s;
  outcome.videos_per_hour = result->report.throughput.videos_per_hour;
  int late = 0;
  for (auto i = batches.size() / 2; i < batches.size(); ++i) {
    late += batches[i].frames;
    ++outcome.settled_sizes[batches[i].frames];
  }
  const auto span = batches.back().at - batches[batches.size() / 2].at;
  outcome.settled_frames_per_second =
      (late - batches.back().frames) / std::chrono::duration<double>(span).count();
  return outcome;
}

/// Every strategy against the best of the fixed sizes, and against ten.
void compare(const std::vector<Outcome>& outcomes) {
  const Outcome *best = nullptr, *ten = nullptr;
  for (const auto& one : outcomes) {
    if (!is_fixed(one.policy)) continue;
    if (one.policy == "10") ten = &one;
    if (best == nullptr || one.settled_frames_per_second > best->settled_frames_per_second)
      best = &one;
  }
  for (const auto& one : outcomes) {
    if (is_fixed(one.policy) || best == nullptr) continue;
    std::cout << fmt::format("{}: {:.1f} % of the best fixed size, {}", one.policy,
                             100 * one.settled_frames_per_second / best->settled_frames_per_second,
                             best->policy);
    if (ten != nullptr)
      std::cout << fmt::format("; videos per hour {:.2f} × fixed size 10",
                               one.videos_per_hour / ten->videos_per_hour);
    std::cout << "\n";
  }
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) words.push_back(word);
  return words;
}

int measure_all(int argc, char** argv) {
  std::string name, policies = "1,2,5,10,20,32,50,100,hybrid";
  double seconds = 5;
  bool is_json = false, shows_sizes = false;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--json")
      is_json = true;
    else if (argument == "--sizes")
      shows_sizes = true;
    else if (argument == "--policies" && i + 1 < argc)
      policies = argv[++i];
    else if (argument == "--seconds" && i + 1 < argc)
      seconds = std::stod(argv[++i]);
    else
      name = argument;
  }
  const auto* setting = std::find_if(std::begin(kSettings), std::end(kSettings),
                                     [&](const Setting& one) { return name == one.name; });
  if (setting == std::end(kSettings)) {
    std::cerr << "usage: infer_batching overhead|knee|compute [--policies 10,hybrid] "
                 "[--seconds 5] "
                 "[--sizes] [--json]\n";
    return 2;
  }
  if (!is_json)
    std::cout << "setting   policy    frames  batches  mean size   wall s  frames/s  settled/s  "
                 "videos/h\n";
  std::vector<Outcome> outcomes;
  for (const auto& policy : split(policies)) {
    const auto one = measure(*setting, policy, seconds);
    if (is_json)
      std::cout << fmt::format(
          "{{\"setting\":\"{}\",\"policy\":\"{}\",\"frames\":{},\"batches\":{},\"wall_s\":{:.3f},"
          "\"frames_per_second\":{:.1f},\"settled_frames_per_second\":{:.1f},\"videos_per_hour\":{:"
          ".0f}}}\n",
          setting->name, one.policy, one.frames, one.batches, one.wall_s, one.frames_per_second,
          one.settled_frames_per_second, one.videos_per_hour);
    else
      std::cout << fmt::format(
          "{:<9} {:<9} {:>6}  {:>7}  {:>9.1f}  {:>7.2f}  {:>8.1f}  {:>9.1f}  {:>8.0f}\n",
          setting->name, one.policy, one.frames, one.batches, one.mean_size, one.wall_s,
          one.frames_per_second, one.settled_frames_per_second, one.videos_per_hour);
    if (shows_sizes) {
      for (const auto& [size, count] : one.settled_sizes)
        std::cout << size << " × " << count << "  ";
      std::cout << "\n";
    }
    std::cout.flush();
    outcomes.push_back(one);
  }
  if (!is_json) compare(outcomes);
  return 0;
}

}  // namespace
}  // namespace reelmill

int main(int argc, char** argv) {
  try {
    return reelmill::measure_all(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "infer_batching: " << error.what() << "\n";
    return 1;
  }
}
