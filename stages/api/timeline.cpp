// SPDX-License-Identifier: Apache-2.0
#include "stages/api/timeline.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <limits>
#include <system_error>
#include <type_traits>
#include <vector>

#include <unistd.h>

#include "base/nameless_file.h"
#include "base/path_text.h"

namespace reelmill {
namespace {

constexpr std::int64_t kFramesInMemory = 2048;  // 2.7 MB
constexpr std::int64_t kFramesPerRead = 256;

// What is stored of a frame: itself, and its pts made monotonic.
struct Entry {
  TimelineFrame frame;
  std::int64_t start_pts = 0;
};
static_assert(std::is_trivially_copyable_v<Entry>);

constexpr std::int64_t kEntryBytes = sizeof(Entry);

std::int64_t saturating_add(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

// Whole levels and 1/1024 of all pixels: what is finer is noise, and noise does not compress.
FrameFeatures rounded(const FrameFeatures& exact) noexcept {
  constexpr int kLevel = 256, kShare = 64;
  FrameFeatures features = exact;
  const auto to_step = [](std::uint16_t value, int step) {
    return static_cast<std::uint16_t>(std::min((value + step / 2) / step * step, 65535));
  };
  for (auto& cell : features.picture) cell = to_step(cell, kLevel);
  for (auto& share : features.histogram) share = to_step(share, kShare);
  return features;
}

}  // namespace

struct Timeline::State {
  Rational time_base;
  std::filesystem::path scratch;
  std::int64_t spilled = 0;   // frames in the file; the later ones are in `recent`
  std::vector<Entry> recent;  // at most kFramesInMemory
  std::int64_t first_pts = 0;
  std::int64_t last_start_pts = 0;
  std::int64_t last_duration = 0;  // known or measured, of the last frame that had one
  int file = -1;

  State(Rational base, std::filesystem::path folder)
      : time_base(base), scratch(std::move(folder)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (file >= 0) ::close(file);
  }

  std::int64_t size() const noexcept { return spilled + static_cast<std::int64_t>(recent.size()); }

  Status spill() {
    const auto bytes = recent.size() * sizeof(Entry);
    const auto failure = [&](int error) {
      return fail(nameless_error("spill the timeline to", scratch, error, bytes));
    };
    if (file < 0) {
      std::error_code ignored;  // what matters shows when the file is opened
      std::filesystem::create_directories(scratch, ignored);
      file = open_nameless(scratch);
      if (file < 0) return failure(errno);
    }
    if (const int error = write_fully(file, recent.data(), bytes, spilled * kEntryBytes))
      return failure(error);
    spilled += static_cast<std::int64_t>(recent.size());
    recent.clear();
    return {};
  }

