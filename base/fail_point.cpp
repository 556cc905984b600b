// SPDX-License-Identifier: Apache-2.0
#include "base/fail_point.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>
#include <unistd.h>

namespace reelmill {
namespace {

struct Armed {
  std::string name, action, detail;
  long visit = 0;  // 0 = every visit
  std::unique_ptr<std::atomic<long>> visits = std::make_unique<std::atomic<long>>(0);
};

Armed parse(std::string_view rule) {
  Armed armed;
  if (const auto at = rule.find('/'); at != rule.npos) {
    armed.detail = rule.substr(at + 1);
    rule = rule.substr(0, at);
  }
  if (const auto at = rule.find('@'); at != rule.npos) {
    armed.visit = std::strtol(std::string(rule.substr(at + 1)).c_str(), nullptr, 10);
    rule = rule.substr(0, at);
  }
  const auto equals = rule.find('=');
  armed.name = rule.substr(0, equals);
  armed.action = equals == rule.npos ? "kill" : rule.substr(equals + 1);
  return armed;
}

std::vector<Armed> read_environment() {
  std::vector<Armed> points;
  const char* variable = std::getenv("REELMILL_FAIL_POINTS");
  std::string_view text = variable == nullptr ? "" : variable;
  while (!text.empty()) {
    const auto end = text.find(';');
    points.push_back(parse(text.substr(0, end)));
    text = end == text.npos ? "" : text.substr(end + 1);
  }
  return points;
}

}  // namespace

bool fail_point(std::string_view name, std::string_view detail) noexcept {
  static const std::vector<Armed> points = read_environment();
  if (points.empty()) return false;
  for (const auto& point : points) {
    if (point.name != name || detail.find(point.detail) == detail.npos) continue;
    const long visit = 1 + point.visits->fetch_add(1);
    if (point.visit != 0 && point.visit != visit) continue;
    if (point.action == "kill") ::kill(::getpid(), SIGKILL);
    if (point.action == "crash") ::raise(SIGSEGV);
    if (point.action == "late") std::this_thread::sleep_for(std::chrono::milliseconds(200));
    while (point.action == "kill" || point.action == "stall") ::pause();
    return point.action != "late";
  }
  return false;
}

}  // namespace reelmill
