// SPDX-License-Identifier: Apache-2.0
#include "pipeline/state_place.h"

#include <string>

#include "base/atomic_file.h"
#include "base/path_text.h"
#include "base/read_file.h"
#include "pipeline/output_paths.h"

namespace reelmill {
namespace {

namespace fs = std::filesystem;

/// One spelling for each folder, whether it is there or not.
fs::path plain(const fs::path& folder) {
  std::error_code error;
  const auto resolved = fs::weakly_canonical(fs::absolute(folder, error), error);
  return absolute_folder(error ? folder : resolved);
}

/// Empty where OUT names none.
fs::path named_in(const fs::path& output) {
  auto text = read_whole_file(output / kStatePlaceFile).value_or("");
  while (text.ends_with('\n')) text.pop_back();
  return text_to_path(text);
}

bool has_ledger(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "ledger.sqlite", error);
}

}  // namespace

Status check_state_place(const fs::path& output, const fs::path& state) {
  const auto wanted = plain(state.empty() ? output : state);
  const auto named = named_in(output);
  if (!named.empty() && plain(named) != wanted)
    return fail(ErrorKind::invalid_input,
                "the ledger of {} is in {}: add --state {} (if it was moved, correct {})",
                path_to_line(output.native()), path_to_line(named.native()),
                path_to_line(named.native()), path_to_line((output / kStatePlaceFile).native()));
  if (named.empty() && wanted != plain(output) && has_ledger(output) && !has_ledger(wanted))
    return fail(
        ErrorKind::invalid_input,
        "{} holds a ledger already: leave --state out, or move its ledger.sqlite to {} first",
        path_to_line(output.native()), path_to_line(wanted.native()));
  return {};
}

Status keep_state_place(const fs::path& output, const fs::path& state) {
  const auto place = plain(state.empty() ? output : state);
  if (place == plain(output) || !named_in(output).empty()) return {};
  return write_file_durably(output / kStatePlaceFile, path_to_text(place.native()) + "\n");
}

}  // namespace reelmill
