// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "base/path_text.h"
#include "pipeline/batch_checks.h"
#include "pipeline/config.h"
#include "pipeline/config_sections.h"
#include "pipeline/plugins.h"
#include "pipeline/validation.h"
#include "stages/api/call_stage.h"
#include "stages/api/frame_call_stage.h"

namespace reelmill {
namespace {

using Kind = ConfigNode::Kind;

/// Reads the sections one by one, so that every problem of every section is found.
class SpecReader {
 public:
  SpecReader(const ConfigNode& tree, const std::filesystem::path& folder,
             const ConfigSettings& settings, ProblemSink sink)
      : tree_(tree), folder_(folder), settings_(settings), sink_(std::move(sink)) {}

  PipelineSpec read() {
    if (tree_.kind != Kind::map) {
      sink_.add(tree_.line, shown(tree_) + " is no configuration: it begins with 'version: 1'");
      return {};
    }
    check_keys(tree_,
               {"version", "name", "input", "guards", "plugins", "limits", "watchdog", "hash",
                "keep_timeline", "stages"},
               sink_);
    read_version();
    if (const auto* name = tree_.find("name"))
      if (is_literal(*name, sink_.at("name")))
        read_option(*name, OptionSpec{}, sink_.at("name"), spec_.name);
    if (const auto* hash = tree_.find("hash"))
      read_option(*hash, OptionSpec{}, sink_.at("hash"), spec_.hash_input);
    if (const auto* keep = tree_.find("keep_timeline"))
      read_option(*keep, OptionSpec{}, sink_.at("keep_timeline"), spec_.keep_timeline);
    if (const auto* input = tree_.find("input")) {
      auto globs = input_options().parse(*input, sink_.at("input"));
      spec_.include = std::move(globs.include);
      spec_.exclude = std::move(globs.exclude);
    }
    if (const auto* limits = tree_.find("limits"))
      spec_.limits = limit_options().parse(*limits, sink_.at("limits"));
    if (const auto* watchdog = tree_.find("watchdog"))
      spec_.watchdog = watchdog_options().parse(*watchdog, sink_.at("watchdog"));
    read_guards();
    read_plugins();
    read_stages();
    check_frame_memory();
    return std::move(spec_);
  }

 private:
  void read_version() {
    const auto* version = tree_.find("version");
    if (version == nullptr) {
      sink_.add(tree_.line, "needs 'version: 1'");
      return;
    }
    int number = 0;
    if (read_option(*version, OptionSpec{}, sink_.at("version"), number) && number != 1)
      sink_.at("version").add(
          version->line,
          fmt::format("version {} is not known; this program reads version 1", number));
  }

  void read_guards() {
    const auto* guards = tree_.find("guards");
    if (guards == nullptr || guards->kind == Kind::null) return;
    const auto here = sink_.at("guards");
    if (guards->kind != Kind::map) {
      here.add(guards->line, shown(*guards) + " is not a map from a name to a guard");
      return;
    }
    for (const auto& entry : guards->entries) {
      if (!is_id(entry.key)) bad_id(here, entry.line, fmt::format("'{}'", path_to_line(entry.key)));
      spec_.guards[entry.key] = read_guard(entry.value, here.at(entry.key));
    }
  }

  void read_plugins() {
    const auto* plugins = tree_.find("plugins");
    if (plugins == nullptr || plugins->kind == Kind::null) return;
    const auto here = sink_.at("plugins");
    if (!read_option(*plugins, OptionSpec{}, here, spec_.plugins)) return;
    for (std::size_t i = 0; i < spec_.plugins.size(); ++i) {
      const auto& node = plugins->kind == Kind::list ? plugins->items[i] : *plugins;
      const auto loaded = load_plugin(folder_ / spec_.plugins[i], *settings_.registry);
      if (!loaded)
        here.at(i).add(node.line, node.is_secret ? "a plugin whose path is " + shown(node) +
                                                       " cannot be loaded"
                                                 : loaded.error().message);
    }
  }

