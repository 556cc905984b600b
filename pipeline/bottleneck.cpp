// SPDX-License-Identifier: Apache-2.0
#include "pipeline/bottleneck.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "base/counted.h"
#include "base/units.h"

namespace reelmill {
namespace {

/// From here on a resource counts as used up: start, end and waiting for each other take the rest.
constexpr double kUsedUp = 0.8;

double share_of(double part, double whole) {
  return whole > 0 ? std::clamp(part / whole, 0.0, 1.0) : 0.0;
}

/// CPU time of a stage on the cores. The source's is measured; the others do not wait while busy.
double core_seconds(const RunReport& report, const StageReport& stage) {
  if (&stage != report.stages.data()) return stage.lanes > 0 ? 0 : stage.busy_s;
  return report.speed_of_light.decode_cpu_s + report.speed_of_light.decode_waste_cpu_s;
}

}  // namespace

Bottleneck find_bottleneck(const RunReport& report) {
  const double wall = report.run.wall_s;
  const auto& stages = report.stages;
  if (stages.empty() || wall <= 0 ||
      std::all_of(stages.begin(), stages.end(), [](const auto& stage) { return stage.in == 0; }))
    return {"", 0, "there was nothing to do"};

  const int cores = std::max(1, report.speed_of_light.cores);
  const double cpu_share = share_of(report.speed_of_light.process_cpu_s, cores * wall);
  const auto busiest =
      std::max_element(stages.begin(), stages.end(), [&](const auto& a, const auto& b) {
        return core_seconds(report, a) < core_seconds(report, b);
      });
  const double busiest_share = share_of(core_seconds(report, *busiest), cores * wall);
  if (cpu_share >= kUsedUp)
    return {
        busiest->id, busiest_share,
        fmt::format("it took {:.0f} % of the time of {} busy {:.0f} % in all", 100 * busiest_share,
                    counted(cores, "core, which was", "cores, which were"), 100 * cpu_share)};

  const auto lane_share = [&](const StageReport& stage) {
    return share_of(stage.busy_s, stage.lanes * wall);
  };
  const auto fullest =
      std::max_element(stages.begin(), stages.end(),
                       [&](const auto& a, const auto& b) { return lane_share(a) < lane_share(b); });
  if (lane_share(*fullest) >= kUsedUp)
    return {fullest->id, lane_share(*fullest),
            fmt::format("its {} busy {:.0f} % of the time; items waited {} in all",
                        counted(fullest->lanes, "lane was", "lanes were"),
                        100 * lane_share(*fullest), approximate_duration(fullest->waiting_s))};

  const auto& source = stages.front();
  const double occupied = share_of(source.busy_s, std::max(1, report.run.workers) * wall);
  if (occupied >= kUsedUp)
    return {source.id, occupied,
            fmt::format("workers were reading {:.0f} % of the time while the cores were busy only "
                        "{:.0f} %: the storage is slower than the cores, or others use them",
                        100 * occupied, 100 * cpu_share)};
  return {busiest->id, busiest_share,
          fmt::format("nothing was used up: the cores were busy {:.0f} % of the time, as happens "
                      "with few or short videos",
                      100 * cpu_share)};
}

}  // namespace reelmill
