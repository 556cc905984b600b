// SPDX-License-Identifier: Apache-2.0
#include "pipeline/config_values.h"

#include <cstdlib>

#include "base/path_text.h"
#include "pipeline/config_file.h"

namespace reelmill {
namespace {

constexpr std::size_t kLongestSecret = 64 << 10;
constexpr std::string_view kFilePrefix = "file:";

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  if (text.empty() || !is_letter(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

class Filler {
 public:
  Filler(const Environment& environment, const std::filesystem::path& folder)
      : environment_(environment), folder_(folder) {}

  void fill(ConfigNode& node, const ProblemSink& sink) const {
    if (node.kind == ConfigNode::Kind::scalar) fill_scalar(node, sink);
    for (std::size_t i = 0; i < node.items.size(); ++i) fill(node.items[i], sink.at(i));
    for (auto& entry : node.entries) fill(entry.value, sink.at(entry.key));
  }

 private:
  void fill_scalar(ConfigNode& node, const ProblemSink& sink) const {
    const std::string text = std::move(node.scalar);
    std::string_view rest = text;
    node.scalar.clear();
    while (!rest.empty()) {
      const auto start = rest.find("${");
      if (start == std::string_view::npos) break;
      if (start > 0 && rest[start - 1] == '$') {  // $${ is an escaped ${
        node.scalar += rest.substr(0, start - 1);
        node.scalar += "${";
        rest.remove_prefix(start + 2);
        continue;
      }
      node.scalar += rest.substr(0, start);
      rest.remove_prefix(start + 2);
      const auto end = rest.find('}');
      if (end == std::string_view::npos) {
        sink.add(node.line, "'${' without '}'; write '$${' for a plain '${'");
        rest = {};
        break;
      }
      const bool is_whole = start == 0 && node.scalar.empty() && end + 1 == rest.size();
      node.scalar += value_of(rest.substr(0, end), is_whole, node.line, sink);
      node.is_secret = true;
      node.is_quoted = false;  // "${WIDTH}" needs its quotes inside { }, and may still be a number
      rest.remove_prefix(end + 1);
    }
    node.scalar += rest;
  }

  std::string value_of(std::string_view name, bool is_whole, int line,
                       const ProblemSink& sink) const {
    if (name.starts_with(kFilePrefix)) {
      if (is_whole) return content_of(name.substr(kFilePrefix.size()), line, sink);
      sink.add(line, fmt::format("'${{{}}}' must be the whole value", path_to_line(name)));
      return {};
    }
    if (!is_name(name)) {
      sink.add(line, fmt::format("'${{{}}}' names no environment variable: letters, digits and _ "
                                 "are allowed; write '$${{' for a plain '${{'",
                                 path_to_line(name)));
      return {};
    }
    auto value = environment_(std::string(name));
    if (!value) sink.add(line, fmt::format("environment variable {} is not set", name));
    return std::move(value).value_or("");
  }

  std::string content_of(std::string_view file, int line, const ProblemSink& sink) const {
    auto content = read_small_file(folder_ / file, kLongestSecret);
    if (!content) {
      sink.add(line, fmt::format("secret file {} {}", path_to_line(file), content.error().message));
      return {};
    }
    if (content->ends_with('\n')) content->pop_back();
    if (content->ends_with('\r')) content->pop_back();
    return std::move(*content);
  }

  const Environment& environment_;
  const std::filesystem::path& folder_;
};

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

void fill_in_values(ConfigNode& tree, const Environment& environment,
                    const std::filesystem::path& folder, const ProblemSink& sink) {
  Filler(environment, folder).fill(tree, sink);
}

}  // namespace reelmill
