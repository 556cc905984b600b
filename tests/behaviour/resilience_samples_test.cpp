// SPDX-License-Identifier: Apache-2.0
// The resilience room as another program uses it: installed, built against outside the tree, run;
// and its documentation, which quotes nothing but what these tests have seen.
#include <set>

#include <gmock/gmock.h>

#include "tests/support/document.h"
#include "tests/support/process.h"
#include "tests/support/source_tree.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

fs::path document() {
  return test::source_folder() / "docs/resilience.md";
}

test::ProcessResult run(std::vector<std::string> arguments) {
  return test::run({.arguments = std::move(arguments), .timeout = std::chrono::minutes(10)});
}

/// Builds all samples once.
class ResilienceSamples : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TempFolder>();
    const std::string prefix = *folder_ / "prefix";
    const auto installed = run({"cmake", "--install", test::build_folder(), "--prefix", prefix});
    ASSERT_EQ(installed.exit_code, 0) << installed.out << installed.err;
    const std::string source = test::source_folder() / "samples/resilience";
    const auto configured =
        run({"cmake", "-S", source, "-B", build(), "-G", "Ninja", "-DCMAKE_PREFIX_PATH=" + prefix,
             "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"});
    ASSERT_EQ(configured.exit_code, 0) << configured.out << configured.err;
    const auto built = run({"cmake", "--build", build()});
    ASSERT_EQ(built.exit_code, 0) << built.out << built.err;
  }
  static void TearDownTestSuite() { folder_.reset(); }
  static std::string build() { return *folder_ / "build"; }

  static std::unique_ptr<test::TempFolder> folder_;
};

std::unique_ptr<test::TempFolder> ResilienceSamples::folder_;

TEST_F(ResilienceSamples, PrintWhatTheDocumentationSaysTheyPrint) {
  std::set<std::string> shown;
  for (const auto& block : test::blocks_of(document())) {
    if (!block.is_output) continue;
    const auto name = fs::path(block.source).stem().native();
    const auto printed = run({build() + "/" + name});
    EXPECT_EQ(printed.exit_code, 0) << block.source << ": " << printed.err;
    EXPECT_EQ(printed.out, block.text) << "docs/resilience.md:" << block.line;
    shown.insert(name);
  }
  for (const auto& entry : fs::directory_iterator(test::source_folder() / "samples/resilience"))
    if (entry.path().extension() == ".cpp") {
      EXPECT_TRUE(shown.contains(entry.path().stem().native()))
          << "docs/resilience.md does not show what " << entry.path() << " prints";
    }
  EXPECT_TRUE(shown.contains("guarded_call"));
}

TEST_F(ResilienceSamples, NeedNothingOfTheRestOfTheProject) {
  const auto libraries = run({"ldd", build() + "/guarded_call"});
  ASSERT_EQ(libraries.exit_code, 0) << libraries.err;
  for (const auto* library : {"libav", "libtbb", "libcurl", "libsqlite", "libreelmill"})
    EXPECT_THAT(libraries.out, Not(HasSubstr(library)));
}

TEST(ResilienceDocumentation, QuotesTheSamplesAsTheyAre) {
  int quoted = 0;
  for (const auto& block : test::blocks_of(document())) {
    const auto where = "docs/resilience.md:" + std::to_string(block.line);
    if (block.language == "cpp" || block.language == "yaml") {
      EXPECT_NE(block.source, "") << where << ": code that no test runs";
    }
    if (block.source.empty() || block.is_output) continue;
    const auto file = test::source_folder() / block.source;
    ASSERT_TRUE(fs::exists(file)) << where << ": there is no " << block.source;
    EXPECT_TRUE(test::contains_lines(test::read_file(file), block.text))
        << where << ": these lines do not stand in " << block.source << ":\n"
        << block.text;
    ++quoted;
  }
  EXPECT_GE(quoted, 8);
}

TEST(ResilienceDocumentation, ItsConfigurationIsValid) {
  const auto config = test::source_folder() / "samples/resilience/guards.yaml";
  const auto result = run({test::reelmill_program(), "validate", config});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out + result.err, Not(HasSubstr("warning")));
}

TEST(DocumentLines, AreFoundWholeAndInARow) {
  const std::string text = "a\n  b\n\n    c\n  d\n";
  EXPECT_TRUE(test::contains_lines(text, "b\n\n  c\nd\n"));
  EXPECT_TRUE(test::contains_lines(text, "a\n  b\n"));
  EXPECT_FALSE(test::contains_lines(text, "b\nc\n"));
  EXPECT_FALSE(test::contains_lines(text, "b\nd\n"));
  EXPECT_FALSE(test::contains_lines(text, "a\n  b\n\n    c\n  d\ne\n"));
  EXPECT_FALSE(test::contains_lines(text, ""));
}

}  // namespace
}  // namespace reelmill
