// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/wipe_fit.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

namespace reelmill {
namespace {

constexpr int kColumns = PictureVector::kColumns, kRows = PictureVector::kRows;
constexpr int kCells = PictureVector::kLuma;
constexpr int kLeastCells = kCells / 4;  // that change
constexpr int kChanged = 12 * PictureVector::kUnits, kDiffers = 25 * PictureVector::kUnits;
constexpr std::size_t kPictures = std::tuple_size_v<BetweenPictures>;
constexpr float kMostUneven = 0.3F;  // of the places, that may have changed too early or late
constexpr float kMostAhead = 0.2F;   // of the way, that an edge may be ahead or behind
constexpr float kLeastExact = 0.4F;  // less is no wipe, whatever edge fits

// An edge passes over the steps in order, from the first to the last.
constexpr int kRings = (kRows + 1) / 2;
enum Edge { from_left, from_right, from_top, from_bottom, from_middle, to_middle, kEdges };
constexpr std::array<int, kEdges> kSteps = {kColumns, kColumns,       kRows,
                                            kRows,    2 * kRings - 2, 2 * kRings - 2};

struct Steps {
  std::array<std::array<std::uint8_t, kCells>, kEdges> of{};
};

constexpr Steps steps_of_cells() {
  Steps steps;
  for (int row = 0; row < kRows; ++row)
    for (int column = 0; column < kColumns; ++column) {
      const auto cell = static_cast<std::size_t>(row * kColumns + column);
      // In 1/144 of half the picture, from the middle of the picture to the middle of the cell.
      const int across =
          (2 * column + 1 > kColumns ? 2 * column + 1 - kColumns : kColumns - 2 * column - 1) *
          kRows;
      const int down = (2 * row + 1 > kRows ? 2 * row + 1 - kRows : kRows - 2 * row - 1) * kColumns;
      const int ring = std::max(across, down) * kSteps[from_middle] / (kRows * kColumns);
      const auto set = [&](Edge edge, int step) {
        steps.of[edge][cell] = static_cast<std::uint8_t>(step);
      };
      set(from_left, column);
      set(from_right, kColumns - 1 - column);
      set(from_top, row);
      set(from_bottom, kRows - 1 - row);
      set(from_middle, ring);
      set(to_middle, kSteps[to_middle] - 1 - ring);
    }
  return steps;
}

constexpr Steps kStep = steps_of_cells();

// Of the places that differ in one picture: how many show the old one, and at each step of an edge
// how many more show the new one than the old one.
struct Side {
  int old = 0;
  std::array<std::array<int, kColumns>, kEdges> gain{};
};

// Places on the right side of the best edge that has come about so far.
int best_division(const Side& side, int edge, float share) {
  const auto of = static_cast<std::size_t>(edge);
  int right = side.old, best = 0;
  for (int step = 0; step <= kSteps[of]; ++step) {
    const float passed = static_cast<float>(step) / static_cast<float>(kSteps[of]);
    if (std::abs(passed - share) <= kMostAhead) best = std::max(best, right);
    if (step < kSteps[of]) right += side.gain[of][static_cast<std::size_t>(step)];
  }
  return best;
}

float share_at(std::size_t picture) {
  return static_cast<float>(picture + 1) / (kPictures + 1);
}

float edge_share(const PictureVector& old_picture, const PictureVector& new_picture,
                 const BetweenPictures& between) {
  std::array<Side, kPictures> sides{};
  int differing = 0;
  for (std::size_t cell = 0; cell < kCells; ++cell) {
    const int a = old_picture.value[cell], b = new_picture.value[cell];
    if (std::abs(b - a) < kDiffers) continue;
    ++differing;
    for (std::size_t i = 0; i < kPictures; ++i) {
      const int value = between[i]->value[cell];
      const int gain = std::abs(b - value) < std::abs(a - value) ? 1 : -1;
      sides[i].old += gain < 0 ? 1 : 0;
      for (std::size_t edge = 0; edge < kEdges; ++edge)
        sides[i].gain[edge][kStep.of[edge][cell]] += gain;
    }
  }
  if (differing < kLeastCells) return 0;
  int best = 0;
  for (int edge = 0; edge < kEdges; ++edge) {
    int right = 0;
    for (std::size_t i = 0; i < kPictures; ++i) right += best_division(sides[i], edge, share_at(i));
    best = std::max(best, right);
  }
  return static_cast<float>(best) / static_cast<float>(static_cast<int>(kPictures) * differing);
}

float exact_share(const PictureVector& old_picture, const PictureVector& new_picture,
                  const BetweenPictures& between) {
  int changed = 0, fitting = 0;
  std::array<int, kPictures> arrived{};
  for (std::size_t cell = 0; cell < kCells; ++cell) {
    const int a = old_picture.value[cell], b = new_picture.value[cell];
    const int way = std::abs(b - a);
    if (way < kChanged) continue;
    ++changed;
    bool was_new = false, fits = true;
    for (std::size_t i = 0; i < kPictures; ++i) {
      const int value = between[i]->value[cell];
      const bool is_new = 4 * std::abs(b - value) <= way;
      const bool is_old = 4 * std::abs(a - value) <= way;
      fits = fits && (is_new || (is_old && !was_new));
      was_new = is_new;
      arrived[i] += is_new ? 1 : 0;
    }
    fitting += fits ? 1 : 0;
  }
  if (changed < kLeastCells) return 0;
  const auto share = [&](int count) {
    return static_cast<float>(count) / static_cast<float>(changed);
  };
  for (std::size_t i = 0; i < kPictures; ++i)
    if (std::abs(share(arrived[i]) - share_at(i)) > kMostUneven) return 0;
  return share(fitting);
}

}  // namespace

WipeFit wipe_fit(const PictureVector& old_picture, const PictureVector& new_picture,
                 const BetweenPictures& between) noexcept {
  WipeFit fit;
  fit.exact = exact_share(old_picture, new_picture, between);
  if (fit.exact >= kLeastExact) fit.edge = edge_share(old_picture, new_picture, between);
  return fit;
}

}  // namespace reelmill
