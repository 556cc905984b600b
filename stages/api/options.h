// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/units.h"
#include "stages/api/config_node.h"

namespace reelmill {

/// A number of bytes as an option: `64MiB` in YAML.
struct ByteSize {
  Bytes value = 0;
  friend auto operator<=>(const ByteSize&, const ByteSize&) = default;
};

/// One option as documentation, `reelmill stages` and the JSON Schema show it.
struct OptionSpec {
  std::string name;
  std::string type;          ///< boolean, integer, number, duration, size, text, choice, list
  std::string default_text;  ///< as it would be written in YAML; empty for an empty text or list
  std::string summary;       ///< one sentence with the unit
  bool is_required = false;
  std::optional<double> min,
      max;  ///< in the type's own unit: seconds for durations, bytes for sizes
  std::vector<std::string> choices = {};
  bool is_secret = false;  ///< a credential: never shown, and no part of what identifies results
};

/// Bounds, both included. Durations are bounded in seconds, sizes in bytes.
struct Range {
  std::optional<double> min, max;
};

/// Names for the values of an enum, in the order of declaration.
template <class Enum>
using Choices = std::vector<std::pair<std::string, Enum>>;

// Reading one value. Each adds a problem and returns false when the node does not fit; `value` is
// untouched then.
bool read_option(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 bool& value);
bool read_option(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 int& value);
bool read_option(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 double& value);
bool read_option(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 Duration& value);
bool read_option(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 ByteSize& value);
bool read_option(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 Bytes& value);
bool read_option(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 std::string& value);
bool read_option(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 std::vector<std::string>& value);
bool read_choice(const ConfigNode& node, const OptionSpec& spec, const ProblemSink& sink,
                 std::size_t& index);

std::string write_option(bool value);
std::string write_option(int value);
std::string write_option(double value);
std::string write_option(Duration value);
std::string write_option(ByteSize value);
std::string write_option(Bytes value);
std::string write_option(const std::string& value);
std::string write_option(const std::vector<std::string>& value);

const char* option_type(const bool*);
const char* option_type(const int*);
const char* option_type(const double*);
const char* option_type(const Duration*);
const char* option_type(const ByteSize*);
const char* option_type(const Bytes*);
const char* option_type(const std::string*);
const char* option_type(const std::vector<std::string>*);

/// Reports every key of `node` that is not in `known`, with the nearest one that is; and a node
/// that is no map. Returns false when `node` is no map (null counts as an empty map).
bool check_keys(const ConfigNode& node, const std::vector<std::string>& known,
                const ProblemSink& sink);

/// The JSON Schema of one option's value; every scalar may also be a `${NAME}`.
nlohmann::ordered_json option_schema(const OptionSpec& spec);

/// The JSON Schema of a map with these options.
nlohmann::ordered_json options_schema(const std::vector<OptionSpec>& specs);

/// The options of one thing, once: they parse, check, document and identify it from this one table.
///
///     OptionTable<BlackOptions>()
///         .add("min_duration", &BlackOptions::min_duration, "shortest stretch", Range{0, 60})
///         .add("share", &BlackOptions::share, "share of black pixels", Range{0, 1});
template <class T>
class OptionTable {
 public:
  /// `defaults` are what parse() starts from.
  explicit OptionTable(T defaults = {}) : defaults_(std::move(defaults)) {}

  template <class V>
  OptionTable& add(std::string name, V T::* member, std::string summary, Range range = {}) {
    OptionSpec spec{std::move(name),
                    option_type(static_cast<V*>(nullptr)),
                    write_option(defaults_.*member),
                    std::move(summary),
                    false,
                    range.min,
                    range.max,
                    {},
                    false};
    specs_.push_back(spec);
    fields_.push_back({[member, spec](const ConfigNode& node, const ProblemSink& sink, T& target) {
                         read_option(node, spec, sink, target.*member);
                       },
                       [member](const T& source) { return write_option(source.*member); }});
    return *this;
  }

  /// The option before must be given.
  OptionTable& required() {
    specs_.back().is_required = true;
    return *this;
  }

  /// The option before is a credential: it is left out of canonical(), so that a new password does
  /// not make finished work run again, and nobody shows it.
  OptionTable& secret() {
    specs_.back().is_secret = true;
    return *this;
  }

  template <class Enum>
  OptionTable& add_choice(std::string name, Enum T::* member, std::string summary,
                          Choices<Enum> choices) {
    OptionSpec spec{std::move(name), "choice", "", std::move(summary), false, {}, {}, {}, false};
    for (const auto& [text, value] : choices) {
      spec.choices.push_back(text);
      if (value == defaults_.*member) spec.default_text = text;
    }
    specs_.push_back(spec);
    fields_.push_back(
        {[member, spec, choices](const ConfigNode& node, const ProblemSink& sink, T& target) {
           std::size_t index = 0;
           if (read_choice(node, spec, sink, index)) target.*member = choices[index].second;
         },
         [member, choices](const T& source) {
           for (const auto& [text, value] : choices)
             if (value == source.*member) return text;
           return std::string();
         }});
    return *this;
  }

  /// A check across options; it adds its own problems.
  OptionTable& check(std::function<void(const T&, int line, const ProblemSink&)> rule) {
    rules_.push_back(std::move(rule));
    return *this;
  }

  /// Reads `node` (null = all defaults). Every problem goes to `sink`; the value is usable only
  /// when there was none.
  T parse(const ConfigNode& node, const ProblemSink& sink) const {
    T value = defaults_;
    std::vector<std::string> known;
    for (const auto& spec : specs_) known.push_back(spec.name);
    if (!check_keys(node, known, sink)) return value;
    const auto problems = sink.count();
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      const ConfigNode* entry = node.find(specs_[i].name);
      if (entry != nullptr)
        fields_[i].read(*entry, sink.at(specs_[i].name), value);
      else if (specs_[i].is_required)
        sink.add(node.line, "needs '" + specs_[i].name + "': " + specs_[i].summary);
    }
    if (sink.count() == problems)
      for (const auto& rule : rules_) rule(value, node.line, sink);
    return value;
  }

  /// `name=value` lines in table order, defaults included, secrets left out: what identifies this
  /// configuration. Hash it; do not show it, since values may come from the environment.
  std::string canonical(const T& value) const {
    std::string text;
    for (std::size_t i = 0; i < specs_.size(); ++i)
      if (!specs_[i].is_secret) text += specs_[i].name + "=" + fields_[i].write(value) + "\n";
    return text;
  }

  const std::vector<OptionSpec>& specs() const { return specs_; }

 private:
  struct Field {
    std::function<void(const ConfigNode&, const ProblemSink&, T&)> read;
    std::function<std::string(const T&)> write;
  };
  T defaults_;
  std::vector<OptionSpec> specs_;
  std::vector<Field> fields_;
  std::vector<std::function<void(const T&, int, const ProblemSink&)>> rules_;
};

}  // namespace reelmill
