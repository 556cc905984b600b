// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

namespace reelmill {
namespace {

struct Unit {
  std::string_view name;
  double scale;
};

constexpr std::array kTimeUnits = {Unit{"ns", 1},     Unit{"us", 1e3},   Unit{"ms", 1e6},
                                   Unit{"s", 1e9},    Unit{"m", 60e9},   Unit{"min", 60e9},
                                   Unit{"h", 3600e9}, Unit{"d", 86400e9}};
constexpr std::array kByteUnits = {
    Unit{"B", 1},           Unit{"kB", 1e3},           Unit{"MB", 1e6},
    Unit{"GB", 1e9},        Unit{"TB", 1e12},          Unit{"KiB", 1024.0},
    Unit{"MiB", 1048576.0}, Unit{"GiB", 1073741824.0}, Unit{"TiB", 1099511627776.0}};

template <std::size_t N>
const Unit* find_unit(const std::array<Unit, N>& units, std::string_view name) {
  for (const auto& unit : units)
    if (unit.name == name) return &unit;
  return nullptr;
}

/// Splits `1.5GiB` into a number and a unit name; false when it starts with no number.
bool take_quantity(std::string_view& text, double& number, std::string_view& unit) {
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number)) return false;  // it reads "nan" and "inf"
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  std::size_t letters = 0;
  while (letters < text.size() && (std::isalpha(static_cast<unsigned char>(text[letters])) != 0))
    ++letters;
  unit = text.substr(0, letters);
  text.remove_prefix(letters);
  return true;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const std::string_view whole = text;
  if (text == "0") return Duration{0};
  double total = 0;
  bool any = false;
  while (!text.empty()) {
    double number = 0;
    std::string_view name;
    if (!take_quantity(text, number, name) || number < 0)
      return fail(ErrorKind::invalid_input, "'{}' is not a duration: write 250ms, 30s, 10m, 2h",
                  whole);
    const Unit* unit = find_unit(kTimeUnits, name);
    if (unit == nullptr)
      return fail(ErrorKind::invalid_input,
                  "'{}' needs a unit of time: ns, us, ms, s, m, h or d, as in 250ms", whole);
    total += number * unit->scale;
    any = true;
  }
  if (!any)
    return fail(ErrorKind::invalid_input, "'' is not a duration: write 250ms, 30s, 10m, 2h");
  if (total >= static_cast<double>(std::numeric_limits<Duration::rep>::max()))
    return fail(ErrorKind::invalid_input, "'{}' is too long: the longest is about 292 years",
                whole);
  return Duration(std::llround(total));
}

Result<Bytes> parse_bytes(std::string_view text) {
  const std::string_view whole = text;
  if (text == "0") return Bytes{0};
  double number = 0;
  std::string_view name;
  if (!take_quantity(text, number, name) || number < 0 || !text.empty())
    return fail(ErrorKind::invalid_input, "'{}' is not a size: write 512B, 64MiB, 1.5GB", whole);
  const Unit* unit = find_unit(kByteUnits, name);
  if (unit == nullptr)
    return fail(ErrorKind::invalid_input,
                "'{}' needs a unit of size: B, KiB, MiB, GiB, TiB, kB, MB, GB or TB, as in 64MiB",
                whole);
  const double bytes = number * unit->scale;
  if (bytes >= 0x1.0p63) return fail(ErrorKind::invalid_input, "'{}' is too large", whole);
  return static_cast<Bytes>(std::llround(bytes));
}

std::string format_duration(Duration duration) {
  auto left = duration.count();
  if (left == 0) return "0s";
  std::string text = left < 0 ? "-" : "";
  if (left < 0) left = -left;
  const auto take = [&](Duration::rep scale, const char* unit) {
    if (left >= scale) {
      text += std::to_string(left / scale) + unit;
      left %= scale;
    }
  };
  take(3600'000'000'000, "h");
  take(60'000'000'000, "m");
  take(1'000'000'000, "s");
  take(1'000'000, "ms");
  take(1'000, "us");
  take(1, "ns");
  return text;
}

std::string format_bytes(Bytes bytes) {
  constexpr std::array kExact = {Unit{"TiB", 1099511627776.0}, Unit{"GiB", 1073741824.0},
                                 Unit{"MiB", 1048576.0}, Unit{"KiB", 1024.0}};
  for (const auto& unit : kExact) {
    const auto scale = static_cast<Bytes>(unit.scale);
    if (bytes != 0 && bytes % scale == 0)
      return std::to_string(bytes / scale) + std::string(unit.name);
  }
  return std::to_string(bytes) + "B";
}

std::string approximate_bytes(double bytes) {
  constexpr std::array<const char*, 5> kNames = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < kNames.size()) {
    bytes /= 1000;
    ++unit;
  }
  return fmt::format("{:.3g} {}", bytes, kNames[unit]);
}

std::string approximate_duration(double seconds) {
  if (!(seconds >= 0)) return "unknown";
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{}h {:02}m", whole / 3600, whole / 60 % 60);
  return fmt::format("{}d {:02}h", whole / 86400, whole / 3600 % 24);
}

}  // namespace reelmill
