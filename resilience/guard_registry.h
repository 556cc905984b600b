// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "resilience/guard.h"

namespace reelmill {

/// The guards of a program by name, so that all who call a service share its protection, and an
/// operator finds it. Thread-safe; guards may outlive the registry.
class GuardRegistry {
 public:
  explicit GuardRegistry(Clock& clock = system_clock(), Random& random = default_random())
      : clock_(clock), random_(random) {}

  /// The guard of that name, made now if there is none. Error{invalid_input} when the options are
  /// not valid, or differ from those it was made with.
  Result<std::shared_ptr<Guard>> get_or_create(const std::string& name,
                                               const GuardOptions& options);
  /// nullptr when there is none.
  std::shared_ptr<Guard> find(const std::string& name) const;

  std::vector<GuardSnapshot> snapshot() const;  ///< in the order of names
  /// Sets the breaker mode of all guards whose name matches (`*` any text, `?` one character).
  /// Returns how many matched.
  int set_mode(std::string_view glob, CircuitMode mode);
  int reset(std::string_view glob);
  /// Events of all guards, those made later too; called outside every lock.
  void on_event(std::function<void(const GuardEvent&)> listener);

 private:
  std::vector<std::shared_ptr<Guard>> matching(std::string_view glob) const;

  Clock& clock_;
  Random& random_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Guard>> guards_;
  /// Shared with the guards' listeners, which may outlive the registry.
  std::shared_ptr<EventQueue<GuardEvent>> events_ = std::make_shared<EventQueue<GuardEvent>>();
};

}  // namespace reelmill