  void read_stages() {
    const auto* stages = tree_.find("stages");
    if (stages == nullptr) {
      sink_.add(tree_.line, "needs 'stages': the list of what is done with each video");
      return;
    }
    const auto here = sink_.at("stages");
    if (stages->kind != Kind::list || stages->items.empty()) {
      here.add(stages->line, stages->kind == Kind::list
                                 ? "is empty: add '- { id: frames, use: decode }'"
                                 : shown(*stages) + " is not a list of stages");
      return;
    }
    std::vector<StageDraft> drafts;
    for (std::size_t i = 0; i < stages->items.size(); ++i) {
      const auto& node = stages->items[i];
      if (node.kind == Kind::map) {
        auto& draft = drafts.emplace_back(StageDraft{read_stage(node, here.at(i)), i, &node});
        const auto guard = spec_.guards.find(draft.spec.guard);
        check_batch(draft, guard == spec_.guards.end() ? nullptr : &guard->second, here.at(i));
      } else {
        here.at(i).add(node.line, shown(node) + " is not a stage: write { id: ..., use: ... }");
      }
    }
    const auto* guards = tree_.find("guards");
    spec_.stages = validate_stages(std::move(drafts), guards, sink_);
  }

  /// What a model's frames need, where the configuration says how large they are. It works with
  /// less, one frame at a time.
  void check_frame_memory() {
    const auto limit = spec_.limits.max_frame_memory.value;
    for (const auto& stage : spec_.stages) {
      const auto& model = stage.configured.parts.frame_call_stage;
      const auto bytes = model == nullptr ? 0 : model->input_bytes(0, 0, 0);
      if (bytes > limit)
        sink_.at("limits")
            .at("max_frame_memory")
            .warn(line_of("limits", "max_frame_memory"),
                  fmt::format("{} is below one frame of '{}' ({}): frames will travel one by one",
                              format_bytes(limit), stage.id, format_bytes(bytes)));
    }
  }

  int line_of(const char* section, const char* key) const {
    const auto* node = tree_.find(section);
    const auto* value = node == nullptr ? nullptr : node->find(key);
    return value != nullptr ? value->line : tree_.line;
  }

  StageSpec read_stage(const ConfigNode& node, const ProblemSink& sink) {
    StageSpec stage;
    stage.line = node.line;
    check_keys(node, {"id", "use", "from", "guard", "lanes", "batch", "with"}, sink);
    const auto read_text = [&](const char* key, std::string& text) {
      const auto* value = node.find(key);
      return value != nullptr && is_literal(*value, sink.at(key)) &&
             read_option(*value, OptionSpec{}, sink.at(key), text);
    };
    if (node.find("id") == nullptr) sink.add(node.line, "needs 'id': a name of its own");
    if (read_text("id", stage.id) && !is_id(stage.id)) {
      bad_id(sink.at("id"), node.find("id")->line, shown(*node.find("id")));
      stage.id.clear();
    }
    read_text("guard", stage.guard);
    if (const auto* from = node.find("from"); from != nullptr && is_literal(*from, sink.at("from")))
      read_option(*from, OptionSpec{}, sink.at("from"), stage.from);
    if (const auto* lanes = node.find("lanes"))
      read_option(*lanes, lanes_option(), sink.at("lanes"), stage.lanes);
    if (node.find("use") == nullptr) sink.add(node.line, "needs 'use': what the stage does");
    if (read_text("use", stage.use)) resolve(node, sink, stage);
    read_batching(node, sink, stage);
    return stage;
  }

  static void read_batching(const ConfigNode& node, const ProblemSink& sink, StageSpec& stage) {
    const auto& parts = stage.configured.parts;
    if (parts.call_stage != nullptr) stage.batch = parts.call_stage->batching().options;
    if (parts.frame_call_stage != nullptr) stage.batch = parts.frame_call_stage->batching();
    const auto* batch = node.find("batch");
    stage.has_batch = batch != nullptr;
    if (!stage.has_batch) return;
    // Who writes `batch:` does not want single items.
    const bool is_single = stage.batch == single_item_batches();
    stage.batch = read_batch(*batch, is_single ? BatchOptions{} : stage.batch, sink.at("batch"));
  }

