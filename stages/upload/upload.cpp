// SPDX-License-Identifier: Apache-2.0
// The stage `upload`: publishes results and artifacts to a folder or an HTTP server.
#include <algorithm>

#include "base/fail_point.h"
#include "base/path_text.h"
#include "stages/api/option_check.h"
#include "stages/api/registry.h"
#include "stages/upload/document_upload.h"
#include "stages/upload/file_target.h"
#include "stages/upload/http_target.h"
#include "stages/upload/item_file.h"
#include "stages/upload/packed_upload.h"

namespace reelmill {
namespace {

/// What becomes of the files at the target.
enum class UploadForm { files, tar, documents };

struct UploadOptions {
  std::string to;
  UploadForm as = UploadForm::files;
  std::string index;
  std::vector<std::string> what{"results", "artifacts"};
  std::vector<std::string> headers;
  std::string username, password, ca_file;
};

const OptionTable<UploadOptions>& option_table() {
  static const auto table =
      OptionTable<UploadOptions>()
          .add("to", &UploadOptions::to,
               "where to: `file:DIR` (relative to the output folder), `http://host/prefix` or "
               "`https://host/prefix`, where each file is PUT below the prefix")
          .required()
          .add_choice("as", &UploadOptions::as,
                      "what becomes of them there: `files`, each under its name; `tar`, all files "
                      "of a batch of videos as one tar object (WebDataset), where every request "
                      "costs; `documents`, results only, POSTed in batches to a bulk endpoint of "
                      "Elasticsearch or OpenSearch, whose address `to` is",
                      Choices<UploadForm>{{"files", UploadForm::files},
                                          {"tar", UploadForm::tar},
                                          {"documents", UploadForm::documents}})
          .add("index", &UploadOptions::index,
               "for documents: the index they go to; empty: the one that the address names")
          .add("what", &UploadOptions::what,
               "which files: `results`, `artifacts` (of the stages named under `from`) or both")
          .add("headers", &UploadOptions::headers,
               "further HTTP headers, each `Name: value`, for example `Authorization: Bearer "
               "${TOKEN}`")
          .add("username", &UploadOptions::username, "for HTTP Basic authentication")
          .add("password", &UploadOptions::password,
               "for HTTP Basic authentication; take it from the environment: `${PASSWORD}`")
          .add("ca_file", &UploadOptions::ca_file,
               "PEM file of certificate authorities to trust for https, instead of the system's");
  return table;
}

class UploadStage final : public CallStage {
 public:
  UploadStage(std::unique_ptr<UploadTarget> target, std::vector<CallContent> what)
      : target_(std::move(target)), what_(std::move(what)) {}

  std::vector<Result<CallOutcome>> call(std::span<const CallItem> items,
                                        const CallContext& context) override {
    std::vector<Result<CallOutcome>> outcomes;
    for (const auto& item : items) outcomes.push_back(put(item, context));
    return outcomes;
  }
  bool accepts(CallContent content) const override {
    return std::find(what_.begin(), what_.end(), content) != what_.end();
  }
  bool may_overlap() const override { return target_->may_overlap(); }
  Status prepare() override { return target_->prepare(); }
  std::string target() const override { return target_->name(); }

 private:
  Result<CallOutcome> put(const CallItem& item, const CallContext& context) {
    if (!is_safe_name(item.name))
      return fail(ErrorKind::invalid_input, "upload '{}': not a name below the target",
                  path_to_line(item.name));
    if (fail_point("upload.before_put", item.name))
      return fail(ErrorKind::unavailable, "upload {}: fail point", path_to_line(item.name));
    auto outcome = target_->put(item, context);
    if (fail_point("upload.after_put", item.name))
      return fail(ErrorKind::unavailable, "upload {}: fail point", path_to_line(item.name));
    return outcome;
  }

