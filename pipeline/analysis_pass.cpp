// SPDX-License-Identifier: Apache-2.0
#include "pipeline/analysis_pass.h"

#include <algorithm>
#include <chrono>

namespace reelmill {
namespace {

/// Runs `work` and charges the time to the stage.
template <class F>
auto metered(const RunStage& stage, F&& work) {
  const auto begin = std::chrono::steady_clock::now();
  auto result = work();
  stage.meter->put_out(std::chrono::steady_clock::now() - begin);
  return result;
}

/// What an observer has to say. A stage that goes on to work on the whole video counts it there.
template <class F>
Findings finish_observer(const RunStage& stage, F&& finish) {
  if (stage.parts().video_stage != nullptr) {
    const auto begin = std::chrono::steady_clock::now();
    auto findings = finish();
    stage.meter->worked(std::chrono::steady_clock::now() - begin);
    return findings;
  }
  stage.meter->took_in();
  return metered(stage, finish);
}

/// The stage's own one of the observers, in the order of `stages`; nullptr if it has none.
template <class Observer>
Observer* own(const std::vector<const RunStage*>& stages,
              const std::vector<std::unique_ptr<Observer>>& observers, const RunStage& stage) {
  for (std::size_t i = 0; i < stages.size() && i < observers.size(); ++i)
    if (stages[i] == &stage) return observers[i].get();
  return nullptr;
}

const StageRecord* find(const StageRecords& records, const RunStage& stage) {
  const auto found = records.find(stage.spec->id);
  return found == records.end() ? nullptr : &found->second;
}

bool is_current(const StageRecord* record, const RunStage& stage) {
  return record != nullptr && record->hash == stage.spec->hash;
}

/// The observer saw what it would see now, though something else that its stage stands on changed.
bool has_current_observer(const StageRecord* record, const RunStage& stage) {
  return record != nullptr && record->own_hash == stage.spec->own_hash;
}

bool can_restore(const StageRecord* record, const RunStage& stage) {
  const auto& restore = stage.parts().restore_frame_observer;
  return has_current_observer(record, stage) && !record->observer.empty() && restore &&
         restore(record->observer);
}

std::optional<Rerun> rerun_of(const StageRecord* record, const RunStage& stage,
                              const StoredAnalysis& stored) {
  const auto& parts = stage.parts();
  const auto& scan = stored.summary;
  if (is_current(record, stage)) return Rerun::as_stored;
  if (parts.frame_call_stage) return {};
  if (parts.make_frame_observer && !can_restore(record, stage)) return {};
  if (parts.detector != nullptr && scan.video_stream && !stored.timeline) return {};
  if (!parts.make_audio_observer || !scan.audio_stream) return Rerun::as_stored;
  return scan.sound_origin_s ? std::optional(Rerun::with_sound) : std::nullopt;
}

}  // namespace

bool AnalysisPass::stands(const RunStage& stage) const {
  return is_current(find(standing_, stage), stage);
}

StageRecord& AnalysisPass::record_of(const RunStage& stage) {
  const auto [place, is_new] = records_.try_emplace(stage.spec->id);
  StageRecord& record = place->second;
  if (!is_new) return record;
  const auto* standing = find(standing_, stage);
  if (is_current(standing, stage)) return record = *standing;
  if (has_current_observer(standing, stage)) {
    record.observed = standing->observed;
    record.observer = standing->observer;
  }
  record.hash = stage.spec->hash;
  record.own_hash = stage.spec->own_hash;
  return record;
}

Status AnalysisPass::run(WholeVideo& video) {
  collect_observers(video);
  collect_models(video);
  REELMILL_TRY(run_detectors(video));
  return run_video_stages(video);
}

void AnalysisPass::collect_observers(WholeVideo& video) {
  for (std::size_t i = 0; i < plan_.frame_observers.size(); ++i) {
    const auto& stage = *plan_.frame_observers[i];
    StageRecord& record = record_of(stage);
    const bool was_scanned = i < video.frame_observers.size() && video.frame_observers[i];
    if (was_scanned && !has_current_observer(find(standing_, stage), stage)) {
      record.observed = finish_observer(stage, [&] { return video.frame_observers[i]->finish(); });
      record.observer = video.frame_observers[i]->save();
    }
    findings_.merge(record.observed);
  }
  for (std::size_t i = 0; i < plan_.audio_observers.size(); ++i) {
    const auto& stage = *plan_.audio_observers[i];
    StageRecord& record = record_of(stage);
    if (i < video.audio_observers.size() && video.audio_observers[i] && !stands(stage))
      record.observed = finish_observer(
          stage, [&] { return video.audio_observers[i]->finish(video.summary.sound_end_s); });
    findings_.merge(record.observed);
  }
}

void AnalysisPass::collect_models(WholeVideo& video) {
  Json all = Json::object();
  for (std::size_t i = 0; i < plan_.models.size(); ++i) {
    StageRecord& record = record_of(*plan_.models[i]);
    if (i < video.models.size()) record.observed = std::move(video.models[i]);
    findings_.merge(record.observed);
    if (const Json* said = record.observed.find("infer")) all.update(*said);
  }
  if (!all.empty()) findings_.set("infer", std::move(all));
}

Status AnalysisPass::run_detectors(const WholeVideo& video) {
  for (const auto* stage : plan_.detectors) {
    StageRecord& record = record_of(*stage);
    if (!stands(*stage) && video.timeline != nullptr) {
      stage->meter->took_in();
      REELMILL_ASSIGN(record.found, metered(*stage, [&] {
                        return stage->parts().detector->detect(*video.timeline);
                      }));
    }
    findings_.merge(record.found);
  }
  return {};
}

Status AnalysisPass::run_video_stages(const WholeVideo& video) {
  for (const auto* stage : plan_.video_stages) {
    if (stands(*stage)) {
      StageRecord& record = record_of(*stage);
      for (auto artifact : record.artifacts) {
        artifact.stage = stage->spec->id;
        REELMILL_TRY(files_.adopt(artifact));
      }
      findings_.merge(record.found);
      continue;
    }
    REELMILL_TRY(run_video_stage(*stage, video));
  }
  return {};
}

Status AnalysisPass::run_video_stage(const RunStage& stage, const WholeVideo& video) {
  StageRecord& record = record_of(stage);
  stage.meter->took_in();
  const auto before = files_.artifacts().size();
  files_.begin_stage(stage.spec->id);
  auto* observer = own(plan_.frame_observers, video.frame_observers, stage);
  const VideoRecord whole{video.file,
                          video.summary.media,
                          video.timeline,
                          findings_,
                          observer,
                          video.summary.rotation(),
                          video.summary.measured_s.value_or(0),
                          video.frame_at,
                          own(plan_.audio_observers, video.audio_observers, stage)};
  REELMILL_ASSIGN(record.found, metered(stage, [&] {
                    return stage.parts().video_stage->process(whole, files_);
                  }));
  if (observer != nullptr) record.observer = observer->save();  // it may have learnt of more
  const auto all = files_.artifacts();
  record.artifacts.assign(all.begin() + static_cast<std::ptrdiff_t>(before), all.end());
  findings_.merge(record.found);
  return {};
}

std::optional<Rerun> rerun_of(const StoredAnalysis& stored, const AnalysisPlan& plan) {
  if (stored.source_hash != plan.source.spec->hash || stored.needs != needs_text(plan.needs))
    return {};
  auto all = Rerun::as_stored;
  for (const auto& stage : plan.stages) {
    if (stage.parts().call_stage != nullptr) continue;
    const auto needed = rerun_of(find(stored.stages, stage), stage, stored);
    if (!needed) return {};
    all = std::max(all, *needed);
  }
  return all;
}

SoundAlone sound_alone(const StoredAnalysis& stored, const AnalysisPlan& plan) {
  SoundAlone sound{stored.summary.sound_origin_s.value_or(0), {}};
  for (const auto* stage : plan.audio_observers)
    sound.is_wanted.push_back(!is_current(find(stored.stages, *stage), *stage));
  return sound;
}

std::vector<std::unique_ptr<FrameObserver>> restored_observers(const StoredAnalysis& stored,
                                                               const AnalysisPlan& plan) {
  std::vector<std::unique_ptr<FrameObserver>> observers;
  for (const auto* stage : plan.frame_observers) {
    const auto* record = find(stored.stages, *stage);
    const auto& restore = stage->parts().restore_frame_observer;
    observers.push_back(is_current(record, *stage) || !restore ? nullptr
                                                               : restore(record->observer));
  }
  return observers;
}

}  // namespace reelmill
