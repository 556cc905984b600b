// SPDX-License-Identifier: Apache-2.0
#include "tests/support/input_outage.h"

#include <algorithm>
#include <utility>

#include "tests/support/sanitizer.h"

namespace reelmill::test {

InputOutage::InputOutage(std::filesystem::path folder, int error_number)
    : folder_(std::move(folder)), error_number_(error_number) {}

std::vector<std::pair<std::string, std::string>> InputOutage::environment() const {
  const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return {{"LD_PRELOAD", (programs.parent_path() / "lib/libinput_outage.so").string()},
          address_sanitizer_with("verify_asan_link_order=0"),
          {"REELMILL_OUTAGE_ROOT", folder_.string()},
          {"REELMILL_OUTAGE_FLAG", (state_ / "flag").string()},
          {"REELMILL_OUTAGE_LOG", (state_ / "log").string()},
          {"REELMILL_OUTAGE_ERRNO", std::to_string(error_number_)}};
}

void InputOutage::begin() const {
  state_.write("flag", "");
}

void InputOutage::end() const {
  std::filesystem::remove(state_ / "flag");
}

std::size_t InputOutage::failures() const {
  const auto log = state_ / "log";
  if (!std::filesystem::exists(log)) return 0;
  const auto text = read_file(log);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace reelmill::test
