// SPDX-License-Identifier: Apache-2.0
#include "media/encryption.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "media/libav.h"

namespace reelmill {
namespace {

constexpr int kMaxBoxes = 4096;  // boxes looked at in all: a guard against endless files

struct Box {
  std::array<char, 4> type{};
  std::int64_t content = 0, end = 0;  // bytes from the start of the file
  bool is(std::string_view name) const { return std::string_view(type.data(), 4) == name; }
};

/// Walks boxes without trusting any length.
class BoxReader {
 public:
  explicit BoxReader(MediaInput& input) : input_(input) {}

  std::optional<Box> box_at(std::int64_t position, std::int64_t limit) {
    std::array<std::uint8_t, 16> header{};
    if (++boxes_ > kMaxBoxes || limit - position < 8 || !read(position, header.data(), 8)) {
      return {};
    }
    Box box;
    std::int64_t size = integer(header.data(), 4), header_size = 8;
    for (std::size_t i = 0; i < 4; ++i) box.type[i] = static_cast<char>(header[4 + i]);
    if (size == 1) {
      if (!read(position, header.data(), 16)) return {};
      size = integer(header.data() + 8, 8);
      header_size = 16;
    } else if (size == 0) {
      size = limit - position;
    }
    if (size < header_size) return {};
    box.content = position + header_size;
    box.end = position + std::min(size, limit - position);  // a box cut off has its beginning
    return box;
  }

  std::optional<std::string> text_at(std::int64_t position) {
    std::array<std::uint8_t, 4> text{};
    if (!read(position, text.data(), 4)) return {};
    std::string result;
    for (const auto letter : text) {
      if (letter < 0x20 || letter > 0x7e) return {};
      result += static_cast<char>(letter);
    }
    return result;
  }

  std::int64_t size() const { return static_cast<std::int64_t>(input_.identity().bytes); }

 private:
  static std::int64_t integer(const std::uint8_t* bytes, int count) {
    std::int64_t value = 0;
    for (int i = 0; i < count; ++i) {
      value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 8 | bytes[i]);
    }
    return value;
  }
  bool read(std::int64_t position, std::uint8_t* to, int count) {
    if (input_.seek(position, SEEK_SET) < 0) return false;
    while (count > 0) {
      const int got = input_.read(to, count);
      if (got <= 0) return false;
      to += got;
      count -= got;
    }
    return true;
  }
  MediaInput& input_;
  int boxes_ = 0;
};

/// The scheme named inside one `encv` sample entry: sinf/schm.
std::string scheme_of(BoxReader& reader, const Box& entry) {
  constexpr std::int64_t kVisualSampleEntryFields = 78;
  for (auto position = entry.content + kVisualSampleEntryFields;;) {
    const auto box = reader.box_at(position, entry.end);
    if (!box) return "unnamed scheme";
    if (box->is("sinf")) {
      for (auto inner = box->content;;) {
        const auto part = reader.box_at(inner, box->end);
        if (!part) break;
        if (part->is("schm")) return reader.text_at(part->content + 4).value_or("unnamed scheme");
        inner = part->end;
      }
    }
    position = box->end;
  }
}

std::optional<std::string> search(BoxReader& reader, std::int64_t from, std::int64_t to) {
  for (auto position = from;;) {
    const auto box = reader.box_at(position, to);
    if (!box) return {};
    if (box->is("moov") || box->is("trak") || box->is("mdia") || box->is("minf") ||
        box->is("stbl") || box->is("stsd")) {
      const auto start = box->content + (box->is("stsd") ? 8 : 0);  // version, flags, count
      if (auto scheme = search(reader, start, box->end)) return scheme;
    } else if (box->is("encv")) {
      return scheme_of(reader, *box);
    } else if (box->is("moof")) {
      return {};  // fragments follow; what they hold was described before them
    }
    position = box->end;
  }
}

}  // namespace

std::optional<std::string> isobmff_encryption_scheme(MediaInput& input) {
  const auto before = input.seek(0, SEEK_CUR);
  BoxReader reader(input);
  auto scheme = search(reader, 0, reader.size());
  input.seek(before, SEEK_SET);
  return scheme;
}

bool has_encrypted_video(const AVFormatContext& format) {
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    const auto& stream = *format.streams[i];
    if (stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
        av_dict_get(stream.metadata, "enc_key_id", nullptr, 0) != nullptr) {
      return true;
    }
  }
  return false;
}

}  // namespace reelmill
