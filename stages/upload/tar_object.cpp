// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/tar_object.h"

#include <array>
#include <cstring>

#include <nlohmann/json.hpp>

#include "base/path_text.h"
#include "base/result.h"
#include "stages/upload/packed_name.h"

namespace reelmill {
namespace {

constexpr std::uint64_t kBlock = 512;
constexpr std::uint64_t kLargestOctal = 077777777777;  // 11 digits: 8 GiB - 1
constexpr std::int64_t kTime = 315532800;              // 1980-01-01: the same on every day

/// The header block of POSIX.1-1988 (ustar), byte by byte.
struct Header {
  char name[100], mode[8], owner[8], group[8], size[12], time[12], checksum[8], type, link[100],
      magic[6], version[2], owner_name[32], group_name[32], device_major[8], device_minor[8],
      prefix[155], unused[12];
};
static_assert(sizeof(Header) == kBlock);

std::uint64_t padding(std::uint64_t bytes) {
  return (kBlock - bytes % kBlock) % kBlock;
}

template <std::size_t N>
void put_octal(char (&field)[N], std::uint64_t number) {
  const auto text = fmt::format("{:0{}o}", number, N - 1);
  std::memcpy(field, text.data(), N - 1);
}

template <std::size_t N>
void put_text(char (&field)[N], std::string_view text) {
  std::memcpy(field, text.data(), std::min(N, text.size()));
}

/// Puts the name into the header's two fields; false when it does not fit.
bool put_name(Header& header, std::string_view name) {
  if (name.size() <= sizeof header.name) {
    put_text(header.name, name);
    return true;
  }
  const auto slash = name.find('/', name.size() - sizeof header.name - 1);
  if (slash == name.npos || slash == 0 || slash > sizeof header.prefix) return false;
  put_text(header.prefix, name.substr(0, slash));
  put_text(header.name, name.substr(slash + 1));
  return true;
}

std::string block(Header& header, char type, std::uint64_t bytes) {
  put_octal(header.mode, 0644);
  put_octal(header.owner, 0);
  put_octal(header.group, 0);
  put_octal(header.size, bytes);
  put_octal(header.time, static_cast<std::uint64_t>(kTime));
  header.type = type;
  std::memcpy(header.magic, "ustar", 6);
  std::memcpy(header.version, "00", 2);
  std::memset(header.checksum, ' ', sizeof header.checksum);
  std::array<unsigned char, kBlock> raw{};
  std::memcpy(raw.data(), &header, kBlock);
  unsigned sum = 0;
  for (const auto byte : raw) sum += byte;
  const auto text = fmt::format("{:06o}", sum);
  std::memcpy(header.checksum, text.data(), 6);
  header.checksum[6] = '\0';
  return {reinterpret_cast<const char*>(&header), kBlock};
}

/// `LENGTH key=value\n`, where LENGTH counts itself.
std::string pax_record(std::string_view key, std::string_view value) {
  const auto rest = key.size() + value.size() + 3;
  auto length = rest;
  while (std::to_string(length).size() + rest != length)
    length = std::to_string(length).size() + rest;
  return fmt::format("{} {}={}\n", length, key, value);
}

/// All that stands before the member's bytes.
std::string head_of(const std::string& name, std::uint64_t bytes) {
  Header header{};
  std::string records;
  if (!put_name(header, name)) {
    records += pax_record("path", name);
    put_text(header.name, name);
  }
  if (bytes > kLargestOctal) records += pax_record("size", std::to_string(bytes));
  std::string text;
  if (!records.empty()) {
    Header extended{};
    put_text(extended.name, "PaxHeaders/member");
    text =
        block(extended, 'x', records.size()) + records + std::string(padding(records.size()), '\0');
  }
  return text + block(header, '0', std::min(bytes, kLargestOctal));
}

struct Member {
  PackedName name;
  std::string head;
  const CallItem* item;
};

/// The index when the first member begins at `offset`.
std::string index_of(const std::vector<Member>& members, std::uint64_t offset) {
  auto files = nlohmann::ordered_json::array();
  for (const auto& member : members) {
    offset += member.head.size();
    files.push_back({{"name", member.name.full()},
                     {"sample", member.name.key},
                     {"video", path_to_text(member.item->video)},
                     {"file", path_to_text(member.item->name)},
                     {"content_type", valid_utf8(member.item->content_type)},
                     {"offset", offset},
                     {"bytes", member.item->bytes},
                     {"sha256", member.item->sha256}});
    offset += member.item->bytes + padding(member.item->bytes);
  }
  return nlohmann::ordered_json{{"format", "reelmill pack"}, {"version", 1}, {"files", files}}.dump(
             1) +
         "\n";
}

}  // namespace

UploadObject tar_object(std::string name, std::span<const CallItem> items) {
  std::vector<Member> members;
  for (const auto& item : items) {
    auto packed = packed_name(item);
    auto head = head_of(packed.full(), item.bytes);
    members.push_back({std::move(packed), std::move(head), &item});
  }
  // The index holds offsets that depend on its own size, which settles in a round or two.
  std::string index;
  for (std::uint64_t offset = 0;;) {
    index = index_of(members, offset);
    const auto settled = kBlock + index.size() + padding(index.size());
    if (settled == offset) break;
    offset = settled;
  }
  UploadObject object{std::move(name), "application/x-tar", {}};
  std::string text = head_of("__index__", index.size()) + index;
  text += std::string(padding(index.size()), '\0');
  for (const auto& member : members) {
    object.parts.push_back({text + member.head});
    object.parts.push_back(
        {.text = {}, .file = member.item->file, .file_bytes = member.item->bytes});
    text = std::string(padding(member.item->bytes), '\0');
  }
  object.parts.push_back({text + std::string(2 * kBlock, '\0')});
  return object;
}

}  // namespace reelmill
