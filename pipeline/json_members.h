// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/path_text.h"

namespace reelmill {

/// Reads members of one JSON object; what is missing or null stays as it was. A member of another
/// type throws nlohmann's exception. Refers to the object. Not thread-safe.
class JsonMembers {
 public:
  using Json = nlohmann::ordered_json;

  explicit JsonMembers(const Json& json) : json_(json) {}

  template <class Value>
  JsonMembers& get(const char* name, Value& value) {
    if (const auto found = json_.find(name); found != json_.end() && !found->is_null())
      found->get_to(value);
    return *this;
  }
  JsonMembers& get(const char* name, std::optional<double>& value) {
    if (const auto found = json_.find(name); found != json_.end() && !found->is_null())
      value = found->get<double>();
    return *this;
  }
  JsonMembers& get_path(const char* name, std::string& value) {
    get(name, value);
    value = text_to_path(value);
    return *this;
  }
  JsonMembers in(const char* name) const {
    static const Json kNothing = Json::object();
    const auto found = json_.find(name);
    return JsonMembers(found == json_.end() ? kNothing : *found);
  }
  bool has(const char* name) const {
    const auto found = json_.find(name);
    return found != json_.end() && !found->is_null();
  }
  template <class Item, class Read>
  void list(const char* name, std::vector<Item>& items, Read read) const {
    const auto found = json_.find(name);
    if (found == json_.end()) return;
    for (const auto& each : *found) read(JsonMembers(each), items.emplace_back());
  }
  template <class Visit>
  void each(const char* name, Visit visit) const {
    if (const auto found = json_.find(name); found != json_.end())
      for (const auto& [key, value] : found->items()) visit(key, value);
  }
  const Json& json() const { return json_; }

 private:
  const Json& json_;
};

}  // namespace reelmill
