// SPDX-License-Identifier: Apache-2.0
#include "pipeline/results_writer.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "base/digest.h"
#include "base/io_error.h"
#include "base/path_text.h"
#include "pipeline/output_paths.h"

namespace reelmill {
namespace {

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// On disk when this returns; no error where it was not there.
Status remove_file(const std::filesystem::path& file) {
  if (::unlink(file.c_str()) == 0) return sync_folder(file.parent_path());
  if (errno == ENOENT || errno == ENOTDIR) return {};
  return fail(io_error("remove", file, errno));
}

}  // namespace

ResultsWriter::ResultsWriter(DurableFolders& output, std::string key)
    : output_(output), key_(std::move(key)), folder_(artifacts_folder(key_)), batch_(output) {}

Status ResultsWriter::write(std::string_view name, std::span<const std::uint8_t> bytes) {
  if (!is_artifact_name(name))
    return fail(ErrorKind::internal, "write an artifact of {}: '{}' cannot be its name",
                path_to_line(key_), path_to_line(name));
  WrittenFile written{folder_ + "/" + std::string(name), bytes.size(), sha256_hex(as_text(bytes)),
                      stage()};
  const auto file = output_.root() / written.file;
  REELMILL_TRY(add_artifact(std::move(written)));
  return batch_.add(file, as_text(bytes));
}

void ResultsWriter::begin_stage(std::string id) {
  const std::lock_guard lock(mutex_);
  stage_ = std::move(id);
}

std::string ResultsWriter::stage() const {
  const std::lock_guard lock(mutex_);
  return stage_;
}

Status ResultsWriter::add_artifact(WrittenFile artifact) {
  const std::lock_guard lock(mutex_);
  const auto same = std::find_if(artifacts_.begin(), artifacts_.end(),
                                 [&](const auto& each) { return each.file == artifact.file; });
  if (same != artifacts_.end())
    return fail(ErrorKind::internal, "write an artifact of {}: there are two called '{}'",
                path_to_line(key_), path_to_line(artifact.file.substr(folder_.size() + 1)));
  artifacts_.push_back(std::move(artifact));
  return {};
}

Status ResultsWriter::adopt(const WrittenFile& artifact) {
  const auto digest = sha256_file(output_.root() / artifact.file);
  if (!artifact.file.starts_with(folder_ + "/") || !digest || *digest != artifact.sha256)
    return fail(ErrorKind::not_found, "keep an artifact of {}: {} is not as it was written",
                path_to_line(key_), path_to_line(artifact.file));
  batch_.keep(output_.root() / artifact.file);
  return add_artifact(artifact);
}

std::vector<WrittenFile> ResultsWriter::artifacts() const {
  const std::lock_guard lock(mutex_);
  return artifacts_;
}

Result<WrittenVideo> ResultsWriter::commit(const VideoResults& results,
                                           const std::optional<std::string>& stored) {
  const auto text = results_text(results);
  WrittenVideo written;
  written.results = {results_file(key_), text.size(), sha256_hex(text)};
  REELMILL_TRY(batch_.add(output_.root() / written.results.file, text));
  const auto timeline = output_.root() / timeline_file(key_);
  if (stored) REELMILL_TRY(batch_.add(timeline, *stored));
  REELMILL_TRY(batch_.commit());
  REELMILL_TRY(remove_stale());
  if (!stored) REELMILL_TRY(remove_file(timeline));
  written.artifacts = std::move(artifacts_);
  std::sort(written.artifacts.begin(), written.artifacts.end(),
            [](const auto& a, const auto& b) { return a.file < b.file; });
  return written;
}

Status ResultsWriter::remove_stale() const {
  std::set<std::filesystem::path> kept, changed;
  for (const auto& artifact : artifacts_) kept.insert(output_.root() / artifact.file);
  std::error_code error;
  auto entry = std::filesystem::recursive_directory_iterator(output_.root() / folder_, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  for (const auto end = std::filesystem::recursive_directory_iterator(); !error && entry != end;
       entry.increment(error)) {
    std::error_code unknown;
    if (entry->is_directory(unknown) || kept.contains(entry->path())) continue;
    if (::unlink(entry->path().c_str()) != 0 && errno != ENOENT)
      return fail(io_error("remove", entry->path(), errno));
    changed.insert(entry->path().parent_path());
  }
  if (error) return fail(io_error("read folder", output_.root() / folder_, error.value()));
  for (const auto& folder : changed) REELMILL_TRY(sync_folder(folder));
  return {};
}

Status remove_results(const std::filesystem::path& output_folder, std::string_view key) {
  REELMILL_TRY(remove_file(output_folder / timeline_file(key)));
  REELMILL_TRY(remove_file(output_folder / results_file(key)));
  const auto artifacts = output_folder / artifacts_folder(key);
  std::error_code error;
  const auto count = std::filesystem::remove_all(artifacts, error);
  if (error && error != std::errc::not_a_directory)
    return fail(io_error("remove", artifacts, error.value()));
  if (count > 0 && !error) REELMILL_TRY(sync_folder(artifacts.parent_path()));
  return {};
}

}  // namespace reelmill
