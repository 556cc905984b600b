// SPDX-License-Identifier: Apache-2.0
#include "pipeline/plugins.h"

#include "tests/support/process.h"
#include "tests/support/sample_stages.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Plugins that must be refused need no header of ours, so they compile in an instant; those that
/// work are built and loaded in plugin_test of tests/behaviour.
class LoadPlugin : public testing::Test {
 protected:
  std::filesystem::path build(const std::string& code) {
    const auto source = folder_.write("plugin.cpp", code);
    const auto library = folder_ / "libplugin.so";
    const auto result = test::run(
        {.arguments = {"c++", "-shared", "-fPIC", "-o", library.native(), source.native()}});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return library;
  }
  /// Loads it, and says why it was refused; the registry must be as before.
  std::string refusal(const std::filesystem::path& file, ErrorKind kind) {
    const auto before = registry_.all().size();
    const auto loaded = load_plugin(file, registry_);
    EXPECT_EQ(registry_.all().size(), before);
    if (loaded) {
      ADD_FAILURE() << "was loaded";
      return "";
    }
    EXPECT_EQ(loaded.error().kind, kind);
    return loaded.error().message;
  }

  test::TempFolder folder_;
  Registry registry_ = test::sample_registry();
};

TEST_F(LoadPlugin, RefusesAnotherApiVersionAndNamesBoth) {
  const auto library = build("extern \"C\" int reelmill_plugin(void*, int) { return " +
                             std::to_string(kApiVersion + 1) + "; }");
  EXPECT_THAT(
      refusal(library, ErrorKind::invalid_input),
      AllOf(HasSubstr("stage API version " + std::to_string(kApiVersion + 1)),
            HasSubstr("has version " + std::to_string(kApiVersion)), HasSubstr("libplugin.so")));
}

TEST_F(LoadPlugin, TellsThePluginOurVersion) {
  const auto library = build("extern \"C\" int reelmill_plugin(void*, int v) { return v + 100; }");
  EXPECT_THAT(refusal(library, ErrorKind::invalid_input),
              HasSubstr("version " + std::to_string(kApiVersion + 100)));
}

TEST_F(LoadPlugin, RefusesALibraryThatIsNoPlugin) {
  EXPECT_THAT(refusal(build("int something_else;"), ErrorKind::invalid_input),
              HasSubstr("a shared library but not a plugin: it exports no 'reelmill_plugin'"));
}

TEST_F(LoadPlugin, RefusesAPluginThatAddsNothing) {
  const auto library = build("extern \"C\" int reelmill_plugin(void*, int v) { return v; }");
  EXPECT_THAT(refusal(library, ErrorKind::invalid_input), HasSubstr("adds no stage"));
}

TEST_F(LoadPlugin, SurvivesAPluginThatThrows) {
  const auto library = build(
      "#include <stdexcept>\n"
      "extern \"C\" int reelmill_plugin(void*, int) { throw std::runtime_error(\"no licence\"); }");
  EXPECT_THAT(refusal(library, ErrorKind::internal), HasSubstr("threw: no licence"));
}

TEST_F(LoadPlugin, RefusesALibraryThatNeedsWhatIsNotThere) {
  const auto library =
      build("int missing(); extern \"C\" int reelmill_plugin(void*, int) { return missing(); }");
  EXPECT_THAT(refusal(library, ErrorKind::invalid_input),
              AllOf(HasSubstr("cannot be loaded"), HasSubstr("missing")));
}

TEST_F(LoadPlugin, RefusesWhatIsNoLibrary) {
  EXPECT_THAT(refusal(folder_.write("notes.so", "not a library at all"), ErrorKind::invalid_input),
              HasSubstr("cannot be loaded"));
  EXPECT_THAT(refusal(folder_.path(), ErrorKind::invalid_input), HasSubstr("is not a file"));
  EXPECT_THAT(refusal(folder_ / "nowhere.so", ErrorKind::not_found), HasSubstr("nowhere.so"));
}

}  // namespace
}  // namespace reelmill
