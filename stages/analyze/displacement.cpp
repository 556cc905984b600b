// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/displacement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace reelmill {
namespace {

constexpr int kColumns = CellLevels::kColumns, kRows = CellLevels::kRows;
constexpr int kMostAcross = 8, kMostDown = 5;  // cells
constexpr int kMostStep = 8;                   // levels
constexpr int kStill = 3;                      // levels: a cell that changes less stays as it is
constexpr int kBlack = 26;                     // levels: 10 % of nominal range
constexpr int kPaddedColumns = kColumns + 2 * kMostAcross, kPaddedRows = kRows + 2 * kMostDown;

// Differences to the cell on the right and to the one below.
struct Differences {
  std::array<std::array<std::int16_t, kColumns>, kRows> across{}, down{};
};

Differences differences_of(const CellLevels& levels) {
  const auto at = [&](std::size_t row, std::size_t column) {
    return int{levels.value[row * kColumns + column]};
  };
  std::array<bool, kRows> is_bar_row{};
  std::array<bool, kColumns> is_bar_column{};
  is_bar_row.fill(true);
  is_bar_column.fill(true);
  for (std::size_t row = 0; row < kRows; ++row)
    for (std::size_t column = 0; column < kColumns; ++column)
      if (at(row, column) >= kBlack) is_bar_row[row] = is_bar_column[column] = false;
  const auto step = [](int from, int to) {
    return static_cast<std::int16_t>(std::clamp(to - from, -kMostStep, kMostStep));
  };
  Differences found;
  for (std::size_t row = 0; row < kRows; ++row)
    for (std::size_t column = 0; column < kColumns; ++column) {
      const int here = at(row, column);
      if (column + 1 < kColumns && !is_bar_column[column] && !is_bar_column[column + 1])
        found.across[row][column] = step(here, at(row, column + 1));
      if (row + 1 < kRows && !is_bar_row[row] && !is_bar_row[row + 1])
        found.down[row][column] = step(here, at(row + 1, column));
    }
  return found;
}

using Still = std::array<std::array<bool, kColumns>, kRows>;

Still still_cells(const CellLevels& a, const CellLevels& b) {
  Still still{};
  for (std::size_t row = 0; row < kRows; ++row)
    for (std::size_t column = 0; column < kColumns; ++column) {
      const auto at = row * kColumns + column;
      still[row][column] = std::abs(a.value[at] - b.value[at]) <= kStill;
    }
  return still;
}

// Without what stays: a logo or a band of text over two shots.
void leave_out(const Still& still, Differences& differences) {
  for (std::size_t row = 0; row < kRows; ++row)
    for (std::size_t column = 0; column < kColumns; ++column) {
      if (!still[row][column]) continue;
      if (column + 1 < kColumns && still[row][column + 1]) differences.across[row][column] = 0;
      if (row + 1 < kRows && still[row + 1][column]) differences.down[row][column] = 0;
    }
}

// With zeroes around, so that products beyond the overlap are nothing.
struct Padded {
  std::array<std::array<std::int16_t, kPaddedColumns>, kPaddedRows> across{}, down{};
};

Padded padded(const Differences& differences) {
  Padded found;
  for (std::size_t row = 0; row < kRows; ++row) {
    std::copy(differences.across[row].begin(), differences.across[row].end(),
              found.across[row + kMostDown].begin() + kMostAcross);
    std::copy(differences.down[row].begin(), differences.down[row].end(),
              found.down[row + kMostDown].begin() + kMostAcross);
  }
  return found;
}

// The first of overlapping cells and how many, along one side.
struct Span {
  std::size_t begin, count;
};

Span overlap(int displacement, int side) {
  return {static_cast<std::size_t>(std::max(0, displacement)),
          static_cast<std::size_t>(side - std::abs(displacement))};
}

// Sums of squared differences over rectangles.
class Energy {
 public:
  explicit Energy(const Differences& differences) {
    for (std::size_t row = 0; row < kRows; ++row)
      for (std::size_t column = 0; column < kColumns; ++column) {
        const int across = differences.across[row][column], down = differences.down[row][column];
        sum_[row + 1][column + 1] = across * across + down * down + sum_[row][column + 1] +
                                    sum_[row + 1][column] - sum_[row][column];
      }
  }
  int of(Span rows, Span columns) const {
    const auto bottom = rows.begin + rows.count, right = columns.begin + columns.count;
    return sum_[bottom][right] - sum_[rows.begin][right] - sum_[bottom][columns.begin] +
           sum_[rows.begin][columns.begin];
  }

 private:
  std::array<std::array<int, kColumns + 1>, kRows + 1> sum_{};
};

int product(const Differences& a, const Padded& b, std::size_t first_row,
            std::size_t first_column) {
  int sum = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    const auto* across = b.across[row + first_row].data() + first_column;
    const auto* down = b.down[row + first_row].data() + first_column;
    for (std::size_t i = 0; i < kColumns; ++i)
      sum += a.across[row][i] * across[i] + a.down[row][i] * down[i];
  }
  return sum;
}

}  // namespace

Displacement best_displacement(const CellLevels& a, const CellLevels& b) noexcept {
  auto of_a = differences_of(a), of_b = differences_of(b);
  const auto still = still_cells(a, b);
  leave_out(still, of_a);
  leave_out(still, of_b);
  const auto around_b = padded(of_b);
  const Energy energy_a(of_a), energy_b(of_b);
  Displacement best;
  for (int down = -kMostDown; down <= kMostDown; ++down)
    for (int across = -kMostAcross; across <= kMostAcross; ++across) {
      const auto rows = overlap(-down, kRows), columns = overlap(-across, kColumns);
      // A squared level of each difference is noise.
      const auto noise = static_cast<float>(2 * rows.count * columns.count);
      const auto in_a = static_cast<float>(energy_a.of(rows, columns)) + noise;
      const auto in_b =
          static_cast<float>(energy_b.of(overlap(down, kRows), overlap(across, kColumns))) + noise;
      const int both = product(of_a, around_b, static_cast<std::size_t>(kMostDown + down),
                               static_cast<std::size_t>(kMostAcross + across));
      const float likeness = static_cast<float>(both) / std::sqrt(in_a * in_b);
      if (likeness > best.likeness) best = {likeness, across, down};
    }
  return best;
}

}  // namespace reelmill
