// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "pipeline/config.h"
#include "tests/support/sample_stages.h"
#include "tests/support/temp_folder.h"

namespace reelmill {

/// Loads configurations with the sample stages and an environment of its own.
class ConfigTest : public testing::Test {
 protected:
  Result<PipelineSpec> load(const std::string& yaml) {
    return load_file(folder_.write("config.yaml", yaml));
  }
  Result<PipelineSpec> load_file(const std::filesystem::path& path) {
    problems_.clear();
    return load_config(
        path,
        {.output_folder = "/out",
         .environment = [this](const std::string& name) -> std::optional<std::string> {
           const auto it = environment_.find(name);
           if (it == environment_.end()) return std::nullopt;
           return it->second;
         },
         .registry = &registry_},
        problems_);
  }
  PipelineSpec loaded(const std::string& yaml) {
    auto spec = load(yaml);
    for (const auto& problem : problems_) ADD_FAILURE() << to_string(problem);
    return spec.value_or(PipelineSpec{});
  }
  std::string all_problems() const {
    std::string text;
    for (const auto& problem : problems_) text += to_string(problem) + "\n";
    return text;
  }

  test::TempFolder folder_;
  Registry registry_ = test::sample_registry();
  std::map<std::string, std::string> environment_;
  std::vector<Problem> problems_;
};

}  // namespace reelmill
