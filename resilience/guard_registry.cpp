// SPDX-License-Identifier: Apache-2.0
#include "resilience/guard_registry.h"

namespace reelmill {
namespace {

bool matches(std::string_view glob, std::string_view name) {
  std::size_t g = 0, n = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = n;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == name[n])) {
      ++g;
      ++n;
    } else if (star != std::string_view::npos) {
      g = star + 1;  // let the last star take one character more
      n = ++resume;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', g) == std::string_view::npos;
}

}  // namespace

Result<std::shared_ptr<Guard>> GuardRegistry::get_or_create(const std::string& name,
                                                            const GuardOptions& options) {
  std::lock_guard lock(mutex_);
  if (const auto found = guards_.find(name); found != guards_.end()) {
    if (found->second->options() == options) return found->second;
    return fail(ErrorKind::invalid_input, "guard {}: exists already with other options", name);
  }
  REELMILL_ASSIGN(auto guard, Guard::make(name, options, clock_, random_));
  guard->on_event([events = events_](const GuardEvent& event) {
    events->add(event);
    events->deliver();
  });
  guards_.emplace(name, guard);
  return guard;
}

std::shared_ptr<Guard> GuardRegistry::find(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto found = guards_.find(name);
  return found == guards_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Guard>> GuardRegistry::matching(std::string_view glob) const {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Guard>> found;
  for (const auto& [name, guard] : guards_) {
    if (matches(glob, name)) found.push_back(guard);
  }
  return found;
}

std::vector<GuardSnapshot> GuardRegistry::snapshot() const {
  std::vector<GuardSnapshot> snapshots;
  for (const auto& guard : matching("*")) snapshots.push_back(guard->snapshot());
  return snapshots;
}

int GuardRegistry::set_mode(std::string_view glob, CircuitMode mode) {
  const auto found = matching(glob);
  for (const auto& guard : found) guard->set_mode(mode);
  return static_cast<int>(found.size());
}

int GuardRegistry::reset(std::string_view glob) {
  const auto found = matching(glob);
  for (const auto& guard : found) guard->reset();
  return static_cast<int>(found.size());
}

void GuardRegistry::on_event(std::function<void(const GuardEvent&)> listener) {
  events_->listen(std::move(listener));
}

}  // namespace reelmill
