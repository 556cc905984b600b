// SPDX-License-Identifier: Apache-2.0
#include "pipeline/plugins.h"

#include <dlfcn.h>

#include "base/path_text.h"

namespace reelmill {
namespace {

using PluginFunction = int (*)(Registry&, int);

struct CloseLibrary {
  void operator()(void* library) const noexcept { dlclose(library); }
};
using Library = std::unique_ptr<void, CloseLibrary>;

/// A plugin adds to a registry of its own first, so that a refused one leaves no trace.
Result<Registry> ask_for_stages(PluginFunction plugin, const std::string& name) {
  Registry offered;
  int built_for = 0;
  try {
    built_for = plugin(offered, kApiVersion);
  } catch (const std::exception& thrown) {
    return fail(ErrorKind::internal, "plugin {} threw: {}", name, thrown.what());
  } catch (...) {
    return fail(ErrorKind::internal, "plugin {} threw something that is no std::exception", name);
  }
  if (built_for != kApiVersion)
    return fail(ErrorKind::invalid_input,
                "plugin {} was built for stage API version {}, this program has version {}: build "
                "it again against this version",
                name, built_for, kApiVersion);
  if (offered.all().empty()) return fail(ErrorKind::invalid_input, "plugin {} adds no stage", name);
  return offered;
}

Status adopt(const Registry& offered, const std::string& file, const std::string& name,
             Registry& registry) {
  for (const auto* stage : offered.all())
    if (const auto* taken = registry.find(stage->name); taken != nullptr && taken->plugin != file)
      return fail(ErrorKind::invalid_input, "plugin {} names a stage '{}', which is {}: rename it",
                  name, stage->name,
                  taken->plugin.empty() ? "built in" : "in plugin " + path_to_line(taken->plugin));
  for (const auto* stage : offered.all()) {
    if (registry.find(stage->name) != nullptr) continue;  // loaded before, from the same file
    StageDefinition definition = *stage;
    definition.plugin = file;
    REELMILL_TRY(registry.add(std::move(definition)));
  }
  return {};
}

}  // namespace

Status load_plugin(const std::filesystem::path& file, Registry& registry) {
  const auto name = path_to_line(file.native());
  std::error_code error;
  const auto path = std::filesystem::canonical(file, error);
  if (error) return fail(ErrorKind::not_found, "plugin {}: {}", name, error.message());
  if (!std::filesystem::is_regular_file(path, error))
    return fail(ErrorKind::invalid_input, "plugin {} is not a file", name);

  // Never unloaded: stages keep pointers into it.
  const Library library(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE));
  if (library == nullptr)
    return fail(ErrorKind::invalid_input, "plugin {} cannot be loaded: {}", name, dlerror());
  const auto plugin = reinterpret_cast<PluginFunction>(dlsym(library.get(), "reelmill_plugin"));
  if (plugin == nullptr)
    return fail(ErrorKind::invalid_input,
                "{} is a shared library but not a plugin: it exports no 'reelmill_plugin'", name);
  REELMILL_ASSIGN(const auto offered, ask_for_stages(plugin, name));
  return adopt(offered, path.native(), name, registry);
}

}  // namespace reelmill