  const std::unique_ptr<UploadTarget> target_;
  const std::vector<CallContent> what_;
};

// --- configuration: every check adds to the sink, with the line of its option ---

void check_what(const UploadOptions& options, const OptionCheck& check) {
  const std::vector<std::string> known{"results", "artifacts"};
  const auto& what = options.what;
  if (options.as == UploadForm::documents && check.with.find("what") != nullptr &&
      std::find(what.begin(), what.end(), "artifacts") != what.end())
    check.add("what", "artifacts are no documents: write what: [results], or leave it out");
  if (what.empty()) check.add("what", "names nothing to upload; known: results, artifacts");
  for (const auto& word : what) {
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    const auto near = nearest(word, known);
    check.add("what", "'" + word + "' is none of results, artifacts" +
                          (near.empty() ? "" : "; did you mean '" + near + "'?"));
  }
}

/// The folder of `file:DIR`, absolute when the output folder is known.
std::filesystem::path parse_folder(std::string_view text, const StageContext& context,
                                   const OptionCheck& check) {
  if (text.starts_with("//") && !text.starts_with("///")) {
    check.add("to", "'file://' names a host; write file:DIR or file:///DIR");
    return {};
  }
  if (text.starts_with("///")) text.remove_prefix(2);
  const auto folder = std::filesystem::path(text).lexically_normal();
  const auto first = folder.empty() ? folder : *folder.begin();
  if (text.empty() || folder == "." || folder == "./")
    check.add("to", "'file:' needs a folder of its own, for example file:published");
  else if (folder.is_relative() && (first == "results" || first == "artifacts"))
    check.add("to", "the run keeps its own files in '" + first.string() +
                        "'; choose another folder, for example file:published");
  return folder.is_relative() && !context.output_folder.empty()
             ? (std::filesystem::path(context.output_folder) / folder).lexically_normal()
             : folder;
}

std::vector<CallContent> contents(const std::vector<std::string>& what) {
  std::vector<CallContent> contents;
  for (const auto& word : what)
    contents.push_back(word == "results" ? CallContent::results : CallContent::artifact);
  return contents;
}

/// The http address of `to`, with what comes from the environment hidden.
std::optional<HttpTargetOptions> parse_address(const UploadOptions& options,
                                               const OptionCheck& check) {
  auto url = parse_http_url(options.to);
  if (!url) {
    check.add("to", url.error().message);
    return {};
  }
  // Part of it came from the environment, so no part of its path is shown.
  if (check.is_secret("to")) url->shown = url->origin + "/...";
  return HttpTargetOptions{.prefix = *url,
                           .username = options.username,
                           .password = options.password,
                           .headers = parse_header_lines(options.headers, check),
                           .ca_file = options.ca_file};
}

std::unique_ptr<UploadTarget> make_target(const UploadOptions& options, const StageContext& context,
                                          const OptionCheck& check) {
  const bool has_http_options = !options.headers.empty() || !options.username.empty() ||
                                !options.password.empty() || !options.ca_file.empty();
  if (options.to.starts_with("file:")) {
    if (has_http_options)
      check.add("to",
                "headers, username, password and ca_file are for http targets, not for file:");
    auto folder = parse_folder(std::string_view(options.to).substr(5), context, check);
    return std::make_unique<FileTarget>(std::move(folder),
                                        context.output_folder + "\n" + context.id);
  }
  if (!options.to.starts_with("http://") && !options.to.starts_with("https://")) {
    check.add("to",
              "no such kind of target; known: file:DIR, http://host/prefix, https://host/prefix");
    return nullptr;
  }
  auto address = parse_address(options, check);
  if (!address) return nullptr;
  if (address->prefix.has_query || address->prefix.has_fragment)
    check.add("to",
              "a prefix has no '?' or '#'; write them as %3F and %23 where they belong to a name");
  return std::make_unique<HttpTarget>(std::move(*address));
}

std::shared_ptr<CallStage> make_documents(const UploadOptions& options, const OptionCheck& check) {
  if (!options.to.starts_with("http://") && !options.to.starts_with("https://")) {
    check.add("to", "documents go to the address of a bulk endpoint: http://host:9200/_bulk");
    return nullptr;
  }
  auto address = parse_address(options, check);
  if (!address) return nullptr;
  if (address->prefix.has_fragment) check.add("to", "the address of an endpoint has no '#'");
  return std::make_shared<DocumentUpload>(std::move(*address), options.index);
}

std::shared_ptr<CallStage> make_stage(const UploadOptions& options, const StageContext& context,
                                      const OptionCheck& check) {
  if (options.as == UploadForm::documents) return make_documents(options, check);
  if (!options.index.empty()) check.add("index", "is for documents only");
  auto target = make_target(options, context, check);
  if (options.as == UploadForm::tar)
    return std::make_shared<PackedUpload>(std::move(target), contents(options.what));
  return std::make_shared<UploadStage>(std::move(target), contents(options.what));
}

/// What was published stays valid when a password or header changes, so they identify nothing.
std::string canonical(const UploadOptions& options) {
  const auto url = parse_http_url(options.to);
  auto text =
      "to=" + (url ? url->address : options.to) + "\nwhat=" + write_option(options.what) + "\n";
  if (options.as == UploadForm::tar) text += "as=tar\n";
  if (options.as == UploadForm::documents) text += "as=documents\nindex=" + options.index + "\n";
  return text;
}

ConfiguredStage configure(const ConfigNode& with, const StageContext& context,
                          const ProblemSink& sink) {
  const auto problems = sink.count();
  const auto options = option_table().parse(with, sink);
  if (sink.count() != problems) return {};
  const OptionCheck check{with, sink};
  check_what(options, check);
  auto call = make_stage(options, context, check);
  if (sink.count() != problems) return {};
  ConfiguredStage stage;
  stage.parts.call_stage = std::move(call);
  stage.canonical_options = canonical(options);
  return stage;
}

const RegisterStage registered{
    StageDefinition{.name = "upload",
                    .version = 1,
                    .summary = "Upload: results and artifacts go to a folder, an HTTP server or a "
                               "search engine",
                    .kind = StageKind::call,
                    .needs_findings = {},
                    .options = option_table().specs(),
                    .configure = configure}};

}  // namespace
}  // namespace reelmill
