// SPDX-License-Identifier: Apache-2.0
#include "pipeline/plan.h"

#include <algorithm>
#include <cmath>

#include "base/cores.h"
#include "base/counted.h"
#include "pipeline/analysis_plan.h"
#include "pipeline/finish_video.h"
#include "pipeline/results_json.h"
#include "pipeline/state_place.h"
#include "pipeline/time_prediction.h"

namespace reelmill {
namespace {

// Measured on the default options: a results file, a thumbnail a shot of 5 s, a tile of a sheet
// every 10 s.
constexpr double kResultsBytes = 4000, kBytesAShot = 250 + 14000, kShot_s = 5, kTileBytes = 3000,
                 kTile_s = 10;

std::uint64_t disk_estimate(double duration_s) {
  const double seconds = std::min(duration_s, kLongestClaim_s);
  return static_cast<std::uint64_t>(kResultsBytes + seconds / kShot_s * kBytesAShot +
                                    seconds / kTile_s * kTileBytes);
}

std::string video_text(const StreamInfo& stream) {
  std::string text = fmt::format("{} {}×{}", stream.codec, stream.width, stream.height);
  if (stream.frame_rate.value() > 0) text += fmt::format(" {:.4g} fps", stream.frame_rate.value());
  if (stream.rotation != 0) text += fmt::format(" turned {}°", stream.rotation);
  return text;
}

std::string audio_text(const StreamInfo& stream) {
  return fmt::format("{} {} Hz {} ch", stream.codec, stream.sample_rate, stream.channels);
}

/// Into how many a run may cut a video where cores would be idle: as VideoFlow and DecodeStage do
/// it, who cut none that is read without all its frames.
int most_pieces(const AnalysisPlan& plan, const PipelineSpec& spec, const RunOptions& options,
                double duration_s) {
  constexpr int kMost = 1024;
  const double length_s = to_seconds(options.segment_length.value_or(spec.limits.segment_length));
  if (!plan.can_split || options.split == SplitMode::never || length_s <= 0 ||
      plan.needs.frames != DecoderNeeds::Frames::all || !(duration_s >= 1.5 * length_s))
    return 1;
  return static_cast<int>(std::min<double>(kMost, std::ceil(duration_s / length_s)));
}

/// `media` in words, as far as the streams are the ones that are decoded.
void describe(PlannedRow& row, const MediaInfo& media, std::optional<int> video_stream,
              std::optional<int> audio_stream) {
  row.container = media.container;
  if (video_stream) row.video = video_text(media.streams[static_cast<std::size_t>(*video_stream)]);
  if (audio_stream) row.audio = audio_text(media.streams[static_cast<std::size_t>(*audio_stream)]);
}

/// Whether no picture needs decoding: then the row tells what was seen when it was decoded.
bool stands_on_stored(PlannedRow& row, const AnalysisPlan& plan, const PipelineSpec& spec,
                      const std::filesystem::path& output) {
  const auto standing = standing_analysis(row.file, plan, spec, output);
  if (!standing) return false;
  const auto& summary = standing->stored.summary;
  describe(row, summary.media, summary.video_stream, summary.audio_stream);
  row.decoding = standing->rerun == Rerun::with_sound ? Decoding::sound : Decoding::none;
  row.duration_s = duration_of(summary.measured_s, summary.media).value_or(0);
  row.work_s = predicted_rerun_s(standing->stored.timeline ? standing->stored.timeline->size() : 0,
                                 row.decoding == Decoding::sound ? summary.sound_end_s : 0);
  return true;
}

void look(PlannedRow& row, const AnalysisPlan& plan, double segment_length_s) {
  auto planned = plan.frame_source->plan(
      {row.file, plan.needs, segment_length_s, false, std::make_shared<ReadControl>()});
  if (!planned) {
    row.failure = planned.error().failure_class + ": " + planned.error().error.message;
    return;
  }
  const auto& video = planned->plan;
  describe(row, video.media, video.video_stream, video.audio_stream);
  row.duration_s = video.duration_s;
  row.segments = static_cast<int>(video.segments.size());
  row.reading = video.reading;
  row.why_in_full = video.why_in_full;
  row.work_s = predicted_work_s(video);
  row.disk_bytes = disk_estimate(video.duration_s);
}

}  // namespace

std::string_view to_string(Decision decision) noexcept {
  switch (decision) {
    case Decision::skip:
      return "done already";
    case Decision::stays_quarantined:
      return "in quarantine";
    case Decision::upload:
      return "upload only";
    case Decision::process:
      return "process";
    case Decision::process_alone:
      return "process alone";
    case Decision::crashed:
      return "quarantine: crashed";
  }
  return "process";
}

Result<PlanSummary> plan_run(const PipelineSpec& spec, const RunOptions& options,
                             const std::function<void(const PlannedRow&)>& row) {
  SourceOptions source = options.source;
  source.include.insert(source.include.end(), spec.include.begin(), spec.include.end());
  source.exclude.insert(source.exclude.end(), spec.exclude.begin(), spec.exclude.end());
  source.output = options.output;
  REELMILL_TRY(check_state_place(options.output, options.state));
  REELMILL_ASSIGN(auto listing, list_videos(source));
  std::unique_ptr<Ledger> ledger;
  if (auto opened = Ledger::open_read_only(options.state.empty() ? options.output : options.state))
    ledger = std::move(*opened);
  if (ledger != nullptr) REELMILL_TRY(leave_out_gone(listing, *ledger));
  const AnalysisPlan plan(spec);
  const double segment_length_s =
      options.split == SplitMode::always
          ? to_seconds(options.segment_length.value_or(spec.limits.segment_length))
          : 0;
  PlanSummary summary;
  summary.cores = options.workers > 0 ? std::min(options.workers, usable_cores()) : usable_cores();
  std::vector<VideoWork> work;
  std::int64_t without_length = 0;
  summary.notes = listing.notes;
  if (auto note = plan.note(); !note.empty()) summary.notes.push_back(std::move(note));
  std::error_code error;
  std::filesystem::path existing = options.output;
  while (!existing.empty() && !std::filesystem::exists(existing, error) &&
         existing != existing.parent_path())
    existing = existing.parent_path();
  summary.disk_free = std::filesystem::space(existing.empty() ? "." : existing, error).available;
  for (const auto& file : listing.videos) {
    PlannedRow planned;
    planned.file = file;
    std::optional<KnownVideo> known;
    if (ledger != nullptr) {
      REELMILL_ASSIGN(known, ledger->find(file.path));
    }
    planned.decision = decide(file, known, spec, LastEnd::stopped);
    const bool is_work =
        planned.decision == Decision::process || planned.decision == Decision::process_alone;
    ++summary.found;
    if (is_work && options.limit > 0 && summary.to_process + summary.failing >= options.limit) {
      ++summary.beyond_limit;
      continue;
    }
    if (is_work && !stands_on_stored(planned, plan, spec, options.output))
      look(planned, plan, segment_length_s);
    ++(!is_work ? summary.to_skip : planned.failure.empty() ? summary.to_process : summary.failing);
    if (is_work && planned.failure.empty()) {
      summary.media_s += std::min(planned.duration_s, kLongestClaim_s);
      summary.work_s += planned.work_s;
      if (planned.duration_s <= 0 && !planned.video.empty()) ++without_length;
      work.push_back({planned.work_s, planned.decoding == Decoding::all
                                          ? most_pieces(plan, spec, options, planned.duration_s)
                                          : 1});
      summary.input_bytes += file.bytes;
      summary.disk_bytes += planned.disk_bytes;
    }
    row(planned);
  }
  if (without_length > 0)
    summary.notes.push_back(counted(without_length, "video does not say how long it is, and is",
                                    "videos do not say how long they are, and are") +
                            " left out of the time");
  summary.wall_s = predicted_wall_s(work, summary.cores);
  return summary;
}

}  // namespace reelmill
