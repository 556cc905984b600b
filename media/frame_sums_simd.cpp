// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <vector>

#include "media/code_rows.h"
#include "media/frame_sums.h"

// Highway compiles this file once for each instruction set, and chooses at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "media/frame_sums_simd.cpp"
#include "hwy/aligned_allocator.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace reelmill {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 || HWY_HAVE_SCALABLE

// No vectors here, or vectors of a size that cannot be a class member.
FrameSums Sum(const LumaView& luma) {
  return frame_sums_reference(luma);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

// Wider vectors gain nothing here: half of the work is loading, and what overlaps grows.
using D8 = hn::CappedTag<std::uint8_t, 32>;
using D16 = hn::Repartition<std::uint16_t, D8>;
using DI16 = hn::Repartition<std::int16_t, D8>;
using DI32 = hn::Repartition<std::int32_t, D8>;
using D64 = hn::Repartition<std::uint64_t, D8>;
using V8 = hn::Vec<D8>;
using V16 = hn::Vec<D16>;
using V64 = hn::Vec<D64>;

constexpr D8 d8;
constexpr D16 d16;

/// What one step of the sweep over the frame takes in.
enum class Rows { one, three };            // the row, or with the ones above and below it
enum class Laplacian { left_out, taken };  // of the row

/// Three rows of codes. Only what a step needs is valid.
struct Neighbourhood {
  const std::uint8_t *above, *row, *below;
};

/// Neighbouring samples apart: the even and the odd ones of a vector, each in 16 bits.
struct Split {
  V16 even, odd;
};
HWY_INLINE Split split(V8 codes) {
  const auto pairs = hn::BitCast(d16, codes);
  return {hn::And(pairs, hn::Set(d16, 0xFF)), hn::ShiftRight<8>(pairs)};
}
HWY_INLINE Split operator+(const Split& a, const Split& b) {
  return {hn::Add(a.even, b.even), hn::Add(a.odd, b.odd)};
}

/// Sums down the columns, kept in memory between rows: for each vector its even, then its odd ones.
class ColumnSums {
 public:
  std::uint16_t* resized(std::size_t size) {
    if (size > size_) {
      sums_ = hwy::AllocateAligned<std::uint16_t>(size);
      if (sums_ == nullptr) throw std::bad_alloc();
      size_ = size;
    }
    return sums_.get();
  }

 private:
  hwy::AlignedFreeUniquePtr<std::uint16_t[]> sums_;
  std::size_t size_ = 0;
};

/// Running sums in registers, emptied into wide ones before they can overflow.
class RegisterSums {
 public:
  // Black counts grow by 3 a vector in 8 bits, squares by 2 × 1020² in 32.
  static constexpr int kVectorsBetweenFlushes = 80;

  // Written out: GCC does not compile an implicit one for the instruction set at hand.
  HWY_INLINE RegisterSums()
      : black_(hn::Zero(d8)), squares_(hn::Zero(DI32())), more_squares_(hn::Zero(DI32())) {}

  HWY_INLINE void add_black(V8 ones) { black_ = hn::Add(black_, ones); }
  HWY_INLINE void add_squares(V16 differences) {
    const auto values = hn::BitCast(DI16(), differences);
    squares_ = hn::ReorderWidenMulAccumulate(DI32(), values, values, squares_, more_squares_);
  }
  HWY_INLINE void flush(V64& black, V64& squares) {
    black = hn::Add(black, hn::SumsOf8(black_));
    squares = hn::Add(squares, hn::Add(wide(squares_), wide(more_squares_)));
    *this = RegisterSums();
  }

 private:
  static HWY_INLINE V64 wide(hn::Vec<DI32> sums) {
    const auto pairs = hn::BitCast(D64(), sums);
    return hn::Add(hn::And(pairs, hn::Set(D64(), 0xFFFFFFFF)), hn::ShiftRight<32>(pairs));
  }
  V8 black_;
  hn::Vec<DI32> squares_, more_squares_;
};

/// A vector's place in a row, and which of its lanes count: all ones there.
struct Place {
  int x = 0;  // column of its first lane
  HWY_ALIGN std::array<std::uint8_t, hn::MaxLanes(D8())> counts{};
  HWY_ALIGN std::array<std::uint16_t, hn::MaxLanes(D16())> has_laplacian{};  // of every other lane

  void set(int column, int begin, int end) {
    x = column;
    for (int i = begin; i < end; ++i) counts[static_cast<std::size_t>(i)] = 0xFF;
    const auto odd = static_cast<std::size_t>(x % 2);
    for (std::size_t i = 0; i < has_laplacian.size(); ++i) {
      has_laplacian[i] = counts[2 * i + odd] != 0 ? 0xFFFF : 0;
    }
  }
};

/// Adds up one frame whose rows arrive from top to bottom. The first and the last column, which
/// have no Laplacian, are added one by one. The others go through vectors: a first one that begins
/// in column 1, aligned ones from column `lanes` on, and a last one that ends in the last column
/// but one. The first and the last overlap their neighbours there; those lanes are masked out.
class Sweep {
 public:
  static bool fits(const LumaView& luma) {
    return luma.width >= FrameFeatures::kPictureWidth &&
           luma.width >= static_cast<int>(hn::Lanes(d8)) + 2 &&
           luma.height >= FrameFeatures::kPictureHeight;
  }

  Sweep(const LumaView& luma, ColumnSums& columns)
      : width_(luma.width),
        lanes_(static_cast<int>(hn::Lanes(d8))),
        aligned_((width_ - 1 - lanes_) / lanes_),
        black_code_(black_code(luma)),
        columns_(columns.resized(static_cast<std::size_t>((aligned_ + 2) * lanes_))),
        black_(hn::Zero(D64())),
        squares_(hn::Zero(D64())) {
    const int done = lanes_ * (aligned_ + 1);  // columns before this one
    first_.set(1, 0, lanes_ - 1);
    last_.set(width_ - 1 - lanes_, done - (width_ - 1 - lanes_), lanes_);
    clear_columns();
  }

  template <Rows kRows, Laplacian kLaplacian>
  void add(const Neighbourhood& rows) {
    RegisterSums sums;
    add_vector<kRows, kLaplacian>(rows, first_, columns_, sums);
    for (int i = 0; i < aligned_;) {
      const int end = std::min(aligned_, i + RegisterSums::kVectorsBetweenFlushes);
      for (; i < end; ++i) {
        add_vector<kRows, kLaplacian>(rows, lanes_ * (i + 1), columns_ + lanes_ * (i + 1), sums);
      }
      sums.flush(black_, squares_);
    }
    add_vector<kRows, kLaplacian>(rows, last_, columns_ + lanes_ * (aligned_ + 1), sums);
    sums.flush(black_, squares_);
    add_edges(rows.row);
    if constexpr (kRows == Rows::three) {
      add_edges(rows.above);
      add_edges(rows.below);
    }
  }

  /// Moves the column sums to the blocks of one row of the picture.
  void empty_columns_into(std::uint64_t* blocks) {
    column_.assign(static_cast<std::size_t>(width_), 0);
    add_columns(columns_, first_.x);
    for (int i = 1; i <= aligned_; ++i) add_columns(columns_ + lanes_ * i, lanes_ * i);
    add_columns(columns_ + lanes_ * (aligned_ + 1), last_.x);
    column_.front() += edges_[0];
    column_.back() += edges_[1];
    for (int i = 0; i < FrameFeatures::kPictureWidth; ++i) {
      const auto range = block_range(i, FrameFeatures::kPictureWidth, width_);
      std::uint32_t sum = 0;
      for (int x = range.begin; x < range.end; ++x) sum += column_[static_cast<std::size_t>(x)];
      blocks[i] += sum;
    }
    clear_columns();
  }

  std::uint64_t black() const { return edge_black_ + hn::GetLane(hn::SumOfLanes(D64(), black_)); }
  std::uint64_t laplacian() const { return hn::GetLane(hn::SumOfLanes(D64(), squares_)); }

 private:
  /// One vector of which all lanes count, in an even column.
  template <Rows kRows, Laplacian kLaplacian>
  HWY_INLINE void add_vector(const Neighbourhood& rows, int x, std::uint16_t* columns,
                             RegisterSums& sums) {
    const auto codes = hn::LoadU(d8, rows.row + x);
    auto column = split(codes);
    auto ones = is_black(codes);
    if constexpr (kLaplacian == Laplacian::taken) sums.add_squares(even_laplacian(rows, x));
    if constexpr (kRows == Rows::three) {
      const auto above = hn::LoadU(d8, rows.above + x), below = hn::LoadU(d8, rows.below + x);
      column = column + (split(above) + split(below));
      ones = hn::Add(ones, hn::Add(is_black(above), is_black(below)));
    }
    sums.add_black(ones);
    add_to(columns, column);
  }

  /// One vector of which some lanes count.
  template <Rows kRows, Laplacian kLaplacian>
  HWY_INLINE void add_vector(const Neighbourhood& rows, const Place& place, std::uint16_t* columns,
                             RegisterSums& sums) {
    const int x = place.x;
    const auto mask = hn::Load(d8, place.counts.data());
    const auto codes = hn::LoadU(d8, rows.row + x);
    auto column = split(hn::And(codes, mask));
    auto ones = is_black(codes);
    if constexpr (kLaplacian == Laplacian::taken) {
      const auto differences = x % 2 == 0 ? even_laplacian(rows, x) : odd_laplacian(rows, x);
      sums.add_squares(hn::And(differences, hn::Load(d16, place.has_laplacian.data())));
    }
    if constexpr (kRows == Rows::three) {
      const auto above = hn::LoadU(d8, rows.above + x), below = hn::LoadU(d8, rows.below + x);
      column = column + (split(hn::And(above, mask)) + split(hn::And(below, mask)));
      ones = hn::Add(ones, hn::Add(is_black(above), is_black(below)));
    }
    sums.add_black(hn::And(ones, mask));
    add_to(columns, column);
  }

  /// Of the even lanes of the vector at `x`.
  static HWY_INLINE V16 even_laplacian(const Neighbourhood& rows, int x) {
    const auto here = split(hn::LoadU(d8, rows.row + x));
    const auto left = split(hn::LoadU(d8, rows.row + x - 1)).even;
    const auto above = split(hn::LoadU(d8, rows.above + x)).even;
    const auto below = split(hn::LoadU(d8, rows.below + x)).even;
    return hn::Sub(hn::ShiftLeft<2>(here.even),
                   hn::Add(hn::Add(left, here.odd), hn::Add(above, below)));
  }

  /// Of the odd lanes.
  static HWY_INLINE V16 odd_laplacian(const Neighbourhood& rows, int x) {
    const auto here = split(hn::LoadU(d8, rows.row + x));
    const auto right = split(hn::LoadU(d8, rows.row + x + 1)).odd;
    const auto above = split(hn::LoadU(d8, rows.above + x)).odd;
    const auto below = split(hn::LoadU(d8, rows.below + x)).odd;
    return hn::Sub(hn::ShiftLeft<2>(here.odd),
                   hn::Add(hn::Add(here.even, right), hn::Add(above, below)));
  }

  /// 1 in the lanes whose code is at most black_code_. Saturation is cheaper than comparing
  /// unsigned bytes.
  HWY_INLINE V8 is_black(V8 codes) const {
    const auto above = hn::Set(d8, static_cast<std::uint8_t>(black_code_ + 1));
    return hn::Min(hn::SaturatedSub(above, codes), hn::Set(d8, 1));
  }

  HWY_INLINE void add_to(std::uint16_t* sums, const Split& values) const {
    auto* odd = sums + lanes_ / 2;
    hn::Store(hn::Add(hn::Load(d16, sums), values.even), d16, sums);
    hn::Store(hn::Add(hn::Load(d16, odd), values.odd), d16, odd);
  }

  void clear_columns() {
    std::fill_n(columns_, (aligned_ + 2) * lanes_, std::uint16_t{0});
    edges_ = {};
  }

  /// Adds one vector's sums to the columns from `x` on.
  void add_columns(const std::uint16_t* sums, int x) {
    const auto* odd = sums + lanes_ / 2;
    auto* column = column_.data() + x;
    for (int i = 0; i < lanes_ / 2; ++i) {
      column[2 * i] += sums[i];
      column[2 * i + 1] += odd[i];
    }
  }

  void add_edges(const std::uint8_t* row) {
    const std::uint8_t first = row[0], last = row[width_ - 1];
    edges_[0] += first;
    edges_[1] += last;
    edge_black_ += (first <= black_code_ ? 1U : 0U) + (last <= black_code_ ? 1U : 0U);
  }

  const int width_, lanes_;
  const int aligned_;  // vectors between the first and the last
  const int black_code_;
  std::uint16_t* const columns_;
  Place first_, last_;
  std::vector<std::uint32_t> column_;
  std::array<std::uint32_t, 2> edges_{};  // sums of the first and the last column
  std::uint64_t edge_black_ = 0;
  V64 black_, squares_;
};

FrameSums Sum(const LumaView& luma) {
  if (!Sweep::fits(luma)) return frame_sums_reference(luma);
  thread_local ColumnSums columns;
  thread_local std::vector<std::uint8_t> scratch;
  constexpr int kMaxRows = 256;  // 256 × 255 still fits 16 bits

  FrameSums sums;
  Sweep sweep(luma, columns);
  CodeRows rows(luma, scratch);
  const RowGroups groups(luma.height);
  const auto around = [&](int y) HWY_ATTR {
    return Neighbourhood{rows.at(y - 1), rows.at(y), rows.at(y + 1)};
  };
  for (int j = 0; j < FrameFeatures::kPictureHeight; ++j) {
    const auto band = block_range(j, FrameFeatures::kPictureHeight, luma.height);
    auto* blocks =
        sums.block.data() + static_cast<std::ptrdiff_t>(j) * FrameFeatures::kPictureWidth;
    int since = band.begin;
    for (int y = band.begin; y < band.end;) {
      if (y + RowGroups::kRows - since > kMaxRows) {
        sweep.empty_columns_into(blocks);
        since = y;
      }
      const int phase = groups.phase(y);
      if (phase >= RowGroups::kRows) {
        y += groups.period() - phase;
      } else if (phase == 0 && y + RowGroups::kRows <= band.end) {
        sweep.add<Rows::three, Laplacian::taken>(around(y + 1));
        y += RowGroups::kRows;
      } else if (groups.has_laplacian(y)) {  // its group lies in two bands
        sweep.add<Rows::one, Laplacian::taken>(around(y));
        ++y;
      } else {
        sweep.add<Rows::one, Laplacian::left_out>({nullptr, rows.at(y), nullptr});
        ++y;
      }
    }
    sweep.empty_columns_into(blocks);
  }
  for (const auto sum : sums.block) sums.total += sum;
  sums.black = sweep.black();
  sums.laplacian = sweep.laplacian();
  return sums;
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace reelmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reelmill {
HWY_EXPORT(Sum);

FrameSums frame_sums_simd(const LumaView& luma) noexcept {
  return HWY_DYNAMIC_DISPATCH(Sum)(luma);
}

}  // namespace reelmill
#endif
