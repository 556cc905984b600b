// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/scene_score.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "stages/analyze/shot_list.h"

namespace reelmill {
namespace {

template <class Sample>
std::uint64_t sum_of_row(const std::byte* a, const std::byte* b, int width) {
  const auto* left = reinterpret_cast<const Sample*>(a);
  const auto* right = reinterpret_cast<const Sample*>(b);
  std::uint64_t sum = 0;
  constexpr int kRun = 4096;  // samples whose sum fits 32 bits
  for (int from = 0; from < width; from += kRun) {
    std::uint32_t part = 0;
    for (int x = from; x < std::min(width, from + kRun); ++x)
      part += static_cast<std::uint32_t>(std::abs(int{left[x]} - int{right[x]}));
    sum += part;
  }
  return sum;
}

bool is_comparable(const LumaView& a, const LumaView& b) {
  return a.data != nullptr && b.data != nullptr && a.width == b.width && a.height == b.height &&
         a.bit_depth == b.bit_depth;
}

}  // namespace

std::uint64_t sum_of_differences(const LumaView& a, const LumaView& b) noexcept {
  std::uint64_t sum = 0;
  for (int y = 0; y < a.height; ++y) {
    const auto* left = a.data + y * a.stride;
    const auto* right = b.data + y * b.stride;
    sum += a.bit_depth == 8 ? sum_of_row<std::uint8_t>(left, right, a.width)
                            : sum_of_row<std::uint16_t>(left, right, a.width);
  }
  return sum;
}

void SceneScores::observe(const FrameView& view) {
  Frame frame = view.frame.share();
  const auto luma = frame.luma(), luma_before = before_.luma();
  double score = 0;
  if (is_comparable(luma, luma_before)) {
    const double samples = double{1} * luma.width * luma.height;
    const double difference = static_cast<double>(sum_of_differences(luma_before, luma)) / samples /
                              static_cast<double>(1U << (luma.bit_depth - 8));
    score = std::min(difference, std::abs(difference - difference_before_)) / 100;
    difference_before_ = difference;
  }
  scores_.push_back(static_cast<float>(std::clamp(score, 0.0, 1.0)));
  before_ = std::move(frame);
}

std::string SceneScores::save() const {
  return {reinterpret_cast<const char*>(scores_.data()), scores_.size() * sizeof(float)};
}

std::unique_ptr<SceneScores> SceneScores::restore(std::string_view saved) {
  if (saved.size() % sizeof(float) != 0) return nullptr;
  auto scores = std::make_unique<SceneScores>();
  scores->scores_.resize(saved.size() / sizeof(float));
  if (!saved.empty()) std::memcpy(scores->scores_.data(), saved.data(), saved.size());
  return scores;
}

Result<Findings> SceneShots::process(const VideoRecord& video, ArtifactWriter&) const {
  Findings findings;
  if (video.timeline == nullptr || video.observer == nullptr) return findings;
  const auto& scores = dynamic_cast<const SceneScores&>(*video.observer).scores();
  std::vector<ShotBoundary> boundaries;
  for (std::size_t frame = 1; frame < scores.size(); ++frame)
    if (scores[frame] > static_cast<float>(threshold_))
      boundaries.push_back({static_cast<std::int64_t>(frame), Transition::cut});
  findings.set_shots(shots_between(boundaries, *video.timeline));
  return findings;
}

}  // namespace reelmill