  double seconds_from_first(std::int64_t pts) const noexcept {
    if (time_base.den == 0) return 0;
    const auto den = static_cast<double>(time_base.den);
    std::int64_t ticks = 0, product = 0;
    // One rounding only, so that frame times print short.
    if (!__builtin_sub_overflow(pts, first_pts, &ticks) &&
        !__builtin_mul_overflow(ticks, time_base.num, &product))
      return static_cast<double>(product) / den;
    return (static_cast<double>(pts) - static_cast<double>(first_pts)) *
           static_cast<double>(time_base.num) / den;
  }
};

Timeline::Timeline(Rational time_base, std::filesystem::path scratch)
    : state_(std::make_unique<State>(time_base, std::move(scratch))) {}
Timeline::~Timeline() = default;
Timeline::Timeline(Timeline&&) noexcept = default;
Timeline& Timeline::operator=(Timeline&&) noexcept = default;

Status Timeline::append(const TimelineFrame& frame) {
  State& state = *state_;
  if (static_cast<std::int64_t>(state.recent.size()) == kFramesInMemory)
    REELMILL_TRY(state.spill());
  const bool is_first = state.size() == 0;
  const auto start_pts = is_first ? frame.pts : std::max(frame.pts, state.last_start_pts);
  if (is_first) state.first_pts = frame.pts;
  std::int64_t shown = 0;  // how long the frame before was
  if (frame.duration > 0)
    state.last_duration = frame.duration;
  else if (!is_first && !__builtin_sub_overflow(start_pts, state.last_start_pts, &shown) &&
           shown > 0)
    state.last_duration = shown;
  state.last_start_pts = start_pts;
  auto& entry = state.recent.emplace_back(Entry{frame, start_pts});
  entry.frame.features = rounded(frame.features);
  return {};
}

void Timeline::expect(std::int64_t frames) {
  const auto most = std::min(kFramesInMemory, size() - state_->spilled + frames);
  state_->recent.reserve(static_cast<std::size_t>(std::max<std::int64_t>(most, 0)));
}

Status Timeline::append(const Timeline& later) {
  auto reader = later.read();
  while (const TimelineFrame* frame = reader.next()) REELMILL_TRY(append(*frame));
  return reader.status();
}

std::int64_t Timeline::size() const noexcept {
  return state_->size();
}
Rational Timeline::time_base() const noexcept {
  return state_->time_base;
}
std::int64_t Timeline::first_pts() const noexcept {
  return state_->first_pts;
}

double Timeline::seconds(std::int64_t pts) const noexcept {
  return state_->seconds_from_first(pts);
}

double Timeline::start_s(std::int64_t frame) const {
  const State& state = *state_;
  if (frame >= state.size()) return end_s();
  if (frame < 0) return 0;
  if (frame >= state.spilled)
    return seconds(state.recent[static_cast<std::size_t>(frame - state.spilled)].start_pts);
  std::int64_t pts = 0;
  const auto offset = frame * kEntryBytes + static_cast<std::int64_t>(offsetof(Entry, start_pts));
  if (read_fully(state.file, &pts, sizeof pts, offset) != 0)
    return std::numeric_limits<double>::quiet_NaN();
  return seconds(pts);
}

double Timeline::end_s() const noexcept {
  return empty() ? 0 : seconds(saturating_add(state_->last_start_pts, state_->last_duration));
}

struct Timeline::Reader::State {
  const Timeline::State* timeline;
  std::int64_t at;                 // of the next frame
  const Entry* current = nullptr;  // what next() returned last
  std::vector<Entry> block;
  std::int64_t block_start = 0;
  Status status;

  const Entry* load(std::int64_t frame) {
    if (frame >= timeline->spilled)
      return &timeline->recent[static_cast<std::size_t>(frame - timeline->spilled)];
    const auto in_block = frame - block_start;
    if (in_block >= 0 && in_block < static_cast<std::int64_t>(block.size()))
      return &block[static_cast<std::size_t>(in_block)];
    const auto count = std::min(kFramesPerRead, timeline->spilled - frame);
    block.resize(static_cast<std::size_t>(count));
    block_start = frame;
    const int error =
        read_fully(timeline->file, block.data(), block.size() * sizeof(Entry), frame * kEntryBytes);
    if (error == 0) return block.data();
    block.clear();
    status = fail(ErrorKind::unavailable, "read the timeline back from {}: frame {}: {}",
                  path_to_line(timeline->scratch.native()), frame,
                  std::generic_category().message(error));
    return nullptr;
  }
};

Timeline::Reader::Reader(const Timeline& timeline, std::int64_t from)
    : state_(std::make_unique<State>(
          State{timeline.state_.get(), std::max<std::int64_t>(from, 0), nullptr, {}, 0, {}})) {}
Timeline::Reader::~Reader() = default;
Timeline::Reader::Reader(Reader&&) noexcept = default;

const TimelineFrame* Timeline::Reader::next() {
  State& state = *state_;
  if (!state.status || state.at >= state.timeline->size()) return nullptr;
  const Entry* entry = state.load(state.at);
  if (entry == nullptr) return nullptr;
  state.current = entry;
  ++state.at;
  return &entry->frame;
}

std::int64_t Timeline::Reader::index() const noexcept {
  return state_->at - 1;
}

double Timeline::Reader::start_s() const noexcept {
  return state_->current == nullptr
             ? 0
             : state_->timeline->seconds_from_first(state_->current->start_pts);
}

Status Timeline::Reader::status() const {
  return state_->status;
}

}  // namespace reelmill
