// SPDX-License-Identifier: Apache-2.0
#include "pipeline/analysis_store.h"

#include <cstring>

#include "base/digest.h"
#include "base/path_text.h"
#include "base/read_file.h"
#include "stages/api/timeline_codec.h"

namespace reelmill {
namespace {

constexpr std::string_view kMagic = "reelmill timeline 1\n";

struct Sizes {
  std::uint64_t head = 0, digest = 0;  ///< bytes and xxh3 of the CBOR that follows
};

Json::binary_t binary(const std::string& bytes) {
  return Json::binary_t(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
}

std::string text_of(const Json& json) {
  const auto& bytes = json.get_binary();
  return {bytes.begin(), bytes.end()};
}

/// Names of files are raw bytes.
Json to_json(const WrittenFile& file) {
  return Json::array({Json(binary(file.file)), file.bytes, file.sha256});
}

WrittenFile written_file(const Json& json) {
  return {text_of(json.at(0)), json.at(1).get<std::uint64_t>(), json.at(2).get<std::string>()};
}

Json to_json(const StageRecord& record) {
  Json artifacts = Json::array();
  for (const auto& artifact : record.artifacts) artifacts.push_back(to_json(artifact));
  return Json{{"hash", record.hash},
              {"own_hash", record.own_hash},
              {"observed", reelmill::to_json(record.observed)},
              {"found", reelmill::to_json(record.found)},
              {"artifacts", std::move(artifacts)},
              {"observer", Json(binary(record.observer))}};
}

StageRecord stage_record(const Json& json) {
  StageRecord record;
  json.at("hash").get_to(record.hash);
  json.at("own_hash").get_to(record.own_hash);
  record.observed = findings_from_json(json.at("observed"));
  record.found = findings_from_json(json.at("found"));
  for (const auto& artifact : json.at("artifacts"))
    record.artifacts.push_back(written_file(artifact));
  record.observer = text_of(json.at("observer"));
  return record;
}

StoredAnalysis from_json(const Json& json) {
  StoredAnalysis analysis;
  json.at("bytes").get_to(analysis.bytes);
  json.at("mtime_ns").get_to(analysis.mtime_ns);
  json.at("source_hash").get_to(analysis.source_hash);
  json.at("needs").get_to(analysis.needs);
  analysis.summary = scan_summary_from_json(json.at("summary"));
  for (const auto& [id, record] : json.at("stages").items())
    analysis.stages.emplace(id, stage_record(record));
  return analysis;
}

tl::unexpected<Error> refused(const std::filesystem::path& file, std::string_view what) {
  return fail(ErrorKind::invalid_input, "read {}: {}", path_to_line(file.native()), what);
}

struct Parts {
  std::string_view head, frames;
};

Result<Parts> parts_of(std::string_view bytes, const std::filesystem::path& file) {
  Sizes sizes;
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + sizeof sizes)
    return refused(file, "it is no timeline of this version");
  bytes.remove_prefix(kMagic.size());
  std::memcpy(&sizes, bytes.data(), sizeof sizes);
  bytes.remove_prefix(sizeof sizes);
  if (sizes.head > bytes.size() || xxh3(bytes.substr(0, sizes.head)) != sizes.digest)
    return refused(file, "it is damaged");
  return Parts{bytes.substr(0, sizes.head), bytes.substr(sizes.head)};
}

}  // namespace

std::string needs_text(const DecoderNeeds& needs) {
  return fmt::format("{} {} {} {}", static_cast<int>(needs.frames), needs.interval.count(),
                     needs.audio, needs.chroma);
}

std::string encode_analysis(const StoredAnalysis& analysis, std::string_view frames) {
  Json stages = Json::object();
  for (const auto& [id, record] : analysis.stages) stages[id] = to_json(record);
  const Json head{{"bytes", analysis.bytes},
                  {"mtime_ns", analysis.mtime_ns},
                  {"source_hash", analysis.source_hash},
                  {"needs", analysis.needs},
                  {"summary", to_json(analysis.summary)},
                  {"stages", std::move(stages)}};
  std::string cbor;
  Json::to_cbor(head, cbor);
  const Sizes sizes{cbor.size(), xxh3(cbor)};
  std::string bytes(kMagic);
  bytes.append(reinterpret_cast<const char*>(&sizes), sizeof sizes);
  bytes += cbor;
  bytes += frames;
  return bytes;
}

Result<StoredAnalysis> read_analysis(const std::filesystem::path& file,
                                     const std::filesystem::path& scratch) {
  REELMILL_ASSIGN(const auto bytes, read_whole_file(file));
  REELMILL_ASSIGN(const auto parts, parts_of(bytes, file));
  StoredAnalysis analysis;
  try {
    analysis = from_json(Json::from_cbor(parts.head));
  } catch (const Json::exception& error) {
    return refused(file, error.what());
  }
  if (parts.frames.empty()) return analysis;
  REELMILL_ASSIGN(analysis.timeline, decode_timeline(parts.frames, scratch));
  return analysis;
}

Result<std::string> stored_frames(const std::filesystem::path& file) {
  REELMILL_ASSIGN(auto bytes, read_whole_file(file));
  REELMILL_ASSIGN(const auto parts, parts_of(bytes, file));
  bytes.erase(0, bytes.size() - parts.frames.size());
  return bytes;
}

}  // namespace reelmill
