// SPDX-License-Identifier: Apache-2.0
#include "pipeline/validation.h"

#include "base/digest.h"
#include "pipeline/config_sections.h"

namespace reelmill {
namespace {

using Kind = StageKind;

bool is_call(const StageSpec& stage) {
  return stage.definition != nullptr && stage.definition->kind == Kind::call;
}

/// It hands something to a service: guard, lanes and batches are for these.
bool is_served(const StageSpec& stage) {
  return is_call(stage) || (stage.definition != nullptr && stage.definition->kind == Kind::model);
}

/// The checks share who is who; one object does one configuration.
class StageValidator {
 public:
  StageValidator(std::vector<StageDraft>& drafts, const ProblemSink& sink)
      : drafts_(drafts), sink_(sink), is_sound_(drafts.size(), true) {
    for (std::size_t i = 0; i < drafts_.size(); ++i) index_.emplace(id(i), i);
  }

  void check_ids() {
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      if (id(i).empty()) continue;
      const auto [first, is_new] = seen.emplace(id(i), i);
      if (!is_new)
        fault(i, "id",
              fmt::format("'{}' is already the id of stages[{}] in line {}", id(i),
                          drafts_[first->second].position, drafts_[first->second].spec.line));
    }
  }

  void check_source() {
    std::vector<std::size_t> sources;
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      if (drafts_[i].spec.definition == nullptr) return;  // one of these may be meant as the source
      if (kind(i) == Kind::source) sources.push_back(i);
    }
    if (sources.empty())
      sink_.at("stages").add(drafts_.front().spec.line,
                             "no stage makes frames: add '- { id: frames, use: decode }'");
    for (std::size_t i = 1; i < sources.size(); ++i)
      fault(sources[i], "use",
            fmt::format("a second source; '{}' in line {} is one already, and one is all it takes",
                        id(sources[0]), drafts_[sources[0]].spec.line));
  }

