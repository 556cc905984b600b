// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/sprite.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <utility>

#include "base/clock_time.h"
#include "media/image_encoder.h"
#include "stages/analyze/picture_size.h"
#include "stages/api/frame_slots.h"
#include "stages/api/registry.h"

namespace reelmill {
namespace {

// Tiles fit into a square, so this many bytes hold any of them.
std::size_t tile_bytes(int tile_width) {
  return static_cast<std::size_t>(tile_width) * static_cast<std::size_t>(tile_width) * 3 / 2;
}

int rounded_up_to_even(int length) {
  return length + length % 2;
}

// Where tiles lie on a sheet.
struct Grid {
  PictureSize tile;
  int columns = 0;
  std::size_t tiles_per_sheet = 0;

  PictureSize position(std::size_t on_sheet) const {
    const auto wide = static_cast<std::size_t>(columns);
    return {static_cast<int>(on_sheet % wide) * tile.width,
            static_cast<int>(on_sheet / wide) * tile.height};
  }
};

Grid grid_for(const std::vector<SpriteTiles::Tile>& tiles, const SpriteOptions& options) {
  Grid grid;
  for (const auto& tile : tiles) {
    grid.tile.width = std::max(grid.tile.width, rounded_up_to_even(tile.picture.width));
    grid.tile.height = std::max(grid.tile.height, rounded_up_to_even(tile.picture.height));
  }
  grid.tiles_per_sheet = static_cast<std::size_t>(options.max_tiles_per_sheet);
  grid.columns = static_cast<int>(
      std::min({static_cast<std::size_t>(options.columns), grid.tiles_per_sheet, tiles.size()}));
  return grid;
}

Picture draw_sheet(std::span<const SpriteTiles::Tile> tiles, const Grid& grid) {
  const auto rows = (static_cast<int>(tiles.size()) + grid.columns - 1) / grid.columns;
  Picture sheet = black_picture(grid.columns * grid.tile.width, rows * grid.tile.height);
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    const auto& picture = tiles[i].picture;
    const auto corner = grid.position(i);
    const int left = (grid.tile.width - picture.width) / 4 * 2;  // centred, and even
    const int top = (grid.tile.height - picture.height) / 4 * 2;
    paste(sheet, picture, corner.width + left, corner.height + top);
  }
  return sheet;
}

// https://www.w3.org/TR/webvtt1/, each cue a picture's place after
// https://www.w3.org/TR/media-frags/: what players show above the seek bar.
std::string webvtt_of(const Json& places, const Json& sheets, const Json& tile, double end_s) {
  std::string text = "WEBVTT\n";
  for (std::size_t i = 0; i < places.size(); ++i) {
    const double from_s = i == 0 ? 0 : places[i]["time_s"].get<double>();
    const double to_s = i + 1 < places.size() ? places[i + 1]["time_s"].get<double>()
                                              : std::max(end_s, from_s + 0.001);
    text += fmt::format("\n{} --> {}\n{}#xywh={},{},{},{}\n", clock_time(from_s), clock_time(to_s),
                        sheets[places[i]["sheet"].get<std::size_t>()].get<std::string>(),
                        places[i]["x"].get<int>(), places[i]["y"].get<int>(),
                        tile["width"].get<int>(), tile["height"].get<int>());
  }
  return text;
}

Status write_text(ArtifactWriter& artifacts, std::string_view name, const std::string& text) {
  return artifacts.write(
      name, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

}  // namespace

OptionTable<SpriteOptions> sprite_options() {
  return OptionTable<SpriteOptions>()
      .add("every", &SpriteOptions::every, "time between two frames of the sheet", Range{0.1, 3600})
      .add("columns", &SpriteOptions::columns, "tiles in a row", Range{1, 50})
      .add("tile_width", &SpriteOptions::tile_width,
           "greatest width and height of a tile in pixels; never larger than the video",
           Range{16, 640})
      .add("max_tiles_per_sheet", &SpriteOptions::max_tiles_per_sheet, "tiles on one sheet",
           Range{1, 400})
      .add("max_sheets", &SpriteOptions::max_sheets,
           "most sheets of one video; in a longer one the time between frames is doubled until "
           "they suffice",
           Range{1, 100})
      .add("quality", &SpriteOptions::quality, "quality of the JPEG from 1 (worst) to 100",
           Range{1, 100})
      .check([](const SpriteOptions& options, int line, const ProblemSink& sink) {
        constexpr std::int64_t kLongest = 65500, kMostPixels = 64'000'000;  // JPEG; memory
        const int columns = std::min(options.columns, options.max_tiles_per_sheet);
        const std::int64_t rows = (options.max_tiles_per_sheet + columns - 1) / columns;
        const std::int64_t width = std::int64_t{columns} * options.tile_width;
        const std::int64_t height = rows * options.tile_width;
        if (width > kLongest || height > kLongest || width * height > kMostPixels)
          sink.add(line, fmt::format("a sheet of {} x {} pixels is too large: lower tile_width or "
                                     "max_tiles_per_sheet",
                                     width, height));
      });
}

SpriteTiles::SpriteTiles(const SpriteOptions& options)
    : every_s_(to_seconds(options.every)), tile_width_(options.tile_width) {
  constexpr std::size_t kMemory = 32U << 20;
  const auto on_sheets = static_cast<std::size_t>(options.max_tiles_per_sheet) *
                         static_cast<std::size_t>(options.max_sheets);
  most_tiles_ = std::max<std::size_t>(1, std::min(on_sheets, kMemory / tile_bytes(tile_width_)));
}

double SpriteTiles::interval_s() const {
  return std::ldexp(every_s_, level_);
}

void SpriteTiles::observe(const FrameView& view) {
  const auto slot = FrameSlots(every_s_).slot_of(view.time_s);
  if (!slot) return;
  const bool is_key = view.frame.is_key();
  bool is_in_place_of_last = false;
  if (!tiles_.empty()) {
    const auto& last = tiles_.back();
    const auto ahead = (*slot >> level_) - (last.slot >> level_);
    if (ahead < 0 || (ahead == 0 && (last.is_key || !is_key))) return;
    is_in_place_of_last = ahead == 0;
  }
  const auto size = fitted_size(shown_size(view.frame), view.rotation, {tile_width_, tile_width_});
  auto picture = view.frame.scaled(size.width, size.height, view.rotation);
  if (!picture) return;
  if (is_in_place_of_last) tiles_.pop_back();
  tiles_.push_back({*slot, view.pts, view.time_s, is_key, *std::move(picture)});
  thin_out();
}

void SpriteTiles::thin_out() {
  const auto leave_one_a_slot = [&] {
    std::vector<Tile> left;
    for (auto& tile : tiles_) {
      const bool is_same = !left.empty() && (left.back().slot >> level_) == (tile.slot >> level_);
      if (!is_same)
        left.push_back(std::move(tile));
      else if (tile.is_key && !left.back().is_key)
        left.back() = std::move(tile);
    }
    tiles_ = std::move(left);
  };
  leave_one_a_slot();
  while (tiles_.size() > most_tiles_) {
    ++level_;
    leave_one_a_slot();
  }
}

void SpriteTiles::merge(FrameObserver& next_observer, std::int64_t /*frame_offset*/) {
  auto& next = dynamic_cast<SpriteTiles&>(next_observer);
  level_ = std::max(level_, next.level_);
  std::move(next.tiles_.begin(), next.tiles_.end(), std::back_inserter(tiles_));
  thin_out();
}

Result<Findings> SpriteStage::process(const VideoRecord& video, ArtifactWriter& artifacts) const {
  Findings findings;
  const auto* observer = dynamic_cast<const SpriteTiles*>(video.observer);
  if (observer == nullptr || observer->tiles().empty()) {
    findings.set("sprite", nullptr);
    return findings;
  }
  const auto& tiles = observer->tiles();
  const auto grid = grid_for(tiles, options_);
  Json sheets = Json::array(), places = Json::array();
  for (std::size_t from = 0; from < tiles.size(); from += grid.tiles_per_sheet) {
    const auto count = std::min(grid.tiles_per_sheet, tiles.size() - from);
    const auto name = fmt::format("sprite-{:03}.jpg", sheets.size());
    const auto sheet = draw_sheet(std::span(tiles).subspan(from, count), grid);
    REELMILL_ASSIGN(const auto jpeg, encode_jpeg(sheet, options_.quality));
    REELMILL_TRY(artifacts.write(name, jpeg));
    for (std::size_t i = 0; i < count; ++i) {
      const auto& tile = tiles[from + i];
      const auto corner = grid.position(i);
      const double time_s =
          video.timeline != nullptr ? video.timeline->seconds(tile.pts) : tile.time_s;
      places.push_back(Json{
          {"sheet", sheets.size()}, {"x", corner.width}, {"y", corner.height}, {"time_s", time_s}});
    }
    sheets.push_back(name);
  }
  const Json tile{{"width", grid.tile.width}, {"height", grid.tile.height}};
  const Json index{{"schema", 1},      {"every_s", observer->interval_s()},
                   {"tile", tile},     {"columns", grid.columns},
                   {"sheets", sheets}, {"tiles", std::move(places)}};
  REELMILL_TRY(write_text(artifacts, "sprite.json", index.dump() + "\n"));
  REELMILL_TRY(write_text(artifacts, "sprite.vtt",
                          webvtt_of(index["tiles"], sheets, tile, video.duration_s)));
  findings.set("sprite", Json{{"every_s", observer->interval_s()},
                              {"tiles", tiles.size()},
                              {"tile", tile},
                              {"sheets", std::move(sheets)}});
  return findings;
}

namespace {

const RegisterStage registered{define_stage<SpriteOptions>(
    {.name = "sprite",
     .version = 4,
     .summary = "Sprite: contact sheets with one frame every so often, and their index for "
                "programs and players",
     .kind = StageKind::video},
    sprite_options(), [](const SpriteOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.frames = DecoderNeeds::Frames::every_interval;
      parts.needs.interval = options.every;
      parts.make_frame_observer = [options] { return std::make_unique<SpriteTiles>(options); };
      parts.video_stage = std::make_shared<SpriteStage>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
