// SPDX-License-Identifier: Apache-2.0
#include "pipeline/upload_claims.h"

#include <algorithm>
#include <filesystem>

#include "stages/api/call_stage.h"

namespace reelmill {
namespace {

PendingUpload pending(const StageSpec& stage, const std::string& key, const WrittenFile& written) {
  PendingUpload upload;
  upload.video = key;
  upload.stage = stage.id;
  upload.file = written.file;
  upload.name = written.file;
  upload.content_type = content_type_of(written.file);
  upload.bytes = written.bytes;
  upload.sha256 = written.sha256;
  return upload;
}

/// Ledgers of older versions do not say whose an artifact is: then it is sent, as it was by them.
bool is_wanted(const StageSpec& stage, const WrittenFile& artifact) {
  return artifact.stage.empty() ||
         std::find(stage.from.begin(), stage.from.end(), artifact.stage) != stage.from.end();
}

}  // namespace

std::vector<UploadClaim> make_claims(const PipelineSpec& spec, const std::string& key,
                                     const WrittenFile& results,
                                     const std::vector<WrittenFile>& artifacts) {
  std::vector<UploadClaim> claims;
  for (const auto& stage : spec.stages) {
    const auto& call = stage.configured.parts.call_stage;
    if (call == nullptr) continue;
    UploadClaim claim{stage.id, stage.hash, {}};
    if (call->accepts(CallContent::artifact))
      for (const auto& artifact : artifacts)
        if (is_wanted(stage, artifact)) claim.items.push_back(pending(stage, key, artifact));
    // Results go last: whoever sees them at the service finds the artifacts that they speak of.
    if (call->accepts(CallContent::results)) claim.items.push_back(pending(stage, key, results));
    claims.push_back(std::move(claim));
  }
  return claims;
}

std::string content_type_of(const std::string& file) {
  const auto extension = std::filesystem::path(file).extension().native();
  if (extension == ".json") return "application/json";
  if (extension == ".jpg") return "image/jpeg";
  if (extension == ".vtt") return "text/vtt";
  if (extension == ".csv") return "text/csv";
  return "application/octet-stream";
}

}  // namespace reelmill