  /// Results stand under the name of the stage, so a second one would replace what the first found.
  /// Calls have no results; models and plugins name theirs by id.
  void check_uses() {
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      const auto* definition = drafts_[i].spec.definition;
      if (definition == nullptr || !definition->plugin.empty() || kind(i) == Kind::source ||
          kind(i) == Kind::call || kind(i) == Kind::model)
        continue;
      const auto [first, is_new] = seen.emplace(definition->name, i);
      if (!is_new)
        fault(i, "use",
              fmt::format("'{}' in line {} uses '{}' already, and a second one would overwrite its "
                          "results",
                          id(first->second), drafts_[first->second].spec.line, definition->name));
    }
  }

  void check_references() {
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      if (drafts_[i].spec.definition == nullptr) {
        is_sound_[i] = false;
        continue;
      }
      const auto& from = drafts_[i].spec.from;
      if (kind(i) == Kind::source && !from.empty())
        fault(i, "from", "the source stands on nothing: leave 'from' out");
      if (kind(i) != Kind::source && drafts_[i].node->find("from") == nullptr) {
        fault(i, "", "needs 'from': the ids of the stages it stands on" + first_source_hint());
      } else if (kind(i) != Kind::source && from.empty() && is_sound_[i]) {
        fault(i, "from", "is empty" + first_source_hint());
      }
      for (std::size_t j = 0; j < from.size(); ++j) check_reference(i, j);
    }
  }

  void check_cycles() {
    std::vector<int> state(drafts_.size(), 0);  // 0 = new, 1 = on the path, 2 = finished
    std::vector<std::size_t> path;
    for (std::size_t i = 0; i < drafts_.size(); ++i)
      if (state[i] == 0) find_cycle(i, state, path);
  }

  void check_reachable() {
    std::vector<bool> is_reached(drafts_.size(), false);
    for (bool is_changed = true; is_changed;) {
      is_changed = false;
      for (std::size_t i = 0; i < drafts_.size(); ++i) {
        // A stage with a problem of its own is taken as reached, so that others are not blamed.
        bool reached = !is_sound_[i] || kind(i) == Kind::source;
        for (const auto j : inputs(i)) reached = reached || is_reached[j];
        if (reached && !is_reached[i]) is_changed = is_reached[i] = true;
      }
    }
    for (std::size_t i = 0; i < drafts_.size(); ++i)
      if (!is_reached[i])
        fault(i, "from", "does not lead back to the source" + first_source_hint());
  }

  void check_needs() {
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      if (drafts_[i].spec.definition == nullptr) continue;
      for (const auto& needed : drafts_[i].spec.definition->needs_findings) {
        const auto from = inputs(i);
        const bool has = std::any_of(from.begin(), from.end(),
                                     [&](std::size_t j) { return drafts_[j].spec.use == needed; });
        if (!has)
          fault(i, "from",
                fmt::format("'{}' needs a stage with 'use: {}' here{}", drafts_[i].spec.use, needed,
                            offer_of(needed)));
      }
    }
  }

  std::vector<StageSpec> in_order() {
    std::vector<StageSpec> ordered;
    std::vector<bool> is_placed(drafts_.size(), false);
    const auto is_ready = [&](std::size_t i) {
      const auto from = inputs(i);
      return !is_placed[i] &&
             std::all_of(from.begin(), from.end(), [&](std::size_t j) { return is_placed[j]; });
    };
    for (bool is_changed = true; is_changed;) {
      is_changed = false;
      for (std::size_t i = 0; i < drafts_.size() && !is_changed; ++i) {
        if (!is_ready(i)) continue;
        ordered.push_back(drafts_[i].spec);
        is_changed = is_placed[i] = true;
      }
    }
    return ordered;
  }

 private:
  const std::string& id(std::size_t i) const { return drafts_[i].spec.id; }
  Kind kind(std::size_t i) const {
    return drafts_[i].spec.definition == nullptr ? Kind::frames : drafts_[i].spec.definition->kind;
  }

  std::vector<std::size_t> inputs(std::size_t i) const {
    std::vector<std::size_t> found;
    for (const auto& name : drafts_[i].spec.from)
      if (const auto it = index_.find(name); it != index_.end()) found.push_back(it->second);
    return found;
  }

  void fault(std::size_t i, const char* key, const std::string& message) {
    const auto* value = drafts_[i].node->find(key);
    fault_at(i, key, value != nullptr ? value->line : drafts_[i].spec.line, message);
  }

  void fault_at(std::size_t i, const char* key, int line, const std::string& message) {
    const auto here = sink_.at("stages").at(drafts_[i].position);
    (*key == '\0' ? here : here.at(key)).add(line, message);
    is_sound_[i] = false;
  }

  std::string first_source_hint() const {
    for (std::size_t i = 0; i < drafts_.size(); ++i)
      if (kind(i) == Kind::source && !id(i).empty())
        return fmt::format("; '{}' makes frames", id(i));
    return "";
  }

  std::string offer_of(const std::string& use) const {
    for (const auto& draft : drafts_)
      if (draft.spec.use == use) return fmt::format("; add '{}'", draft.spec.id);
    return fmt::format("; add '- {{ id: {0}, use: {0}, ... }}' above it", use);
  }

  /// Line of the j-th name in `from`, which may be a single name or a list.
  int line_of(std::size_t i, std::size_t j) const {
    const auto* from = drafts_[i].node->find("from");
    if (from != nullptr && j < from->items.size()) return from->items[j].line;
    return from != nullptr ? from->line : drafts_[i].spec.line;
  }

  void check_reference(std::size_t i, std::size_t j) {
    const auto& from = drafts_[i].spec.from;
    const auto& name = from[j];
    const auto found = index_.find(name);
    if (found == index_.end()) {
      std::vector<std::string> others;
      for (std::size_t k = 0; k < drafts_.size(); ++k)
        if (k != i && !id(k).empty()) others.push_back(id(k));
      fault_at(i, "from", line_of(i, j),
               fmt::format("no stage has the id '{}'{}", name, suggestion(name, others)));
      return;
    }
    if (std::find(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(j), name) !=
        from.begin() + static_cast<std::ptrdiff_t>(j))
      fault_at(i, "from", line_of(i, j), fmt::format("names '{}' twice", name));
    const auto other = found->second;
    if (other == i || drafts_[other].spec.definition == nullptr) return;
    if (kind(other) == Kind::call)
      fault_at(i, "from", line_of(i, j),
               fmt::format("'{}' is a call to a service; nothing can stand on it", name));
    else if (kind(i) == Kind::model && kind(other) != Kind::source)
      fault_at(i, "from", line_of(i, j),
               fmt::format("'{}' makes no frames, and frames are what '{}' takes{}", name, id(i),
                           first_source_hint()));
    else if (kind(i) == Kind::frames && kind(other) == Kind::model)
      fault_at(i, "from", line_of(i, j),
               fmt::format("'{}' answers after '{}' has seen all frames", name, id(i)));
    else if (kind(i) == Kind::frames && kind(other) == Kind::video)
      fault_at(
          i, "from", line_of(i, j),
          fmt::format("'{}' works on whole videos, after '{}' has seen all frames", name, id(i)));
  }

  void find_cycle(std::size_t i, std::vector<int>& state, std::vector<std::size_t>& path) {
    state[i] = 1;
    path.push_back(i);
    for (const auto j : inputs(i)) {
      if (state[j] == 0) find_cycle(j, state, path);
      if (state[j] != 1) continue;
      const auto start = std::find(path.begin(), path.end(), j);
      std::string text;
      for (auto it = start; it != path.end(); ++it) text += id(*it) + " <- ";
      fault(*start, "from", "stands on itself: " + text + id(j));
      std::for_each(start, path.end(), [&](std::size_t k) { is_sound_[k] = false; });
    }
    path.pop_back();
    state[i] = 2;
  }

  std::vector<StageDraft>& drafts_;
  const ProblemSink& sink_;
  std::map<std::string, std::size_t> index_;
  std::vector<bool> is_sound_;  ///< without a problem so far: others may be judged by it
};

