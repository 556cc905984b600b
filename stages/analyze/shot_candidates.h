// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stages/api/observer.h"

namespace reelmill {

/// A frame that may stand for a shot, already as JPEG.
struct ShotCandidate {
  std::int64_t frame = 0;  ///< index in the video
  std::int64_t pts = 0;
  double score = 0;
  std::vector<std::uint8_t> jpeg;
};

struct CandidateOptions {
  int width = 320;       ///< pixels, upright
  int quality = 85;      ///< of the JPEG
  int most_kept = 1024;  ///< about 16 MB of pictures 320 pixels wide
};

/// Keeps one candidate for each provisional shot while a video is scanned, long before its shots
/// are known. A provisional shot ends where two neighbouring frames differ greatly, or one of them
/// is blank: a function of the two, so the same wherever the video was cut into segments. Its
/// candidate is the frame with the best score, the earliest of equals. Shots of less than eight
/// frames have none. Where more than `most_kept` gather, the best of each two, four, ... neighbours
/// in pts stay: again the same for any segments. Beside them it remembers pictures of single frames
/// that had to be decoded again, for a later run on the same frames. Holds one reference to a
/// decoder's buffer while scanning. Used by one thread at a time.
class ShotCandidates final : public FrameObserver {
 public:
  explicit ShotCandidates(const CandidateOptions& options) : options_(options) {}

  void observe(const FrameView& view) override;
  void end_of_scan() override;
  void merge(FrameObserver& next, std::int64_t frame_offset) override;
  std::string save() const override;
  /// One that lists what the saved one listed; nullptr for bytes that save() did not write.
  static std::unique_ptr<ShotCandidates> restore(std::string_view saved,
                                                 const CandidateOptions& options);

  /// A frame that was decoded again; at most `most_kept` of them.
  void remember(ShotCandidate decoded);
  /// The remembered picture of this frame; nullptr if there is none.
  const ShotCandidate* remembered(std::int64_t frame) const;

  /// After the scan and all merges: in the order of frames.
  std::vector<const ShotCandidate*> list() const;

 private:
  struct ProvisionalShot {
    std::int64_t frames = 0;
    std::optional<ShotCandidate> best;
  };

  void close_open_shot();
  void keep(ProvisionalShot shot);
  void thin_out();
  ShotCandidate picture_of_best() const;

  CandidateOptions options_;
  std::int64_t frames_seen_ = 0;
  FrameFeatures first_, last_;  // of this segment
  // The shot being scanned, with a reference to its best frame so far.
  std::int64_t open_frames_ = 0;
  ShotCandidate open_best_;
  Frame open_frame_;
  int rotation_ = 0;
  // The first and last shot may go on in the segments beside this one. With one shot only, it is
  // the head.
  std::optional<ProvisionalShot> head_, tail_;
  std::vector<ShotCandidate> kept_;  // of the shots between
  std::vector<ShotCandidate> remembered_;
  int slot_bits_ = 0;  // candidates with equal pts >> slot_bits_ share a slot
};

}  // namespace reelmill
