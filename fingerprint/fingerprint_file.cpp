// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/fingerprint_file.h"

#include <bit>
#include <cmath>
#include <string_view>

#include "base/digest.h"
#include "base/path_text.h"
#include "base/read_file.h"

namespace reelmill {
namespace {

constexpr std::string_view kMagic = "RMFP";
constexpr std::size_t kChecksumBytes = 8, kSlotBytes = 36;

std::uint64_t checksum(std::span<const std::uint8_t> bytes) {
  return xxh3({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

class Writer {
 public:
  template <class T>
  void put(T value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
      bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void put_seconds(double value) { put(std::bit_cast<std::uint64_t>(value)); }
  void put_hash(const PictureHash& hash) {
    put(hash.signs);
    put(hash.weak);
  }
  void put_track(const std::vector<SlotHash>& slots, const PictureDetail& detail) {
    for (const auto& part : detail) put_hash(part);
    put(static_cast<std::uint32_t>(slots.size()));
    for (const auto& entry : slots) {
      put(entry.slot);
      put_hash(entry.hash);
      put_hash(entry.motion);
    }
  }
  std::vector<std::uint8_t> bytes;
};

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
  template <class T>
  T get() {
    T value = 0;
    if (rest_.size() < sizeof value) {
      is_short_ = true;
      return value;
    }
    for (std::size_t i = 0; i < sizeof value; ++i)
      value = static_cast<T>(value | static_cast<T>(static_cast<T>(rest_[i]) << (8 * i)));
    rest_ = rest_.subspan(sizeof value);
    return value;
  }
  double get_seconds() { return std::bit_cast<double>(get<std::uint64_t>()); }
  /// How many entries of `bytes` each follow; 0 where they cannot.
  std::size_t get_count(std::size_t bytes) {
    const std::size_t count = get<std::uint32_t>();
    if (count <= rest_.size() / bytes) return count;
    is_short_ = true;
    return 0;
  }
  PictureHash get_hash() {
    PictureHash hash;
    hash.signs = get<std::uint64_t>();
    hash.weak = get<std::uint64_t>();
    return hash;
  }
  void get_track(std::vector<SlotHash>& slots, PictureDetail& detail) {
    for (auto& part : detail) part = get_hash();
    slots.resize(get_count(kSlotBytes));
    for (auto& entry : slots) {
      entry.slot = get<std::uint32_t>();
      entry.hash = get_hash();
      entry.motion = get_hash();
      if (&entry != slots.data() && entry.slot <= (&entry - 1)->slot) is_short_ = true;
    }
  }
  bool is_whole() const { return !is_short_ && rest_.empty(); }

 private:
  std::span<const std::uint8_t> rest_;
  bool is_short_ = false;
};

}  // namespace

std::vector<std::uint8_t> encode_fingerprint(const Fingerprint& fingerprint) {
  Writer writer;
  writer.bytes.assign(kMagic.begin(), kMagic.end());
  writer.put(kFingerprintVersion);
  writer.put(static_cast<std::uint16_t>(0));
  writer.put_seconds(fingerprint.duration_s);
  writer.put_track(fingerprint.whole, fingerprint.whole_detail);
  writer.put_track(fingerprint.inside, fingerprint.inside_detail);
  writer.put_seconds(fingerprint.sound_start_s);
  writer.put(static_cast<std::uint32_t>(fingerprint.sound.size()));
  for (const auto item : fingerprint.sound) writer.put(item);
  writer.put(checksum(writer.bytes));
  return std::move(writer.bytes);
}

Result<Fingerprint> decode_fingerprint(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kMagic.size() + kChecksumBytes ||
      std::string_view(reinterpret_cast<const char*>(bytes.data()), kMagic.size()) != kMagic)
    return fail(ErrorKind::invalid_input, "no fingerprint file");
  Reader reader(bytes.subspan(kMagic.size(), bytes.size() - kMagic.size() - kChecksumBytes));
  if (const auto version = reader.get<std::uint16_t>(); version != kFingerprintVersion)
    return fail(ErrorKind::invalid_input, "a fingerprint file of version {}, not {}", version,
                kFingerprintVersion);
  const auto content = bytes.first(bytes.size() - kChecksumBytes);
  if (Reader(bytes.last(kChecksumBytes)).get<std::uint64_t>() != checksum(content))
    return fail(ErrorKind::invalid_input, "a damaged fingerprint file: its checksum is wrong");
  reader.get<std::uint16_t>();
  Fingerprint fingerprint;
  fingerprint.duration_s = reader.get_seconds();
  reader.get_track(fingerprint.whole, fingerprint.whole_detail);
  reader.get_track(fingerprint.inside, fingerprint.inside_detail);
  fingerprint.sound_start_s = reader.get_seconds();
  fingerprint.sound.resize(reader.get_count(sizeof(std::uint32_t)));
  for (auto& item : fingerprint.sound) item = reader.get<std::uint32_t>();
  if (!reader.is_whole() || !std::isfinite(fingerprint.duration_s) ||
      !std::isfinite(fingerprint.sound_start_s))
    return fail(ErrorKind::invalid_input, "a damaged fingerprint file: its lengths do not fit");
  return fingerprint;
}

Result<Fingerprint> read_fingerprint(const std::filesystem::path& file) {
  REELMILL_ASSIGN(const auto bytes, read_whole_file(file));
  auto fingerprint =
      decode_fingerprint({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  if (!fingerprint)
    return fail(fingerprint.error().kind, "read {}: {}", path_to_line(file.native()),
                fingerprint.error().message);
  return fingerprint;
}

}  // namespace reelmill