  void resolve(const ConfigNode& node, const ProblemSink& sink, StageSpec& stage) {
    stage.definition = settings_.registry->find(stage.use);
    if (stage.definition == nullptr) {
      std::vector<std::string> names;
      for (const auto* definition : settings_.registry->all()) names.push_back(definition->name);
      const auto* use = node.find("use");
      sink.at("use").add(use->line,
                         "no stage is called " + shown(*use) + suggestion(stage.use, names));
      return;
    }
    if (const auto* with = node.find("with")) stage.with = *with;
    if (stage.with.line == 0) stage.with.line = node.line;
    const auto problems = sink.count();
    stage.configured = stage.definition->configure(
        stage.with, StageContext{stage.id, settings_.output_folder}, sink.at("with"));
    if (sink.count() == problems) check_parts(sink, stage);
  }

  /// A stage that makes nothing of its kind is its author's mistake, and must not pass silently.
  static void check_parts(const ProblemSink& sink, const StageSpec& stage) {
    const auto& parts = stage.configured.parts;
    const bool is_complete = [&] {
      switch (stage.definition->kind) {
        case StageKind::source:
          return parts.frame_source != nullptr;
        case StageKind::frames:
          return parts.make_frame_observer || parts.make_audio_observer || parts.detector;
        case StageKind::video:
          return parts.video_stage != nullptr;
        case StageKind::model:
          return parts.frame_call_stage != nullptr;
        case StageKind::call:
          return parts.call_stage != nullptr;
      }
      return false;
    }();
    if (!is_complete)
      sink.at("use").add(stage.line,
                         fmt::format("stage '{}' says it is of kind '{}' but makes no such part",
                                     stage.use, to_string(stage.definition->kind)));
  }

  /// Names hold a configuration together and appear in every log and report.
  static bool is_literal(const ConfigNode& node, const ProblemSink& sink) {
    const bool has_secret =
        node.is_secret || std::any_of(node.items.begin(), node.items.end(),
                                      [](const ConfigNode& item) { return item.is_secret; });
    if (has_secret)
      sink.add(node.line,
               "a name must stand here itself: it cannot come from the environment or a "
               "file");
    return !has_secret;
  }

  static void bad_id(const ProblemSink& sink, int line, const std::string& id) {
    sink.add(line, id + " is no name: a-z, 0-9, '_' and '-', at most 64, beginning with a letter "
                        "or digit");
  }

  const ConfigNode& tree_;
  const std::filesystem::path& folder_;
  const ConfigSettings& settings_;
  ProblemSink sink_;
  PipelineSpec spec_;
};

}  // namespace

const StageSpec* PipelineSpec::find(const std::string& id) const {
  for (const auto& stage : stages)
    if (stage.id == id) return &stage;
  return nullptr;
}

PipelineSpec read_spec(ConfigNode tree, const std::filesystem::path& folder,
                       const ConfigSettings& settings, const ProblemSink& sink) {
  std::vector<Problem> unfilled, found;
  fill_in_values(tree, settings.environment, folder, sink.into(unfilled));
  PipelineSpec spec = SpecReader(tree, folder, settings, sink.into(found)).read();
  std::set<std::string> unknown;  // what is wrong with a value nobody knows is not worth saying
  for (const auto& problem : unfilled) unknown.insert(problem.path);
  std::erase_if(found, [&](const Problem& problem) { return unknown.contains(problem.path); });
  const auto problems = sink.count();
  for (auto* list : {&unfilled, &found})
    for (auto& problem : *list) sink.add(std::move(problem));
  if (sink.count() == problems) compute_hashes(spec);
  return spec;
}

}  // namespace reelmill
