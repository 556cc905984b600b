// SPDX-License-Identifier: Apache-2.0
#include "pipeline/model_findings.h"

#include <algorithm>

#include "base/counted.h"
#include "stages/api/frame_call_stage.h"

namespace reelmill {
namespace {

/// Frames whose reason is told one by one; the others are counted.
constexpr int kToldOneByOne = 5;

/// `frame`: its number in the video, where it is known.
Json frame_json(const FrameAnswer& answer, std::optional<std::int64_t> frame) {
  Json json = Json::object();
  if (frame) json["frame"] = *frame;
  json["time_s"] = answer.time_s;
  if (answer.state != FrameAnswer::State::answered) {
    json["error"] = answer.reason;
    return json;
  }
  Json outputs = Json::object();
  for (const auto& output : answer.output) outputs[output.name] = values_of(output);
  json["outputs"] = std::move(outputs);
  return json;
}

/// Says which frames have no outputs, and why.
class Complaints {
 public:
  Complaints(const std::string& id, Findings& findings) : id_(id), findings_(findings) {}
  void add(const FrameAnswer& answer, std::optional<std::int64_t> frame) {
    if (answer.state == FrameAnswer::State::pending) {
      ++pending_;
      reason_ = answer.reason;
    } else if (++set_aside_ <= kToldOneByOne) {
      findings_.warn(
          fmt::format("{}: not inferred at {:.3f} s: {}", id_, answer.time_s, answer.reason),
          frame);
    }
  }
  void finish() {
    if (set_aside_ > kToldOneByOne)
      findings_.warn(
          fmt::format("{}: {} not inferred", id_,
                      counted(set_aside_ - kToldOneByOne, "more frame was", "more frames were")));
    if (pending_ > 0)
      findings_.warn(fmt::format("{}: {} for the service, the next run asks again: {}", id_,
                                 counted(pending_, "frame waits", "frames wait"), reason_));
  }
  int pending() const { return pending_; }

 private:
  const std::string& id_;
  Findings& findings_;
  int pending_ = 0, set_aside_ = 0;
  std::string reason_;
};

}  // namespace

ModelFindings collect_models(const VideoJob& job, const AnalysisPlan& plan) {
  ModelFindings result;
  if (plan.models.empty() || job.scans.front()->answers == nullptr) return result;
  // Who decodes some frames only has not counted the others.
  const bool has_counted = plan.needs.frames == DecoderNeeds::Frames::all;
  for (std::size_t model = 0; model < plan.models.size(); ++model) {
    const auto& stage = *plan.models[model];
    const bool by_interval = stage.parts().needs.frames == DecoderNeeds::Frames::every_interval;
    Findings& findings = result.findings.emplace_back();
    Complaints complaints(stage.spec->id, findings);
    Json frames = Json::array();
    std::int64_t offset = 0, last_slot = -1;
    for (const auto& scan : job.scans) {
      if (scan->answers == nullptr) continue;
      for (const auto& answer : scan->answers->of(model)) {
        // A segment begins within an interval whose first frame may be in the segment before.
        if (by_interval && answer.slot <= last_slot) continue;
        last_slot = answer.slot;
        const auto frame = has_counted ? std::optional(answer.frame + offset) : std::nullopt;
        if (answer.state != FrameAnswer::State::answered) complaints.add(answer, frame);
        frames.push_back(frame_json(answer, frame));
      }
      offset += scan->frames_observed;
    }
    complaints.finish();
    if (complaints.pending() > 0) result.pending.push_back(&stage);
    Json one = stage.parts().frame_call_stage->description();
    one["frames"] = std::move(frames);
    findings.set("infer", Json{{stage.spec->id, std::move(one)}});
  }
  return result;
}

bool has_unanswered_frames(const Findings& findings) {
  const Json* models = findings.find("infer");
  if (models == nullptr) return false;
  return std::any_of(models->begin(), models->end(), [](const Json& model) {
    const auto frames = model.find("frames");
    if (frames == model.end()) return false;
    return std::any_of(frames->begin(), frames->end(),
                       [](const Json& frame) { return frame.contains("error"); });
  });
}

}  // namespace reelmill