/// `guard`, `lanes` and `batch` are for calls.
void check_call_keys(const StageDraft& draft, const ProblemSink& sink) {
  if (draft.spec.definition == nullptr || is_served(draft.spec)) return;
  const auto here = sink.at("stages").at(draft.position);
  const auto refuse = [&](const char* key, const std::string& why) {
    if (const auto* value = draft.node->find(key))
      here.at(key).add(value->line > 0 ? value->line : draft.spec.line,
                       fmt::format("'{}' is no call to a service: {}", draft.spec.use, why));
  };
  refuse("guard", "there is nothing to guard");
  refuse("lanes", "it runs on the workers, whose number is --workers");
  refuse("batch",
         "frames between decode and analyze stay on the thread that decoded them, so there is no "
         "queue to batch");
}

void check_guards(const std::vector<StageDraft>& drafts, const ConfigNode* guards,
                  const ProblemSink& sink) {
  std::vector<std::string> names;
  if (guards != nullptr)
    for (const auto& entry : guards->entries) names.push_back(entry.key);
  std::set<std::string> used;
  for (const auto& draft : drafts) {
    used.insert(draft.spec.guard);
    const auto* value = draft.node->find("guard");
    if (value == nullptr || draft.spec.guard.empty() ||
        (draft.spec.definition && !is_served(draft.spec)))
      continue;
    if (std::find(names.begin(), names.end(), draft.spec.guard) == names.end())
      sink.at("stages")
          .at(draft.position)
          .at("guard")
          .add(value->line, names.empty()
                                ? fmt::format("there is no guard '{}': define it under 'guards:'",
                                              draft.spec.guard)
                                : fmt::format("there is no guard '{}'{}", draft.spec.guard,
                                              suggestion(draft.spec.guard, names, "defined are")));
  }
  if (guards != nullptr)
    for (const auto& entry : guards->entries)
      if (!used.contains(entry.key))
        sink.at("guards").at(entry.key).warn(entry.line, "no stage uses this guard");
}

}  // namespace

std::vector<StageSpec> validate_stages(std::vector<StageDraft> drafts, const ConfigNode* guards,
                                       const ProblemSink& sink) {
  if (drafts.empty()) return {};
  for (const auto& draft : drafts) check_call_keys(draft, sink);
  check_guards(drafts, guards, sink);
  StageValidator validator(drafts, sink);
  validator.check_ids();
  validator.check_source();
  validator.check_uses();
  validator.check_references();
  validator.check_cycles();
  validator.check_reachable();
  validator.check_needs();
  if (drafts.size() == 1 && drafts.front().spec.definition != nullptr &&
      drafts.front().spec.definition->kind == Kind::source)
    sink.at("stages").warn(drafts.front().spec.line,
                           "only one stage: frames would be decoded for nothing");
  return validator.in_order();
}

void compute_hashes(PipelineSpec& spec) {
  constexpr std::size_t kDigits = 16;
  std::map<std::string, std::string> hashes;
  std::string analysis = fmt::format("analysis 1\nhash={}\n", spec.hash_input);
  std::set<std::string> analysis_hashes;
  for (auto& stage : spec.stages) {
    std::set<std::string> below;  // the order of `from` changes nothing
    for (const auto& id : stage.from) below.insert(hashes[id]);
    const auto own = fmt::format("{}\n{}\n{}", stage.use, stage.definition->version,
                                 stage.configured.canonical_options);
    const auto identity = fmt::format("stage 1\n{}\n{}\n{}", stage.id, fmt::join(below, ","), own);
    stage.own_hash = sha256_hex(own).substr(0, kDigits);
    stage.hash = sha256_hex(identity).substr(0, kDigits);
    hashes[stage.id] = stage.hash;
    if (!is_call(stage)) analysis_hashes.insert(stage.hash);
  }
  for (const auto& hash : analysis_hashes) analysis += hash + "\n";
  spec.analysis_hash = sha256_hex(analysis).substr(0, kDigits);
}

}  // namespace reelmill
