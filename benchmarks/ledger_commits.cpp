// SPDX-License-Identifier: Apache-2.0
// What group commit buys on this disk. An item counts when it is acknowledged, and it is
// acknowledged only after the COMMIT that holds it has been flushed (synchronous = FULL).
//
//   ledger_commits [FOLDER] [--json]
//
// The folder decides which disk is measured; the default is the current one. Rows: one transaction
// an item, written directly, without threads (the yardstick); then the ledger with so many items
// submitted and not yet acknowledged (queue depth) at most.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "pipeline/ledger.h"
#include "pipeline/ledger_database.h"
#include "pipeline/ledger_records.h"

namespace {

using namespace reelmill;
using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kAtLeast{3000};

struct Row {
  std::string mode;
  int queue_depth = 1;
  double items_per_second = 0, items_per_commit = 1;
};

VideoFile video(int number) {
  const auto name = "video-" + std::to_string(number % 20000) + ".mp4";
  return {"/videos/" + name, name, 1000, 1};
}

double seconds_since(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  std::exit(1);
}

Row one_transaction_each(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  auto database =
      LedgerDatabase::open(folder / "ledger.sqlite", LedgerDatabase::Access::read_write);
  if (!database) give_up(database.error());
  const auto begin = Steady::now();
  int items = 0;
  while (Steady::now() - begin < kAtLeast) {
    (*database)->statement("BEGIN IMMEDIATE").execute();
    if (auto done = ledger_records::mark_in_flight(**database, video(items), InFlight::alone);
        !done)
      give_up(done.error());
    (*database)->statement("COMMIT").execute();
    ++items;
  }
  return {"one transaction an item", 1, items / seconds_since(begin), 1};
}

Row group_commit(const std::filesystem::path& folder, int depth) {
  auto ledger = Ledger::open(folder);
  if (!ledger) give_up(ledger.error());
  std::mutex mutex;
  std::condition_variable acknowledged;
  int outstanding = 0, done = 0;
  const auto begin = Steady::now();
  std::unique_lock lock(mutex);
  for (int item = 0; Steady::now() - begin < kAtLeast; ++item) {
    // Half a queue at a time: waking this thread for each answer would be what is measured.
    if (outstanding == depth) acknowledged.wait(lock, [&] { return outstanding <= depth / 2; });
    ++outstanding;
    lock.unlock();
    (*ledger)->mark_in_flight(video(item), InFlight::alone, [&](Status status) {
      if (!status) give_up(status.error());
      const std::lock_guard inner(mutex);
      --outstanding;
      ++done;
      if (outstanding <= depth / 2) acknowledged.notify_one();
    });
    lock.lock();
  }
  acknowledged.wait(lock, [&] { return outstanding == 0; });
  const double rate = done / seconds_since(begin);
  const auto activity = (*ledger)->activity();
  return {"group commit", depth, rate,
          double(activity.writes) / double(std::max<std::uint64_t>(1, activity.commits))};
}

}  // namespace

int main(int count, char** arguments) {
  std::filesystem::path folder = std::filesystem::current_path();
  bool as_json = false;
  for (int i = 1; i < count; ++i) {
    if (std::string_view(arguments[i]) == "--json")
      as_json = true;
    else
      folder = arguments[i];
  }
  folder /= "ledger_commits." + std::to_string(::getpid());
  std::vector<Row> rows{one_transaction_each(folder / "single")};
  for (const int depth : {1, 16, 64, 256, 1024, 4096})
    rows.push_back(group_commit(folder / std::to_string(depth), depth));
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  auto json = nlohmann::ordered_json::array();
  if (!as_json)
    std::printf("%-24s %12s %12s %14s %8s\n", "mode", "queue depth", "items/s", "items/commit",
                "ratio");
  for (const auto& row : rows) {
    const double ratio = row.items_per_second / rows.front().items_per_second;
    if (as_json)
      json.push_back({{"mode", row.mode},
                      {"queue_depth", row.queue_depth},
                      {"items_per_second", row.items_per_second},
                      {"items_per_commit", row.items_per_commit},
                      {"ratio", ratio}});
    else
      std::printf("%-24s %12d %12.0f %14.1f %7.1fx\n", row.mode.c_str(), row.queue_depth,
                  row.items_per_second, row.items_per_commit, ratio);
  }
  if (as_json) std::printf("%s\n", json.dump(1).c_str());
}
