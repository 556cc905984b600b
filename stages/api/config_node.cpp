// SPDX-License-Identifier: Apache-2.0
#include "stages/api/config_node.h"

#include <algorithm>
#include <numeric>

#include <spdlog/fmt/fmt.h>

#include "base/path_text.h"

namespace reelmill {
namespace {

/// Damerau-Levenshtein distance with adjacent transpositions (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

const ConfigNode* ConfigNode::find(std::string_view key) const {
  for (const auto& entry : entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

std::string to_string(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) text += ":" + std::to_string(problem.line);
  if (!problem.path.empty()) text += ": " + problem.path;
  return text + (problem.is_warning ? ": warning: " : ": ") + problem.message;
}

ProblemSink ProblemSink::at(std::string_view key) const {
  ProblemSink inner = *this;
  inner.path_ += (inner.path_.empty() ? "" : ".") + std::string(key);
  return inner;
}

ProblemSink ProblemSink::at(std::size_t index) const {
  ProblemSink inner = *this;
  inner.path_ += "[" + std::to_string(index) + "]";
  return inner;
}

void ProblemSink::add(int line, std::string message) const {
  problems_->push_back({file_, line, path_, std::move(message)});
}

void ProblemSink::warn(int line, std::string message) const {
  problems_->push_back({file_, line, path_, std::move(message), true});
}

ProblemSink ProblemSink::into(std::vector<Problem>& problems) const {
  ProblemSink other = *this;
  other.problems_ = &problems;
  return other;
}

std::size_t ProblemSink::count() const {
  return static_cast<std::size_t>(
      std::count_if(problems_->begin(), problems_->end(),
                    [](const Problem& problem) { return !problem.is_warning; }));
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    const auto distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates,
                       std::string_view otherwise) {
  const auto near = nearest(word, candidates);
  if (!near.empty()) return "; did you mean '" + near + "'?";
  if (candidates.empty()) return "";
  return fmt::format("; {}: {}", otherwise, fmt::join(candidates, ", "));
}

std::string shown(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::null:
      return "nothing";
    case ConfigNode::Kind::list:
      return "a list";
    case ConfigNode::Kind::map:
      return "a map";
    case ConfigNode::Kind::scalar:
      break;
  }
  constexpr std::size_t kLongest = 80;
  if (node.is_secret) return "a value from the environment or a file";
  return "'" + path_to_line(node.scalar.substr(0, kLongest)) +
         (node.scalar.size() > kLongest ? "...'" : "'");
}

}  // namespace reelmill
