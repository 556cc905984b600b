// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/quality.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "stages/api/registry.h"

namespace reelmill {
namespace {

// The upper bits of a float are its logarithm: exponent, then the first four of the mantissa.
constexpr int kShift = 19;
constexpr std::uint32_t kFirst = std::bit_cast<std::uint32_t>(1.0F) >> kShift;

float lower_edge(int bin) {
  return std::bit_cast<float>((kFirst + static_cast<std::uint32_t>(bin)) << kShift) - 1;
}

double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

}  // namespace

void LogHistogram::add(float value) noexcept {
  if (!(value >= 0)) value = 0;
  const auto bits = std::bit_cast<std::uint32_t>(1 + value) >> kShift;
  ++counts_[std::min<std::size_t>(bits - kFirst, kBins - 1)];
  ++total_;
}

double LogHistogram::percentile(double share) const noexcept {
  const double wanted = share * static_cast<double>(total_);
  std::int64_t below = 0;
  for (int bin = 0; bin < kBins; ++bin) {
    const auto count = counts_[static_cast<std::size_t>(bin)];
    if (count > 0 && static_cast<double>(below + count) >= wanted) {
      const double part =
          std::max(0.0, wanted - static_cast<double>(below)) / static_cast<double>(count);
      return lower_edge(bin) + part * (lower_edge(bin + 1) - lower_edge(bin));
    }
    below += count;
  }
  return 0;
}

OptionTable<QualityOptions> quality_options() {
  return OptionTable<QualityOptions>()
      .add("blur_below", &QualityOptions::blur_below,
           "a frame is blurred when its sharpness in levels² is below this", Range{0, 1e6})
      .add("dark_share", &QualityOptions::dark_share,
           "a frame is underexposed when this share of its pixels is below 5 % luma (0 to 1)",
           Range{0, 1})
      .add("bright_share", &QualityOptions::bright_share,
           "a frame is overexposed when this share of its pixels is above 95 % luma (0 to 1)",
           Range{0, 1});
}

Result<Findings> QualityDetector::detect(const Timeline& timeline) const {
  constexpr float kBlackFrame = 0.98F, kShowsSomething = 4;
  LogHistogram sharpness;
  double sharp = 0, luma = 0, contrast = 0, dark = 0, bright = 0;
  std::int64_t frames = 0, textured = 0, blurred = 0, underexposed = 0, overexposed = 0;
  auto reader = timeline.read();
  while (const TimelineFrame* frame = reader.next()) {
    const auto& seen = frame->features;
    if (seen.black_share >= kBlackFrame) continue;
    ++frames;
    sharpness.add(seen.sharpness);
    sharp += seen.sharpness;
    luma += seen.mean;
    contrast += seen.deviation;
    dark += seen.dark_share;
    bright += seen.bright_share;
    underexposed += seen.dark_share >= options_.dark_share ? 1 : 0;
    overexposed += seen.bright_share >= options_.bright_share ? 1 : 0;
    if (seen.deviation > kShowsSomething) {
      ++textured;
      blurred += seen.sharpness < options_.blur_below ? 1 : 0;
    }
  }
  REELMILL_TRY(reader.status());
  Findings findings;
  if (frames == 0) {
    findings.set("quality", nullptr);
    return findings;
  }
  const auto mean = [&](double sum) { return rounded(sum / static_cast<double>(frames)); };
  Json quality;
  quality["sharpness"] = {{"mean", mean(sharp)},
                          {"p10", rounded(sharpness.percentile(0.1))},
                          {"p50", rounded(sharpness.percentile(0.5))}};
  quality["blurred"] =
      textured == 0 ? 0 : rounded(static_cast<double>(blurred) / static_cast<double>(textured));
  quality["exposure"] = {{"mean_luma", mean(luma)},
                         {"contrast", mean(contrast)},
                         {"dark_share", mean(dark)},
                         {"bright_share", mean(bright)},
                         {"underexposed", mean(static_cast<double>(underexposed))},
                         {"overexposed", mean(static_cast<double>(overexposed))}};
  findings.set("quality", std::move(quality));
  return findings;
}

namespace {

const RegisterStage registered{define_stage<QualityOptions>(
    {.name = "quality",
     .version = 1,
     .summary = "Quality: how sharp, bright and well exposed the picture is",
     .kind = StageKind::frames},
    quality_options(), [](const QualityOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.frames = DecoderNeeds::Frames::all;
      parts.detector = std::make_shared<QualityDetector>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
