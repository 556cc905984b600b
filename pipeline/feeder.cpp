// SPDX-License-Identifier: Apache-2.0
#include "pipeline/feeder.h"

#include <set>

#include "base/counted.h"
#include "base/log.h"
#include "base/path_text.h"
#include "pipeline/output_paths.h"
#include "pipeline/upload_claims.h"

namespace reelmill {
namespace {

/// A run that was killed from outside says little of the videos in flight: only this many such ends
/// alone speak against one.
constexpr int kMaxUnexplainedEnds = 30;

std::vector<std::pair<std::string, std::string>> call_hashes(const PipelineSpec& spec) {
  std::vector<std::pair<std::string, std::string>> hashes;
  for (const auto& stage : spec.stages)
    if (stage.configured.parts.call_stage != nullptr) hashes.emplace_back(stage.id, stage.hash);
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}

bool calls_are_current(const KnownVideo& known, const PipelineSpec& spec) {
  auto had = known.upload_hashes;
  std::sort(had.begin(), had.end());
  for (const auto& wanted : call_hashes(spec))
    if (!std::binary_search(had.begin(), had.end(), wanted)) return false;
  return true;
}

}  // namespace

Decision decide(const VideoFile& file, const std::optional<KnownVideo>& known,
                const PipelineSpec& spec, LastEnd last_end) {
  if (!known || known->bytes != file.bytes || known->mtime_ns != file.mtime_ns)
    return Decision::process;
  switch (known->state) {
    case VideoState::quarantined:
      return Decision::stays_quarantined;
    case VideoState::done:
    case VideoState::uploads_pending:
      if (known->analysis_hash != spec.analysis_hash) return Decision::process;
      if (!calls_are_current(*known, spec) || known->state == VideoState::uploads_pending)
        return Decision::upload;
      return Decision::skip;
    case VideoState::unfinished:
    case VideoState::in_flight:
      break;
  }
  if (known->ran_alone && (last_end == LastEnd::crashed || known->crashes > kMaxUnexplainedEnds))
    return Decision::crashed;
  return known->crashes >= 2 ? Decision::process_alone : Decision::process;
}

Status leave_out_gone(SourceListing& listing, const Ledger& ledger) {
  std::set<std::filesystem::path> done;
  for (const auto& path : listing.gone) {
    REELMILL_ASSIGN(const auto known, ledger.find(path));
    if (known && (known->state == VideoState::done || known->state == VideoState::uploads_pending))
      done.insert(path);
  }
  if (done.empty()) return {};
  std::erase_if(listing.videos, [&](const VideoFile& file) { return done.contains(file.path); });
  listing.notes.push_back(
      counted(done.size(), "file of the list is not there any more; what was made of it stays",
              "files of the list are not there any more; what was made of them stays"));
  return {};
}

Feeder::Feeder(RunContext& context, Admission& admission, StorageRetry& storage, LastEnd last_end,
               Start start)
    : context_(context),
      admission_(admission),
      storage_(storage),
      last_end_(last_end),
      start_(std::move(start)) {}

VideoFile Feeder::Wanted::file() const {
  VideoFile file = *listed;
  if (!key.empty()) file.key = key;
  return file;
}

std::vector<Feeder::Wanted> Feeder::choose(const std::vector<VideoFile>& videos) {
  std::vector<Wanted> wanted;
  for (const auto& listed : videos) {
    if (context_.is_stopping()) break;
    auto known = context_.ledger.find(listed.path);
    if (!known) {
      context_.stop(StopReason::failed, known.error().message);
      break;
    }
    VideoFile file = listed;
    if (*known)
      file.key = (*known)->key;
    else if (context_.ledger.is_key_taken(file.key, file.path))
      file.key = distinct_key(file);
    const auto decision = decide(file, *known, context_.spec, last_end_);
    switch (decision) {
      case Decision::skip:
        context_.counters.skipped += 1;
        break;
      case Decision::stays_quarantined:
        context_.counters.quarantined += 1;
        break;
      case Decision::upload:
        refresh_uploads(file, **known);
        break;
      case Decision::crashed:
        quarantine_crashed(file);
        break;
      case Decision::process:
      case Decision::process_alone:
        if (context_.options.limit > 0 &&
            static_cast<std::int64_t>(wanted.size()) >= context_.options.limit)
          break;
        context_.counters.bytes_found += file.bytes;
        wanted.push_back({&listed, file.key == listed.key ? "" : std::move(file.key), decision});
        break;
    }
  }
  return wanted;
}

void Feeder::run(const std::vector<VideoFile>& videos) {
  auto wanted = choose(videos);
  std::stable_partition(wanted.begin(), wanted.end(),
                        [](const Wanted& one) { return one.decision == Decision::process; });
  for (const auto& one : wanted) {
    const auto company =
        one.decision == Decision::process_alone ? InFlight::alone : InFlight::with_others;
    if (!admit(one.file(), company)) return;
  }
}

bool Feeder::admit(const VideoFile& file, InFlight company) {
  const auto stop = context_.stop_token();
  if (!storage_.wait_while_paused(stop)) return false;
  if (company == InFlight::alone) {
    if (!admission_.wait_until_empty(stop)) return false;
    spdlog::info("{}: runs alone, because earlier runs died while it was in flight",
                 path_to_line(file.key));
  }
  auto lease = admission_.acquire(file.bytes, stop);
  if (!lease) return false;
  auto job = std::make_shared<VideoJob>(file, std::move(*lease));
  context_.plan.source.meter->took_in();
  context_.ledger.mark_in_flight(job->file, company, [this, job](Status status) {
    if (!status) {
      context_.stop(StopReason::failed, status.error().message);
      job->is_released = true;
    }
    start_(job);
  });
  return company != InFlight::alone || admission_.wait_until_empty(stop);
}

void Feeder::refresh_uploads(const VideoFile& file, const KnownVideo& known) {
  context_.counters.skipped += 1;
  if (calls_are_current(known, context_.spec)) return;
  auto entry = context_.ledger.entry(file.path);
  if (!entry || !*entry) return;
  WrittenFile results{results_file(file.key), 0, (*entry)->results_sha256};
  std::error_code ignored;
  results.bytes = std::filesystem::file_size(context_.options.output / results.file, ignored);
  context_.ledger.replace_uploads(
      file.path, make_claims(context_.spec, file.key, results, (*entry)->artifacts),
      [this](Status status) {
        if (!status) context_.stop(StopReason::failed, status.error().message);
      });
}

void Feeder::quarantine_crashed(const VideoFile& file) {
  QuarantineReason reason{
      context_.plan.source.spec->id, "crashed",
      "the process died while this video was in flight, and again while it ran alone"};
  context_.add_failure({file.key, reason.stage, reason.failure_class, reason.message});
  context_.ledger.record_quarantined(file, std::move(reason), [this](Status status) {
    if (!status) context_.stop(StopReason::failed, status.error().message);
    context_.counters.quarantined += 1;
  });
}

}  // namespace reelmill
