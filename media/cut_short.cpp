// SPDX-License-Identifier: Apache-2.0
#include "media/cut_short.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string_view>

#include "media/libav.h"

namespace reelmill {
namespace {

constexpr std::uint64_t kEbmlHeader = 0x1A45DFA3, kSegment = 0x18538067;

/// Variable-length integers of EBML (RFC 8794, section 4), without trusting any of them.
class EbmlReader {
 public:
  explicit EbmlReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  /// An element's name, with its marker bit.
  std::optional<std::uint64_t> id() { return integer(true); }
  /// A length in bytes; empty where it is unknown.
  std::optional<std::uint64_t> length() { return integer(false); }
  void skip(std::uint64_t count) { position_ += std::min<std::uint64_t>(count, bytes_.size()); }
  std::uint64_t position() const { return position_; }

 private:
  std::optional<std::uint64_t> integer(bool keeps_marker) {
    if (position_ >= bytes_.size() || bytes_[position_] == 0) return {};
    const int count = std::countl_zero(bytes_[position_]) + 1;
    if (position_ + static_cast<std::size_t>(count) > bytes_.size()) return {};
    std::uint64_t value = bytes_[position_];
    if (!keeps_marker) value &= 0xFFu >> count;
    for (int i = 1; i < count; ++i)
      value = value << 8 | bytes_[position_ + static_cast<unsigned>(i)];
    position_ += static_cast<std::size_t>(count);
    if (!keeps_marker && value == (std::uint64_t{1} << (7 * count)) - 1) return {};
    return value;
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t position_ = 0;
};

bool is_segment_cut_short(MediaInput& input) {
  std::array<std::uint8_t, 96> beginning{};
  const auto before = input.seek(0, SEEK_CUR);
  if (before < 0 || input.seek(0, SEEK_SET) < 0) return false;
  std::size_t size = 0;
  while (size < beginning.size()) {
    const int got = input.read(beginning.data() + size, static_cast<int>(beginning.size() - size));
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (input.seek(before, SEEK_SET) < 0) return false;
  EbmlReader reader(std::span(beginning.data(), size));
  if (reader.id() != kEbmlHeader) return false;
  const auto header = reader.length();
  if (!header) return false;
  reader.skip(*header);
  if (reader.id() != kSegment) return false;
  const auto segment = reader.length();
  return segment && *segment > input.identity().bytes - reader.position();
}

bool is_index_beyond(const AVFormatContext& format, std::uint64_t bytes) {
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    AVStream* stream = format.streams[i];
    const int count = avformat_index_get_entries_count(stream);
    for (int k = 0; k < count; ++k) {
      const auto* entry = avformat_index_get_entry(stream, k);
      if (entry->pos >= 0 &&
          static_cast<std::uint64_t>(entry->pos) + static_cast<std::uint64_t>(entry->size) > bytes)
        return true;
    }
  }
  return false;
}

}  // namespace

bool is_cut_short(MediaInput& input, const AVFormatContext& format) {
  const std::string_view name = format.iformat->name;
  if (name.starts_with("matroska")) return is_segment_cut_short(input);
  return is_index_beyond(format, input.identity().bytes);
}

}  // namespace reelmill
