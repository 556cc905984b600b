// SPDX-License-Identifier: Apache-2.0
#include "pipeline/config.h"

#include <set>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/counted.h"
#include "base/path_text.h"
#include "pipeline/config_file.h"

namespace reelmill {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;
constexpr std::size_t kLargestTree = 16 << 20;  // bytes, with every alias copied
constexpr std::size_t kNodeCost = 256;

ConfigNode node_at(ConfigNode::Kind kind, int line) {
  ConfigNode node;
  node.kind = kind;
  node.line = line;
  return node;
}

struct TreeTooLarge {
  int line;
};

/// Turns the parser's events into a tree. Not yaml-cpp's own nodes: those lose lines of keys and
/// duplicate keys, and share aliased nodes.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const ProblemSink& sink) : sink_(sink) {}

  ConfigNode take() { return std::move(root_); }
  int document_line() const { return document_line_; }

  void OnDocumentStart(const YAML::Mark& mark) override { document_line_ = mark.line + 1; }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(node_at(ConfigNode::Kind::null, mark.line + 1), anchor, kNodeCost);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = node_at(ConfigNode::Kind::scalar, mark.line + 1);
    node.scalar = value;
    node.is_quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    check_tag(tag, node.line);
    finish(std::move(node), anchor, kNodeCost + value.size());
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const int line = mark.line + 1;
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) {
      sink_.add(line, "an alias inside the very thing it stands for");
      finish(node_at(ConfigNode::Kind::null, line), 0, kNodeCost);
      return;
    }
    charge(known->second.cost, line);
    finish(ConfigNode(known->second.node), 0, known->second.cost);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(ConfigNode::Kind::list, mark.line + 1, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(ConfigNode::Kind::map, mark.line + 1, tag, anchor);
  }
  void OnMapEnd() override {
    apply_merges(open_.back().node);
    close();
  }

 private:
  struct Open {
    ConfigNode node;
    YAML::anchor_t anchor = 0;
    std::size_t cost = kNodeCost;
    std::optional<ConfigNode> key = {};    ///< of a map: waits for its value
    std::map<std::string, int> keys = {};  ///< of a map: seen so far, with their lines
  };
  struct Anchored {
    ConfigNode node;
    std::size_t cost = 0;
  };

  void charge(std::size_t cost, int line) {
    spent_ += cost;
    if (spent_ > kLargestTree) throw TreeTooLarge{line};
  }

  void check_tag(const std::string& tag, int line) {
    static const std::set<std::string> kHarmless = {"",
                                                    "!",
                                                    "?",
                                                    "tag:yaml.org,2002:str",
                                                    "tag:yaml.org,2002:int",
                                                    "tag:yaml.org,2002:float",
                                                    "tag:yaml.org,2002:bool",
                                                    "tag:yaml.org,2002:null",
                                                    "tag:yaml.org,2002:seq",
                                                    "tag:yaml.org,2002:map"};
    if (!kHarmless.contains(tag)) sink_.add(line, "the tag " + tag + " has no meaning here");
  }

  void open(ConfigNode::Kind kind, int line, const std::string& tag, YAML::anchor_t anchor) {
    charge(kNodeCost, line);
    check_tag(tag, line);
    open_.push_back({node_at(kind, line), anchor});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    place(std::move(done.node), done.anchor, done.cost);
  }

  void finish(ConfigNode node, YAML::anchor_t anchor, std::size_t cost) {
    charge(cost, node.line);
    place(std::move(node), anchor, cost);
  }

  void place(ConfigNode node, YAML::anchor_t anchor, std::size_t cost) {
    if (anchor != 0) {
      charge(cost, node.line);
      anchors_[anchor] = {node, cost};
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    parent.cost += cost;
    if (parent.node.kind == ConfigNode::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      if (node.kind != ConfigNode::Kind::scalar)
        sink_.add(node.line, "a key must be a word, not " + shown(node));
      parent.key = std::move(node);
    } else {
      add_entry(parent, std::move(node));
    }
  }

  void add_entry(Open& map, ConfigNode value) {
    const ConfigNode key = std::move(*map.key);
    map.key.reset();
    if (key.kind != ConfigNode::Kind::scalar) return;
    if (const auto earlier = map.keys.find(key.scalar); earlier != map.keys.end()) {
      sink_.add(key.line, fmt::format("the key '{}' stands in line {} already",
                                      path_to_line(key.scalar), earlier->second));
      return;
    }
    map.keys.emplace(key.scalar, key.line);
    map.node.entries.push_back({key.scalar, key.line, std::move(value)});
  }

  /// `<<: *defaults` adds the entries of another map that are not written here.
  void apply_merges(ConfigNode& map) {
    const auto merge = std::find_if(map.entries.begin(), map.entries.end(),
                                    [](const auto& entry) { return entry.key == "<<"; });
    if (merge == map.entries.end()) return;
    const ConfigNode source = std::move(merge->value);
    const int line = merge->line;
    map.entries.erase(merge);
    const auto add_all = [&](const ConfigNode& other) {
      if (other.kind != ConfigNode::Kind::map)
        sink_.add(line, "'<<' takes a map, or a list of maps");
      for (const auto& entry : other.entries)
        if (map.find(entry.key) == nullptr) map.entries.push_back(entry);
    };
    if (source.kind == ConfigNode::Kind::list)
      for (const auto& item : source.items) add_all(item);
    else
      add_all(source);
  }

  const ProblemSink& sink_;
  ConfigNode root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t spent_ = 0;
  int document_line_ = 0;
};

