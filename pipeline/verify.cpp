// SPDX-License-Identifier: Apache-2.0
#include "pipeline/verify.h"

#include <system_error>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/digest.h"
#include "base/io_error.h"
#include "base/path_text.h"
#include "base/read_file.h"
#include "pipeline/output_paths.h"

namespace reelmill {
namespace fs = std::filesystem;
namespace {

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

class Verifier {
 public:
  Verifier(const Ledger& ledger, fs::path output, VerifyDepth depth)
      : ledger_(ledger), output_(std::move(output)), depth_(depth) {}

  Result<Verification> run() {
    if (depth_ == VerifyDepth::content)
      if (const auto status = ledger_.check_integrity(); !status)
        deviation("{}", status.error().message);
    REELMILL_TRY(ledger_.for_each([&](const Ledger::Entry& entry) { check(entry); }));
    REELMILL_TRY(check_pending());
    for (const char* folder : {"results", "artifacts", "timelines"})
      REELMILL_TRY(look_for_strangers(output_ / folder));
    REELMILL_TRY(look_for_temporaries());
    return std::move(found_);
  }

 private:
  template <class... Args>
  void deviation(fmt::format_string<Args...> format, Args&&... args) {
    found_.deviations.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  void check(const Ledger::Entry& entry) {
    ++found_.videos;
    const auto name = path_to_line(entry.key);
    if (!keys_.insert(results_file(entry.key)).second) deviation("{}: recorded twice", name);
    switch (entry.state) {
      case VideoState::in_flight:
      case VideoState::unfinished:
        check_unfinished(entry, name);
        break;
      case VideoState::uploads_pending:
      case VideoState::done:
        check_results(entry, name);
        break;
      case VideoState::quarantined:
        if (entry.reason.failure_class.empty() || entry.reason.stage.empty())
          deviation("{}: in quarantine without a reason", name);
        if (!entry.results_sha256.empty()) check_results(entry, name);
        break;
    }
  }

  /// What its run left behind will be replaced.
  void check_unfinished(const Ledger::Entry& entry, const std::string& name) {
    known_.insert(results_file(entry.key));
    known_.insert(timeline_file(entry.key));
    unfinished_folders_.insert(artifacts_folder(entry.key));
    if (is_there(entry.path))
      deviation("{}: has not ended ({}); run again to finish it", name, to_string(entry.state));
    else
      found_.notes.push_back(
          fmt::format("{}: has not ended, and {} is gone", name, path_to_line(entry.path)));
  }

  void check_results(const Ledger::Entry& entry, const std::string& name) {
    const auto file = results_file(entry.key);
    known_.insert(file);
    known_.insert(timeline_file(entry.key));
    check_results_file(entry, name, output_ / file);
    for (const auto& artifact : entry.artifacts) {
      known_.insert(artifact.file);
      check_artifact(artifact, name);
    }
  }

  void check_results_file(const Ledger::Entry& entry, const std::string& name,
                          const fs::path& file) {
    const auto text = read_whole_file(file);
    if (!text) return deviation("{}: its results cannot be read: {}", name, text.error().message);
    ++found_.results;
    if (sha256_hex(*text) != entry.results_sha256)
      deviation("{}: its results {} are not those that were recorded", name,
                path_to_line(file.native()));
    const auto json = nlohmann::json::parse(*text, nullptr, false);
    if (!json.is_object() || !json.contains("video") || !json["video"].is_object())
      return deviation("{}: {} is not a results file", name, path_to_line(file.native()));
    if (json["video"].value("path", nlohmann::json()) != path_to_text(entry.key) ||
        json.value("status", nlohmann::json()) != entry.status)
      deviation("{}: {} speaks of another video or status", name, path_to_line(file.native()));
  }

  void check_artifact(const WrittenFile& artifact, const std::string& name) {
    ++found_.artifacts;
    const auto file = output_ / artifact.file;
    std::error_code error;
    const auto bytes = fs::file_size(file, error);
    if (error)
      return deviation("{}: its artifact {} is missing", name, path_to_line(file.native()));
    if (bytes != artifact.bytes)
      return deviation("{}: its artifact {} has {} bytes, not {}", name,
                       path_to_line(file.native()), bytes, artifact.bytes);
    if (depth_ == VerifyDepth::results) return;
    const auto digest = sha256_file(file);
    if (!digest || *digest != artifact.sha256)
      deviation("{}: its artifact {} is not the one that was recorded", name,
                path_to_line(file.native()));
  }

  Status check_pending() {
    constexpr int kAtOnce = 1000;
    for (std::int64_t after = 0;;) {
      REELMILL_ASSIGN(const auto uploads, ledger_.pending_uploads(after, kAtOnce));
      for (const auto& upload : uploads)
        if (!is_there(output_ / upload.file))
          deviation("{}: {} waits to be sent by {} and is missing", path_to_line(upload.video),
                    path_to_line(upload.file), upload.stage);
      if (uploads.empty()) return {};
      after = uploads.back().id;
    }
  }

  bool is_of_unfinished(fs::path file) const {
    while (file.has_parent_path()) {
      file = file.parent_path();
      if (unfinished_folders_.contains(file.native())) return true;
    }
    return false;
  }

  Status look_for_strangers(const fs::path& folder) {
    std::error_code error;
    auto entry = fs::recursive_directory_iterator(folder, error);
    if (error == std::errc::no_such_file_or_directory) return {};
    for (const auto end = fs::recursive_directory_iterator(); !error && entry != end;
         entry.increment(error)) {
      std::error_code ignored;
      if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) continue;
      const auto file = entry->path().lexically_relative(output_);
      if (is_temporary(file))
        deviation("{}: an unfinished file of a run that ended", path_to_line(file.native()));
      else if (!known_.contains(file.native()) && !is_of_unfinished(file))
        deviation("{}: the ledger knows nothing of it", path_to_line(file.native()));
    }
    if (error) return fail(io_error("read folder", folder, error.value()));
    return {};
  }

  Status look_for_temporaries() {
    std::error_code error;
    auto entry = fs::directory_iterator(output_, error);
    for (const auto end = fs::directory_iterator(); !error && entry != end; entry.increment(error))
      if (is_temporary(entry->path()))
        deviation("{}: an unfinished file of a run that ended",
                  path_to_line(entry->path().filename().native()));
    if (error) return fail(io_error("read folder", output_, error.value()));
    return {};
  }

  static bool is_temporary(const fs::path& file) {
    return file.filename().native().starts_with(kTemporaryPrefix);
  }

  const Ledger& ledger_;
  const fs::path output_;
  const VerifyDepth depth_;
  Verification found_;
  std::unordered_set<std::string> keys_, known_, unfinished_folders_;
};

}  // namespace

Result<Verification> verify_output(const Ledger& ledger, const fs::path& output,
                                   VerifyDepth depth) {
  return Verifier(ledger, output, depth).run();
}

}  // namespace reelmill
