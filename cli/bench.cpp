// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include <nlohmann/json.hpp>

#include "base/cores.h"
#include "base/counted.h"
#include "cli/commands.h"
#include "cli/input_options.h"
#include "cli/program.h"
#include "pipeline/decode_bench.h"
#include "stages/api/findings.h"
#include "stages/api/registry.h"

namespace reelmill {
namespace {

struct BenchCommand {
  InputOptions input;
  int workers = 0;
  std::string format = "text";
};

ExitCode run_bench(const BenchCommand& command, const Program& program) {
  auto source = source_options(command.input);
  auto listing = source ? list_videos(*source) : Result<SourceListing>(fail(source.error()));
  if (!listing) {
    program.err() << "reelmill: " << listing.error().message << "\n";
    return ExitCode::usage;
  }
  if (listing->videos.empty()) {
    program.err() << "reelmill: no video matched the input\n";
    return ExitCode::no_input;
  }
  std::vector<Problem> problems;
  const auto stage =
      stage_registry().find("decode")->configure({}, {"decode", ""}, ProblemSink("", problems));
  const int workers = command.workers > 0 ? command.workers : usable_cores();
  const auto bench = bench_decoding(*stage.parts.frame_source, listing->videos, workers);
  const double hours = bench.wall_s / 3600, wall = bench.wall_s;
  if (command.format == "json") {
    const Json json = {{"schema", 1},
                       {"workers", bench.workers},
                       {"wall_s", wall},
                       {"decode_cpu_s", bench.decode_cpu_s},
                       {"videos", bench.videos},
                       {"failed", bench.failed},
                       {"frames", bench.frames},
                       {"media_s", bench.media_s},
                       {"bytes", bench.bytes},
                       {"videos_per_hour", static_cast<double>(bench.videos) / hours}};
    program.out() << json.dump(2) << "\n";
  } else {
    program.out() << fmt::format(
        "pure decoding of {} by {}: {:.2f} s, {:.0f} videos per hour, {:.1f} × real "
        "time, {:.0f} frames/s\n"
        "inside the decoders {:.2f} s of CPU time, {:.0f} % of the workers' time; {} could not be "
        "decoded\n",
        counted(bench.videos, "video"), counted(bench.workers, "worker"), wall,
        static_cast<double>(bench.videos) / hours, bench.media_s / wall,
        static_cast<double>(bench.frames) / wall, bench.decode_cpu_s,
        100 * bench.decode_cpu_s / (wall * workers), bench.failed);
  }
  if (bench.videos > 0) return ExitCode::done;
  program.err() << "reelmill: nothing could be decoded, so this says nothing of the machine\n";
  return ExitCode::failed;
}

}  // namespace

void add_bench(Program& program) {
  auto bench = std::make_shared<BenchCommand>();
  auto& command = program.add_command(
      "bench", {"the pure-decode limit of this machine on these files",
                "Decodes picture and sound of every video once and drops them: no run can be "
                "faster. Compare with\n"
                "the wall time of `reelmill run` on the same files.",
                {"reelmill bench videos/", "reelmill bench videos/ --workers 1 --format json"}});
  add_input_options(command, bench->input);
  command.add_option("--workers", bench->workers, "videos decoded at once; 0 = one a core")
      ->check(CLI::Range(0, 1024));
  command.add_option("--format", bench->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}).description(""))
      ->type_name("FORMAT");
  program.on_run(command, [bench, &program] { return run_bench(*bench, program); });
}

}  // namespace reelmill
