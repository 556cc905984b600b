// SPDX-License-Identifier: Apache-2.0
#include "tests/support/config_mistakes.h"

#include "pipeline/config.h"
#include "tests/support/sample_stages.h"

namespace reelmill {
namespace {

std::optional<std::string> only_width(const std::string& name) {
  return name == "WIDTH" ? std::optional<std::string>("8") : std::nullopt;
}

/// Reads a text the way load_config reads a file, and says what is wrong, without file names.
std::vector<std::string> problems_of(const std::string& yaml) {
  auto registry = test::sample_registry();
  std::vector<Problem> problems;
  const ProblemSink sink("", problems);
  auto tree = parse_yaml(yaml, sink);
  if (problems.empty())
    read_spec(std::move(tree), "",
              {.output_folder = "", .environment = only_width, .registry = &registry}, sink);
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(to_string(problem).substr(1));
  return texts;
}

class ConfigMistakes : public testing::TestWithParam<test::ConfigMistake> {};

TEST_P(ConfigMistakes, AreReportedWithLinePathAndCure) {
  EXPECT_THAT(problems_of(GetParam().yaml),
              testing::UnorderedElementsAreArray(GetParam().problems));
}

INSTANTIATE_TEST_SUITE_P(Table, ConfigMistakes, testing::ValuesIn(test::config_mistakes()),
                         [](const auto& test) { return test.param.name; });

TEST(ConfigMistakesTable, CoversEnough) {
  EXPECT_GE(test::config_mistakes().size(), 60u);
}

}  // namespace
}  // namespace reelmill
