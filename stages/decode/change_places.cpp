// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/change_places.h"

#include <algorithm>
#include <array>

#include "media/picture_change.h"

namespace reelmill {
namespace {

/// Chosen on films of the set `tune`, seeds 1 and 2 (benchmarks/shots). A sudden change is so much
/// larger than the packets of its kind around it, and costs such a share of a picture; a gradual
/// one costs so many pictures more than other frames of the group.
struct Threshold {
  double sudden_ratio, sudden_share, gradual_pictures;
};
constexpr Threshold kWithChange{2, 0.2, 1}, kWithoutChange{2.5, 0.4, 1.5};
constexpr std::size_t kNeighbours = 12;                            // on each side
constexpr std::array<std::size_t, 4> kStretches = {3, 6, 12, 25};  // frames

/// Boosted frames: more than so many others nearby (fewer where fewer are there) are nearly as
/// large, and a stretch with one of them stands out by less than such a share of the group.
constexpr std::size_t kNearby = 36, kMostPeers = 3;
constexpr double kPeer = 0.7, kLeastShareOfGroup = 0.03;

/// A little less than what cuts and dissolves take (stages/analyze/hard_cuts.cpp, gradual.cpp), so
/// that none of them is overlooked.
constexpr float kTolerance = 4;  // levels
constexpr float kMostCorrelation = 0.85F, kLeastChanged = 0.3F, kLeastChangedOfAll = 0.12F;
constexpr float kBlankShare = 0.9F;                  // of pixels
constexpr float kEven = 8, kDim = 64, kLight = 190;  // levels: deviation, mean

/// Packets that later ones refer to: those shown after all before them.
std::vector<PacketFact> anchors_of(const std::vector<PacketFact>& packets) {
  std::vector<PacketFact> anchors;
  std::int64_t latest = packets.front().pts;
  for (std::size_t i = 1; i < packets.size(); ++i) {
    if (packets[i].pts <= latest) continue;
    latest = packets[i].pts;
    anchors.push_back(packets[i]);
  }
  return anchors;
}

/// Sizes of at most `reach` packets on either side of one.
std::vector<double> sizes_around(const std::vector<PacketFact>& packets, std::size_t place,
                                 std::size_t reach) {
  std::vector<double> sizes;
  const auto from = place < reach ? 0 : place - reach;
  const auto to = std::min(place + reach + 1, packets.size());
  for (auto i = from; i < to; ++i)
    if (i != place) sizes.push_back(static_cast<double>(packets[i].bytes));
  return sizes;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

bool has_peers(const std::vector<PacketFact>& anchors, std::size_t place) {
  const auto near = sizes_around(anchors, place, kNearby);
  const double least = kPeer * static_cast<double>(anchors[place].bytes);
  const auto peers = std::count_if(near.begin(), near.end(), [&](double s) { return s >= least; });
  return static_cast<std::size_t>(peers) * 2 * kNearby > kMostPeers * near.size();
}

void add_sudden(const PacketGroup& group, const Threshold& threshold,
                std::vector<ChangePlace>& places) {
  const auto anchors = anchors_of(group.packets);
  const double least = threshold.sudden_share * static_cast<double>(group.picture_bytes());
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    const auto bytes = static_cast<double>(anchors[i].bytes);
    if (bytes < least) continue;
    if (bytes < threshold.sudden_ratio * median(sizes_around(anchors, i, kNeighbours))) continue;
    if (group.has_boosted_frames && has_peers(anchors, i)) continue;
    places.push_back({anchors[i].pts, anchors[i].pts, true});
  }
}

void add_gradual(const PacketGroup& group, const Threshold& threshold,
                 std::vector<ChangePlace>& places) {
  std::vector<PacketFact> packets(group.packets.begin() + 1, group.packets.end());
  std::sort(packets.begin(), packets.end(),
            [](const auto& a, const auto& b) { return a.pts < b.pts; });
  std::vector<double> sums = {0};
  for (const auto& packet : packets)
    sums.push_back(sums.back() + static_cast<double>(packet.bytes));
  const double mean = sums.back() / static_cast<double>(std::max<std::size_t>(packets.size(), 1));
  double least = threshold.gradual_pictures * static_cast<double>(group.picture_bytes());
  if (group.has_boosted_frames) least = std::max(least, kLeastShareOfGroup * sums.back());
  for (const auto length : kStretches)
    for (std::size_t i = 0; i + length < sums.size(); ++i)
      if (sums[i + length] - sums[i] - mean * static_cast<double>(length) >= least)
        places.push_back({packets[i].pts, packets[i + length - 1].pts, false});
}

}  // namespace

std::int64_t PacketGroup::picture_bytes() const noexcept {
  const auto own = packets.front().bytes;
  if (next_key_bytes == 0) return own;
  return is_beside_blank ? std::max(own, next_key_bytes) : std::min(own, next_key_bytes);
}

std::vector<ChangePlace> find_change_places(const PacketGroup& group, Expectation expectation) {
  const auto& threshold = expectation == Expectation::change ? kWithChange : kWithoutChange;
  std::vector<ChangePlace> places;
  add_sudden(group, threshold, places);
  add_gradual(group, threshold, places);
  return places;
}

bool is_other_picture(const FrameFeatures& a, const FrameFeatures& b) noexcept {
  const auto likeness = picture_likeness(a, b, kTolerance);
  return likeness.correlation <= kMostCorrelation && likeness.changed_share >= kLeastChanged &&
         likeness.changed_share * likeness.active_share >= kLeastChangedOfAll;
}

float content_correlation(const FrameFeatures& a, const FrameFeatures& b) noexcept {
  return picture_likeness(a, b, kTolerance).correlation;
}

bool is_nearly_blank(const FrameFeatures& features) noexcept {
  return features.black_share >= kBlankShare || features.bright_share >= kBlankShare ||
         (features.deviation <= kEven && (features.mean <= kDim || features.mean >= kLight));
}

}  // namespace reelmill
