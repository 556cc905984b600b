// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/duplicate_groups.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace reelmill {
namespace {

// Sets of videos that are joined one by one; the least number stands for a set.
class Joined {
 public:
  explicit Joined(std::size_t videos) : parent_(videos) {
    std::iota(parent_.begin(), parent_.end(), 0U);
  }
  std::uint32_t root(std::uint32_t video) {
    while (parent_[video] != video) video = parent_[video] = parent_[parent_[video]];
    return video;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    const auto x = root(a), y = root(b);
    parent_[std::max(x, y)] = std::min(x, y);
  }

 private:
  std::vector<std::uint32_t> parent_;
};

}  // namespace

std::vector<std::vector<std::uint32_t>> duplicate_groups(
    const std::vector<Match>& matches, const std::vector<double>& durations_s,
    const std::function<bool(std::uint32_t)>& has_pictures, const GroupRules& rules) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> shared_s;
  Joined joined(durations_s.size());
  for (const auto& match : matches) {
    if (match.basis == MatchBasis::bytes) joined.join(match.a, match.b);
    const bool is_sound_all =
        match.basis == MatchBasis::sound && has_pictures(match.a) && has_pictures(match.b);
    if (!is_sound_all) shared_s[{match.a, match.b}] += match.overlap.length_s();
  }
  std::map<std::uint32_t, std::vector<std::uint32_t>> parts;  // of videos: shorter ones
  for (const auto& [pair, seconds] : shared_s) {
    const auto [shorter, longer] = durations_s[pair.first] <= durations_s[pair.second]
                                       ? pair
                                       : std::pair(pair.second, pair.first);
    if (seconds >= rules.least_share * durations_s[longer])
      joined.join(shorter, longer);
    else if (seconds >= rules.least_share * durations_s[shorter])
      parts[longer].push_back(shorter);
  }
  // Of what is put together from several videos, none is the same.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pieces;
  for (const auto& [whole, of_whole] : parts) {
    std::set<std::uint32_t> others;
    for (const auto part : of_whole) others.insert(joined.root(part));
    if (others.size() == 1) pieces.emplace_back(whole, of_whole.front());
  }
  for (const auto& [whole, part] : pieces) joined.join(whole, part);
  std::vector<std::vector<std::uint32_t>> members(durations_s.size()), groups;
  for (std::uint32_t video = 0; video < durations_s.size(); ++video)
    members[joined.root(video)].push_back(video);
  for (auto& group : members)
    if (group.size() > 1) groups.push_back(std::move(group));
  return groups;
}

}  // namespace reelmill
