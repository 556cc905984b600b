// SPDX-License-Identifier: Apache-2.0
#include "pipeline/config_schema.h"

#include <sstream>

#include "pipeline/report_schema.h"
#include "pipeline/results_schema.h"
#include "tests/support/config_mistakes.h"
#include "tests/support/process.h"
#include "tests/support/sample_stages.h"
#include "tests/support/source_tree.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using testing::HasSubstr;

/// Asks Debian's jsonschema, an implementation that is not ours.
class ConfigSchema : public testing::Test {
 protected:
  test::ProcessResult check(const nlohmann::ordered_json& schema,
                            const std::vector<std::filesystem::path>& files) {
    test::Command command;
    command.arguments = {"/usr/bin/python3",
                         test::source_folder() / "tests/support/check_schema.py",
                         folder_.write("schema.json", schema.dump())};
    for (const auto& file : files) command.arguments.push_back(file);
    return test::run(command);
  }

  test::TempFolder folder_;
};

#define SKIP_WITHOUT_JSONSCHEMA(result) \
  if ((result).exit_code == 77)         \
  GTEST_SKIP() << "needs python3-jsonschema and python3-yaml: " << (result).out

TEST_F(ConfigSchema, AcceptsEveryConfigurationWeShip) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(test::source_folder() / "configs"))
    files.push_back(entry.path());
  ASSERT_GE(files.size(), 3u);
  files.push_back(test::source_folder() / "samples/custom_stage/custom.yaml");
  const auto result = check(config_schema(stage_registry()), files);
  SKIP_WITHOUT_JSONSCHEMA(result);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

TEST_F(ConfigSchema, AcceptsWhatTheReaderAccepts) {
  const auto file =
      folder_.write("good.yaml",
                    "version: 1\n"
                    "name: 2026\n"
                    "guards: { store: , other: { timeout: { attempt: 1m30s } } }\n"
                    "plugins: []\n"
                    "limits:\n"
                    "watchdog: { stall_timeout: 2m }\n"
                    "hash: ${HASH}\n"
                    "stages:\n"
                    "  - { id: frames, use: decode, with: {} }\n"
                    "  - { id: 1, use: shots, from: frames, with: }\n"
                    "  - { id: dark, use: black, from: [frames, 1],\n"
                    "      with: { deep: true, width: 64, share: 1, min_duration: 0,\n"
                    "              memory: 1.5 GB, title: 5, words: a, speed: exact,\n"
                    "            } }\n"
                    "  - id: publish\n"
                    "    use: upload\n"
                    "    from: dark\n"
                    "    guard: store\n"
                    "    lanes: \"${LANES}\"\n"
                    "    batch: { strategy: fixed, max_bytes: 1MiB }\n"
                    "    with: { to: \"${TO}\" }\n");
  const auto result = check(config_schema(test::sample_registry()), {file});
  SKIP_WITHOUT_JSONSCHEMA(result);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

TEST_F(ConfigSchema, RefusesEveryMistakeThatASchemaCanSee) {
  std::vector<std::filesystem::path> files;
  for (const auto& mistake : test::config_mistakes())
    if (mistake.visible == test::Visible::to_schema)
      files.push_back(folder_.write(mistake.name + ".yaml", mistake.yaml));
  const auto result = check(config_schema(test::sample_registry()), files);
  SKIP_WITHOUT_JSONSCHEMA(result);
  std::istringstream lines(result.out);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_FALSE(line.ends_with(": ok")) << line << " although it holds a mistake";
  EXPECT_EQ(count, files.size()) << result.err;
}

TEST_F(ConfigSchema, AllowsAnyStageWhereThereArePlugins) {
  const auto file = folder_.write("plugin.yaml",
                                  "version: 1\n"
                                  "plugins: libmine.so\n"
                                  "stages: [{ id: frames, use: mine }]\n");
  const auto result = check(config_schema(test::sample_registry()), {file});
  SKIP_WITHOUT_JSONSCHEMA(result);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

TEST(CommittedSchemas, AreWhatTheProgramPrints) {
  const auto committed = test::source_folder() / "docs/schema";
  const std::vector<std::pair<std::string, nlohmann::ordered_json>> schemas = {
      {"config", config_schema(stage_registry())},
      {"results", results_schema()},
      {"report", report_schema()}};
  for (const auto& [name, schema] : schemas)
    EXPECT_TRUE(test::read_file(committed / (name + ".schema.json")) == schema.dump(2) + "\n")
        << "docs/schema/" << name << ".schema.json is out of date: reelmill stages --schema "
        << name << " prints the new one";
}

}  // namespace
}  // namespace reelmill
