// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/shot_candidates.h"

#include <algorithm>
#include <utility>

#include "media/image_encoder.h"
#include "stages/analyze/frame_score.h"
#include "stages/analyze/picture_size.h"

namespace reelmill {
namespace {

constexpr float kGreatDifference = 20;     // levels between neighbouring pictures
constexpr std::int64_t kShortestShot = 8;  // frames
constexpr int kTallest = 16384;

bool ends_shot(const FrameFeatures& before, const FrameFeatures& after) {
  return is_blank(before) != is_blank(after) ||
         picture_difference(before, after) > kGreatDifference;
}

bool is_better(const ShotCandidate& a, const ShotCandidate& b) {
  return a.score > b.score || (a.score == b.score && a.frame < b.frame);
}

}  // namespace

void ShotCandidates::observe(const FrameView& view) {
  if (frames_seen_ == 0) {
    first_ = view.features;
  } else if (ends_shot(last_, view.features)) {
    close_open_shot();
  }
  const double score = frame_score(view.features, view.frame.is_corrupt());
  if (open_frames_ == 0 || score > open_best_.score) {
    open_best_ = {frames_seen_, view.pts, score, {}};
    open_frame_ = view.frame.share();
  }
  rotation_ = view.rotation;
  last_ = view.features;
  ++open_frames_;
  ++frames_seen_;
}

ShotCandidate ShotCandidates::picture_of_best() const {
  ShotCandidate candidate = open_best_;
  const auto size = fitted_size(shown_size(open_frame_), rotation_, {options_.width, kTallest});
  if (const auto picture = open_frame_.scaled(size.width, size.height, rotation_))
    if (auto jpeg = encode_jpeg(*picture, options_.quality)) candidate.jpeg = std::move(*jpeg);
  return candidate;
}

void ShotCandidates::close_open_shot() {
  if (open_frames_ == 0) return;
  ProvisionalShot shot{open_frames_, std::nullopt};
  // How long the first shot is, only the segment before knows.
  if (open_frames_ >= kShortestShot || !head_) shot.best = picture_of_best();
  if (!head_)
    head_ = std::move(shot);
  else
    keep(std::move(shot));
  open_frame_ = Frame();
  open_frames_ = 0;
}

void ShotCandidates::end_of_scan() {
  if (open_frames_ == 0) return;
  ProvisionalShot shot{open_frames_, picture_of_best()};
  (head_ ? tail_ : head_) = std::move(shot);
  open_frame_ = Frame();
  open_frames_ = 0;
}

void ShotCandidates::keep(ProvisionalShot shot) {
  if (shot.frames < kShortestShot || !shot.best || shot.best->jpeg.empty()) return;
  kept_.push_back(std::move(*shot.best));
  thin_out();
}

void ShotCandidates::thin_out() {
  const auto slot_of = [&](const ShotCandidate& candidate) { return candidate.pts >> slot_bits_; };
  const auto leave_one_a_slot = [&] {
    std::stable_sort(kept_.begin(), kept_.end(), [&](const auto& a, const auto& b) {
      return slot_of(a) != slot_of(b) ? slot_of(a) < slot_of(b) : is_better(a, b);
    });
    kept_.erase(std::unique(kept_.begin(), kept_.end(),
                            [&](const auto& a, const auto& b) { return slot_of(a) == slot_of(b); }),
                kept_.end());
  };
  constexpr int kAllBits = 62;
  if (slot_bits_ > 0) leave_one_a_slot();
  while (static_cast<int>(kept_.size()) > options_.most_kept && slot_bits_ < kAllBits) {
    ++slot_bits_;
    leave_one_a_slot();
  }
}

void ShotCandidates::merge(FrameObserver& next_observer, std::int64_t frame_offset) {
  auto& next = dynamic_cast<ShotCandidates&>(next_observer);
  if (!next.head_) return;  // it saw nothing
  const auto place = [&](ShotCandidate& candidate) { candidate.frame += frame_offset; };
  for (auto* shot : {&next.head_, &next.tail_})
    if (*shot && (*shot)->best) place(*(*shot)->best);
  for (auto& candidate : next.kept_) place(candidate);

  const bool is_first = !head_;
  if (is_first) first_ = next.first_;
  const bool is_one_shot = !is_first && !ends_shot(last_, next.first_);
  last_ = next.last_;
  frames_seen_ += next.frames_seen_;
  slot_bits_ = std::max(slot_bits_, next.slot_bits_);

  auto& ours = tail_ ? tail_ : head_;  // the shot at the seam
  if (is_first) {
    head_ = std::move(next.head_);
  } else if (is_one_shot) {
    ours->frames += next.head_->frames;
    if (next.head_->best && (!ours->best || is_better(*next.head_->best, *ours->best)))
      ours->best = std::move(next.head_->best);
  } else {
    if (tail_) keep(*std::exchange(tail_, std::nullopt));
    tail_ = std::move(next.head_);
  }
  std::move(next.kept_.begin(), next.kept_.end(), std::back_inserter(kept_));
  if (next.tail_) {
    // What was the last shot is closed now, unless it is the first one, too.
    if (tail_) keep(*std::exchange(tail_, std::nullopt));
    tail_ = std::move(next.tail_);
  }
  thin_out();
}

std::string ShotCandidates::save() const {
  const auto as_json = [](const ShotCandidate& candidate) {
    return Json::array(
        {candidate.frame, candidate.pts, candidate.score, Json::binary_t(candidate.jpeg)});
  };
  Json kept = Json::array(), decoded = Json::array();
  for (const auto* candidate : this->list()) kept.push_back(as_json(*candidate));
  for (const auto& candidate : remembered_) decoded.push_back(as_json(candidate));
  std::string saved;
  Json::to_cbor(Json::array({std::move(kept), std::move(decoded)}), saved);
  return saved;
}

void ShotCandidates::remember(ShotCandidate decoded) {
  if (static_cast<int>(remembered_.size()) < options_.most_kept &&
      remembered(decoded.frame) == nullptr)
    remembered_.push_back(std::move(decoded));
}

const ShotCandidate* ShotCandidates::remembered(std::int64_t frame) const {
  const auto found = std::find_if(remembered_.begin(), remembered_.end(),
                                  [&](const auto& each) { return each.frame == frame; });
  return found == remembered_.end() ? nullptr : &*found;
}

std::unique_ptr<ShotCandidates> ShotCandidates::restore(std::string_view saved,
                                                        const CandidateOptions& options) {
  auto restored = std::make_unique<ShotCandidates>(options);
  try {
    const auto lists = Json::from_cbor(saved);
    const auto read = [](const Json& list, std::vector<ShotCandidate>& candidates) {
      for (const auto& one : list)
        candidates.push_back({one.at(0).get<std::int64_t>(), one.at(1).get<std::int64_t>(),
                              one.at(2).get<double>(), one.at(3).get_binary()});
    };
    read(lists.at(0), restored->kept_);
    read(lists.at(1), restored->remembered_);
  } catch (const Json::exception&) {
    return nullptr;
  }
  return restored;
}

std::vector<const ShotCandidate*> ShotCandidates::list() const {
  std::vector<const ShotCandidate*> candidates;
  for (const auto& candidate : kept_) candidates.push_back(&candidate);
  for (const auto* shot : {&head_, &tail_})
    if (*shot && (*shot)->frames >= kShortestShot && (*shot)->best && !(*shot)->best->jpeg.empty())
      candidates.push_back(&*(*shot)->best);
  std::sort(candidates.begin(), candidates.end(),
            [](const auto* a, const auto* b) { return a->frame < b->frame; });
  return candidates;
}

}  // namespace reelmill
