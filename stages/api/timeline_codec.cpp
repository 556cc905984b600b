// SPDX-License-Identifier: Apache-2.0
#include "stages/api/timeline_codec.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <zstd.h>

#include "base/digest.h"

namespace reelmill {
namespace {

static_assert(std::is_trivially_copyable_v<TimelineFrame>);
constexpr std::size_t kFrameBytes = sizeof(TimelineFrame);
constexpr std::size_t kBlockFrames = 256;
/// Raise it when a feature means something else than before.
constexpr std::uint32_t kFeaturesVersion = 1;
constexpr int kLevel = 3;  // of Zstandard: higher ones gain 5 % and cost ten times as much

struct Header {
  std::uint32_t version = kFeaturesVersion, frame_bytes = kFrameBytes;
  std::int64_t frames = 0;
  Rational time_base;
  std::uint64_t digest = 0;  ///< of all that follows
};

struct BlockHeader {
  std::uint32_t frames = 0, bytes = 0;
};

template <class T>
void put(std::string& to, const T& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
bool take(std::string_view& from, T& value) {
  if (from.size() < sizeof value) return false;
  std::memcpy(&value, from.data(), sizeof value);
  from.remove_prefix(sizeof value);
  return true;
}

/// Columns of differences, from rows.
void turn_over(std::span<const TimelineFrame> frames, std::vector<unsigned char>& columns) {
  const auto* rows = reinterpret_cast<const unsigned char*>(frames.data());
  columns.resize(frames.size() * kFrameBytes);
  for (std::size_t byte = 0; byte < kFrameBytes; ++byte) {
    unsigned char before = 0;
    unsigned char* column = columns.data() + byte * frames.size();
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const unsigned char now = rows[i * kFrameBytes + byte];
      column[i] = static_cast<unsigned char>(now - before);
      before = now;
    }
  }
}

void turn_back(const std::vector<unsigned char>& columns, std::span<TimelineFrame> frames) {
  auto* rows = reinterpret_cast<unsigned char*>(frames.data());
  for (std::size_t byte = 0; byte < kFrameBytes; ++byte) {
    unsigned char now = 0;
    const unsigned char* column = columns.data() + byte * frames.size();
    for (std::size_t i = 0; i < frames.size(); ++i) {
      now = static_cast<unsigned char>(now + column[i]);
      rows[i * kFrameBytes + byte] = now;
    }
  }
}

/// A frame with zeroes in the gaps between its members, so that equal frames are equal bytes.
TimelineFrame without_gaps(const TimelineFrame& frame) {
  TimelineFrame clean;
  std::memset(static_cast<void*>(&clean), 0, sizeof clean);
  clean.pts = frame.pts;
  clean.duration = frame.duration;
  clean.is_key = frame.is_key;
  clean.is_corrupt = frame.is_corrupt;
  std::memcpy(static_cast<void*>(&clean.features), &frame.features, sizeof frame.features);
  return clean;
}

tl::unexpected<Error> refused(std::string_view what) {
  return fail(ErrorKind::invalid_input, "read a stored timeline: {}", what);
}

class Encoder {
 public:
  Result<std::string> encode(const Timeline& timeline) {
    auto reader = timeline.read();
    while (const TimelineFrame* frame = reader.next()) {
      block_.push_back(without_gaps(*frame));
      if (block_.size() == kBlockFrames) REELMILL_TRY(end_block());
    }
    REELMILL_TRY(reader.status());
    REELMILL_TRY(end_block());
    std::string bytes;
    bytes.reserve(sizeof(Header) + blocks_.size());
    put(bytes,
        Header{
            .frames = timeline.size(), .time_base = timeline.time_base(), .digest = xxh3(blocks_)});
    return bytes += blocks_;
  }

 private:
  Status end_block() {
    if (block_.empty()) return {};
    turn_over(block_, columns_);
    packed_.resize(ZSTD_compressBound(columns_.size()));
    const auto bytes =
        ZSTD_compress(packed_.data(), packed_.size(), columns_.data(), columns_.size(), kLevel);
    if (ZSTD_isError(bytes))
      return fail(ErrorKind::internal, "compress a timeline: {}", ZSTD_getErrorName(bytes));
    put(blocks_,
        BlockHeader{static_cast<std::uint32_t>(block_.size()), static_cast<std::uint32_t>(bytes)});
    blocks_.append(reinterpret_cast<const char*>(packed_.data()), bytes);
    block_.clear();
    return {};
  }

  std::string blocks_;
  std::vector<TimelineFrame> block_;
  std::vector<unsigned char> columns_, packed_;
};

}  // namespace

Result<std::string> encode_timeline(const Timeline& timeline) {
  return Encoder().encode(timeline);
}

Result<Timeline> decode_timeline(std::string_view bytes, std::filesystem::path scratch) {
  Header header;
  if (!take(bytes, header)) return refused("it is cut off");
  if (header.version != kFeaturesVersion || header.frame_bytes != kFrameBytes)
    return refused("another version wrote it");
  if (header.digest != xxh3(bytes)) return refused("it is damaged");
  Timeline timeline(header.time_base, std::move(scratch));
  timeline.expect(header.frames);
  std::vector<unsigned char> columns;
  std::vector<TimelineFrame> frames;
  while (!bytes.empty()) {
    BlockHeader block;
    if (!take(bytes, block) || block.bytes > bytes.size() || block.frames > kBlockFrames)
      return refused("it is damaged");
    columns.resize(block.frames * kFrameBytes);
    const auto size = ZSTD_decompress(columns.data(), columns.size(), bytes.data(), block.bytes);
    if (ZSTD_isError(size) || size != columns.size()) return refused("it is damaged");
    bytes.remove_prefix(block.bytes);
    frames.resize(block.frames);
    turn_back(columns, frames);
    for (const auto& frame : frames) REELMILL_TRY(timeline.append(frame));
  }
  if (timeline.size() != header.frames) return refused("frames are missing");
  return timeline;
}

}  // namespace reelmill
