// SPDX-License-Identifier: Apache-2.0
// A user's way with a stage of their own: install, build the sample against the installation, name
// it in YAML.
#include <fstream>

#include "stages/api/registry.h"
#include "tests/support/process.h"
#include "tests/support/source_tree.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using testing::AllOf;
using testing::HasSubstr;

test::ProcessResult run(std::vector<std::string> arguments) {
  return test::run({.arguments = std::move(arguments), .timeout = std::chrono::minutes(10)});
}

/// One installation for all tests of this file: installing and compiling take their time.
class Plugin : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TempFolder>();
    const auto installed = run({"cmake", "--install", test::build_folder(), "--prefix", prefix()});
    ASSERT_EQ(installed.exit_code, 0) << installed.out << installed.err;
    build_sample(prefix(), "plugin");
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::string prefix() { return *folder_ / "prefix"; }

  static void build_sample(const std::string& prefix, const std::string& name) {
    const std::string source = test::source_folder() / "samples/custom_stage";
    const std::string build = *folder_ / name;
    const auto configured = run({"cmake", "-S", source, "-B", build, "-G", "Ninja",
                                 "-DCMAKE_PREFIX_PATH=" + prefix, "-DCMAKE_BUILD_TYPE=Debug"});
    ASSERT_EQ(configured.exit_code, 0) << configured.out << configured.err;
    const auto built = run({"cmake", "--build", build});
    ASSERT_EQ(built.exit_code, 0) << built.out << built.err;
  }

  static test::ProcessResult validate(const std::string& plugins) {
    const auto config =
        folder_->write("custom.yaml",
                       "version: 1\n"
                       "plugins: [" +
                           plugins +
                           "]\n"
                           "stages:\n"
                           "  - { id: frames, use: decode }\n"
                           "  - { id: flat, use: flat_frames, from: frames,\n"
                           "      with: { max_deviation: 3, min_duration: 1s } }\n");
    return run({prefix() + "/bin/reelmill", "validate", config});
  }

  static std::unique_ptr<test::TempFolder> folder_;
};

std::unique_ptr<test::TempFolder> Plugin::folder_;

TEST_F(Plugin, BuiltOutOfTreeIsUsedByItsNameInYaml) {
  const auto result = validate("plugin/libflat_frames.so");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("flat_frames  from frames"));
}

TEST_F(Plugin, ItsOptionsAreCheckedLikeThoseOfBuiltInStages) {
  const auto config = folder_->write("wrong.yaml",
                                     "version: 1\n"
                                     "plugins: [plugin/libflat_frames.so]\n"
                                     "stages:\n"
                                     "  - { id: frames, use: decode }\n"
                                     "  - { id: flat, use: flat_frames, from: frames,\n"
                                     "      with: { max_deviation: 300 } }\n");
  const auto result = run({prefix() + "/bin/reelmill", "validate", config});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err,
              HasSubstr("wrong.yaml:6: stages[1].with.max_deviation: 300 is above 128"));
}

TEST_F(Plugin, TwoPluginsWithTheSameStageAreRefused) {
  std::filesystem::copy_file(*folder_ / "plugin/libflat_frames.so", *folder_ / "copy.so",
                             std::filesystem::copy_options::overwrite_existing);
  const auto result = validate("plugin/libflat_frames.so, copy.so");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr(":2: plugins[1]: "),
                                HasSubstr("copy.so names a stage 'flat_frames'")));
}

TEST_F(Plugin, NamedTwiceIsLoadedOnce) {
  EXPECT_EQ(validate("plugin/libflat_frames.so, plugin/../plugin/libflat_frames.so").exit_code, 0);
}

TEST_F(Plugin, BuiltForAnotherStageApiIsRefusedWithBothVersions) {
  const auto newer = *folder_ / "newer";
  std::filesystem::copy(
      prefix(), newer,
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
  const auto header = newer / "include/reelmill/stages/api/registry.h";
  auto text = test::read_file(header);
  const auto line = "kApiVersion = " + std::to_string(kApiVersion) + ";";
  const auto at = text.find(line);
  ASSERT_NE(at, std::string::npos);
  std::ofstream(header) << text.replace(at, line.size(), "kApiVersion = 99;");
  build_sample(newer, "newer_plugin");

  const auto result = validate("newer_plugin/libflat_frames.so");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("custom.yaml:2: plugins[0]: "),
                    HasSubstr("built for stage API version 99, this program has version " +
                              std::to_string(kApiVersion))));
}

TEST_F(Plugin, TheResilienceRoomStandsAlone) {
  const auto source = *folder_ / "guarded";
  folder_->write("guarded/CMakeLists.txt",
                 "cmake_minimum_required(VERSION 3.25)\n"
                 "project(guarded LANGUAGES CXX)\n"
                 "find_package(reelmill REQUIRED)\n"
                 "add_executable(guarded main.cpp)\n"
                 "target_link_libraries(guarded PRIVATE reelmill::resilience)\n");
  folder_->write("guarded/main.cpp",
                 "#include \"base/clock.h\"\n"
                 "#include \"resilience/circuit_breaker.h\"\n"
                 "int main() {\n"
                 "  reelmill::CircuitBreaker breaker(\"store\", {}, reelmill::system_clock());\n"
                 "  auto permit = breaker.acquire();\n"
                 "  if (!permit) return 1;\n"
                 "  permit->succeed();\n"
                 "  return breaker.state() == reelmill::CircuitState::closed ? 0 : 1;\n"
                 "}\n");
  const std::string build = source / "build";
  const auto configured =
      run({"cmake", "-S", source, "-B", build, "-G", "Ninja", "-DCMAKE_PREFIX_PATH=" + prefix(),
           "-DCMAKE_EXE_LINKER_FLAGS=" REELMILL_LINK_OPTIONS});
  ASSERT_EQ(configured.exit_code, 0) << configured.out << configured.err;
  const auto built = run({"cmake", "--build", build});
  ASSERT_EQ(built.exit_code, 0) << built.out << built.err;
  EXPECT_EQ(run({build + "/guarded"}).exit_code, 0);
  EXPECT_THAT(run({"ldd", build + "/guarded"}).out, testing::Not(HasSubstr("libav")));
}

}  // namespace
}  // namespace reelmill