/// The parser's words for people who do not know its grammar.
std::string plain_sentence(const std::string& message) {
  namespace Msg = YAML::ErrorMsg;
  static const std::vector<std::pair<std::string, std::string>> kSentences = {
      {Msg::END_OF_MAP,
       "this line's indentation fits none of the lines above it, or a ':' is missing"},
      {Msg::END_OF_SEQ, "this line's indentation does not fit the list above it"},
      {Msg::END_OF_MAP_FLOW, "'{' without '}', or a ',' is missing"},
      {Msg::END_OF_SEQ_FLOW, "'[' without ']', or a ',' is missing"},
      {Msg::TAB_IN_INDENTATION, "indented with a tab; YAML wants spaces"},
      {Msg::MAP_VALUE, "a ':' where none can stand; put quotes around a text with ': ' in it"},
      {Msg::MAP_KEY, "a key where none can stand"},
      {Msg::BLOCK_ENTRY, "a '- ' where no list item can stand; check the indentation"},
      {Msg::FLOW_END, "']' or '}' without its beginning"},
      {Msg::UNKNOWN_TOKEN, "a text cannot begin with this character; put quotes around it"},
      {Msg::UNKNOWN_ANCHOR, "the alias stands for nothing: no '&' defines it above"}};
  for (const auto& [theirs, ours] : kSentences)
    if (message.starts_with(theirs)) return ours;
  return "not valid YAML: " + message;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t end = 0; !text.empty(); text.remove_prefix(std::min(end + 1, text.size()))) {
    end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
  }
  return lines;
}

bool is_indented_with_tab(std::string_view line) {
  const auto first = line.find_first_not_of(' ');
  return first != std::string_view::npos && line[first] == '\t';
}

/// The parser notices a missing quote only at the end of the file; people look for it where it
/// began, which is most likely the last line with an odd number of quotes.
int line_of_open_quote(const std::vector<std::string_view>& lines) {
  for (const char quote : {'"', '\''})
    for (auto i = lines.size(); i > 0; --i) {
      const auto code = lines[i - 1].substr(0, lines[i - 1].find(" #"));
      if (std::count(code.begin(), code.end(), quote) % 2 == 1) return static_cast<int>(i);
    }
  return static_cast<int>(lines.size());
}

void report_syntax_error(const YAML::Exception& error, std::string_view text,
                         const ProblemSink& sink) {
  const auto lines = lines_of(text);
  const int last = std::max(1, static_cast<int>(lines.size()));
  const int line = error.mark.is_null() ? 1 : std::clamp(error.mark.line + 1, 1, last);
  const auto content =
      lines.empty() ? std::string_view() : lines[static_cast<std::size_t>(line - 1)];
  if (error.msg == YAML::ErrorMsg::EOF_IN_SCALAR || error.msg == YAML::ErrorMsg::DOC_IN_SCALAR)
    sink.add(line_of_open_quote(lines), "a quote without its closing quote");
  else if (is_indented_with_tab(content))
    sink.add(line, "indented with a tab; YAML wants spaces");
  else if (content.find("${") != std::string_view::npos)
    sink.add(line,
             plain_sentence(error.msg) + "; inside { } or [ ], put quotes around \"${NAME}\"");
  else
    sink.add(line, plain_sentence(error.msg));
}

void parse_documents(std::string_view text, const ProblemSink& sink, ConfigNode& tree) {
  // yaml-cpp takes a quoted text that ends with the file for complete, unless a document ends
  // first.
  std::istringstream stream{std::string(text) + (text.ends_with('\n') ? "...\n" : "\n...\n")};
  YAML::Parser parser(stream);
  TreeBuilder builder(sink);
  parser.HandleNextDocument(builder);
  tree = builder.take();
  TreeBuilder second(sink);
  if (sink.count() == 0 && parser.HandleNextDocument(second))
    sink.add(second.document_line(), "a second YAML document; one file holds one configuration");
}

}  // namespace

ConfigNode parse_yaml(std::string_view text, const ProblemSink& sink) {
  ConfigNode tree;
  if (const auto fault = find_text_fault(text)) {
    sink.add(fault->line, fault->message);
    return tree;
  }
  try {
    parse_documents(text, sink, tree);
  } catch (const YAML::Exception& error) {
    report_syntax_error(error, text, sink);
  } catch (const TreeTooLarge& excess) {
    sink.add(excess.line, "the aliases in this file make it grow beyond reason");
  }
  return tree;
}

Result<PipelineSpec> load_config(const std::filesystem::path& file, const ConfigSettings& settings,
                                 std::vector<Problem>& problems) {
  const auto name = path_to_line(file.native());
  const ProblemSink sink(name, problems);
  const auto text = read_small_file(file, kLargestFile);
  if (!text) {
    sink.add(0, text.error().message);
    return fail(text.error().kind, "{} {}", name, text.error().message);
  }
  auto tree = parse_yaml(*text, sink);
  if (sink.count() == 0 && tree.kind == ConfigNode::Kind::null)
    sink.add(0, "is empty; `version: 1` and `stages:` are the least it needs");
  PipelineSpec spec;
  if (sink.count() == 0) spec = read_spec(std::move(tree), file.parent_path(), settings, sink);
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  if (const auto count = sink.count(); count > 0)
    return fail(ErrorKind::invalid_input, "{}: {}", name, counted(count, "problem"));
  spec.file = file.native();
  if (spec.name.empty()) spec.name = path_to_text(file.stem().native());
  return spec;
}

}  // namespace reelmill
