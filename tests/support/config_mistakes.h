// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace reelmill::test {

/// Whether a JSON Schema can see a mistake, or only a program that knows all of the file.
enum class Visible { to_schema, to_us_only };

/// A configuration with one mistake, and what must be said of it: `LINE: PATH: MESSAGE`, complete.
struct ConfigMistake {
  std::string name;
  std::string yaml;
  std::vector<std::string> problems;
  Visible visible = Visible::to_us_only;
};

inline std::ostream& operator<<(std::ostream& out, const ConfigMistake& mistake) {
  return out << mistake.name;
}

/// Against sample_registry(), with the environment variable WIDTH set to `8` and no other.
const std::vector<ConfigMistake>& config_mistakes();

}  // namespace reelmill::test
