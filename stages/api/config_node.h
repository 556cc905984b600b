// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reelmill {

/// A piece of configuration and the line it came from: a scalar, a list or a map, in document
/// order.
struct ConfigNode {
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  std::string scalar;             ///< text of a scalar, after ${NAME} was filled in
  bool is_quoted = false;         ///< "5" is a text, 5 is a number
  bool is_secret = false;         ///< holds something from ${NAME}: never print it
  std::vector<ConfigNode> items;  ///< of a list
  std::vector<Entry> entries;     ///< of a map
  int line = 0;                   ///< 1-based; 0 = not from a file

  const ConfigNode* find(std::string_view key) const;
};

struct ConfigNode::Entry {
  std::string key;
  int line = 0;
  ConfigNode value;
};

/// Something wrong with a configuration: `file:line: path: message`.
struct Problem {
  std::string file;
  int line = 0;
  std::string path;         ///< `stages[2].with.width`
  std::string message;      ///< says what is wrong, and the cure or the nearest valid choice
  bool is_warning = false;  ///< worth a look, but the configuration can be used
};

/// One line: `file:line: path: message`, with `warning: ` before the message of a warning.
std::string to_string(const Problem& problem);

/// Collects problems; knows where it is. Cheap to copy; all copies collect into the same list.
class ProblemSink {
 public:
  ProblemSink(std::string file, std::vector<Problem>& problems)
      : file_(std::move(file)), problems_(&problems) {}
  /// The same sink one step further down: at("with").at("width"), at(2).
  ProblemSink at(std::string_view key) const;
  ProblemSink at(std::size_t index) const;
  void add(int line, std::string message) const;
  void warn(int line, std::string message) const;
  void add(Problem problem) const { problems_->push_back(std::move(problem)); }
  /// The same place, but collecting into another list.
  ProblemSink into(std::vector<Problem>& problems) const;
  const std::string& path() const { return path_; }
  /// Problems collected so far, warnings left out.
  std::size_t count() const;

 private:
  std::string file_, path_;
  std::vector<Problem>* problems_;
};

/// The candidate nearest to `word` by edit distance, for "did you mean"; empty when none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// `; did you mean 'X'?` with the nearest candidate, or `; OTHERWISE: a, b, c` when none is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates,
                       std::string_view otherwise = "known here");

/// What a message may show of a node: 'its text', or that it is a list, a map, nothing, a secret.
std::string shown(const ConfigNode& node);

}  // namespace reelmill
