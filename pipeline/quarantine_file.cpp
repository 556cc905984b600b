// SPDX-License-Identifier: Apache-2.0
#include "pipeline/quarantine_file.h"

#include <string>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/path_text.h"

namespace reelmill {

Status write_quarantine_file(const Ledger& ledger, const std::filesystem::path& file) {
  std::string lines;
  REELMILL_TRY(ledger.for_each([&](const Ledger::Entry& entry) {
    if (entry.state != VideoState::quarantined) return;
    const nlohmann::ordered_json line{{"video", path_to_text(entry.key)},
                                      {"path", path_to_text(entry.path)},
                                      {"stage", valid_utf8(entry.reason.stage)},
                                      {"class", valid_utf8(entry.reason.failure_class)},
                                      {"message", valid_utf8(entry.reason.message)}};
    lines += line.dump() + "\n";
  }));
  return write_file_durably(file, lines);
}

}  // namespace reelmill
