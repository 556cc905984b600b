// SPDX-License-Identifier: Apache-2.0
#include "stages/api/registry.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace reelmill {

std::string_view to_string(StageKind kind) noexcept {
  switch (kind) {
    case StageKind::source:
      return "source";
    case StageKind::frames:
      return "frames";
    case StageKind::video:
      return "video";
    case StageKind::model:
      return "model";
    case StageKind::call:
      return "call";
  }
  return "frames";
}

Status Registry::add(StageDefinition definition) {
  if (find(definition.name) != nullptr)
    return fail(ErrorKind::invalid_input, "stage '{}' is defined twice", definition.name);
  auto owned = std::make_unique<StageDefinition>(std::move(definition));
  const auto place = std::find_if(definitions_.begin(), definitions_.end(),
                                  [&](const auto& other) { return other->name > owned->name; });
  definitions_.insert(place, std::move(owned));
  return {};
}

const StageDefinition* Registry::find(std::string_view name) const {
  for (const auto& definition : definitions_)
    if (definition->name == name) return definition.get();
  return nullptr;
}

std::vector<const StageDefinition*> Registry::all() const {
  std::vector<const StageDefinition*> list;
  for (const auto& definition : definitions_) list.push_back(definition.get());
  return list;
}

Registry& stage_registry() {
  static Registry registry;
  return registry;
}

RegisterStage::RegisterStage(StageDefinition definition) {
  if (const auto added = stage_registry().add(std::move(definition)); !added) {
    std::fprintf(stderr, "reelmill: %s\n", added.error().message.c_str());
    std::abort();  // two built-in stages of one name: a bug that must not reach a user
  }
}

}  // namespace reelmill
