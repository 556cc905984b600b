// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace reelmill::test {

/// A fenced block of a Markdown file, and the comment on the line before it that says where it
/// comes from: `<!-- samples/guarded_call.cpp -->` or `<!-- output of samples/guarded_call.cpp
/// -->`.
struct DocumentBlock {
  std::string language;
  std::string source;      ///< path from the root of the sources; empty: it says nothing
  bool is_output = false;  ///< what the source prints, instead of a part of its text
  std::string text;        ///< with the newline at its end
  int line = 0;            ///< of the fence, 1 for the first
};

/// Every fenced block of a file, in order.
std::vector<DocumentBlock> blocks_of(const std::filesystem::path& document);

/// Whether `part` stands in `whole` as consecutive whole lines, perhaps further indented there.
bool contains_lines(const std::string& whole, const std::string& part);

}  // namespace reelmill::test
