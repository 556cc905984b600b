// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "stages/api/options.h"
#include "stages/api/video_stage.h"

namespace reelmill {

struct SpriteOptions {
  Duration every = std::chrono::seconds(10);
  int columns = 10;
  int tile_width = 160;
  int max_tiles_per_sheet = 100;
  int max_sheets = 10;
  int quality = 80;
};

OptionTable<SpriteOptions> sprite_options();

/// Keeps the frame that stands for every interval of time (FrameSlots) as a small picture. Where
/// the sheets are full, intervals are joined two by two, so that a long video gets wider intervals,
/// not more memory; the result is the same for any segments. Used by one thread at a time.
class SpriteTiles final : public FrameObserver {
 public:
  struct Tile {
    std::int64_t slot = 0;  ///< time ÷ interval, rounded down
    std::int64_t pts = 0;
    double time_s = 0;
    bool is_key = false;
    Picture picture;
  };

  explicit SpriteTiles(const SpriteOptions& options);
  void observe(const FrameView& view) override;
  void merge(FrameObserver& next, std::int64_t frame_offset) override;

  const std::vector<Tile>& tiles() const { return tiles_; }
  /// Seconds between tiles, after joining.
  double interval_s() const;

 private:
  void thin_out();

  double every_s_;
  int tile_width_;
  std::size_t most_tiles_;
  int level_ = 0;  // 2^level slots share a tile
  std::vector<Tile> tiles_;
};

/// Writes contact sheets, `sprite-000.jpg` for the first, and `sprite.json`, which says where each
/// tile lies and which time it shows.
class SpriteStage final : public VideoStage {
 public:
  explicit SpriteStage(const SpriteOptions& options) : options_(options) {}
  Result<Findings> process(const VideoRecord& video, ArtifactWriter& artifacts) const override;

 private:
  SpriteOptions options_;
};

}  // namespace reelmill
