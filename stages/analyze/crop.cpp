// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/crop.h"

#include <algorithm>

#include "stages/api/registry.h"

namespace reelmill {
OptionTable<CropOptions> crop_options() {
  return OptionTable<CropOptions>().add(
      "level", &CropOptions::level,
      "rows and columns up to this mean level are a bar (0 = black to 255 = white)", Range{0, 254});
}

std::optional<CropRectangle> lit_part(const LumaSamples& luma, double level) {
  CropRectangle lit{0, 0, luma.width(), luma.height()};
  if (lit.right == 0) return {};
  while (lit.top < lit.bottom && luma.row_level(lit.top) <= level) ++lit.top;
  if (lit.top == lit.bottom) return {};
  while (luma.row_level(lit.bottom - 1) <= level) --lit.bottom;
  const auto is_bar = [&](int x) { return luma.column_level(x, lit.top, lit.bottom) <= level; };
  while (lit.left < lit.right && is_bar(lit.left)) ++lit.left;
  while (lit.right > lit.left && is_bar(lit.right - 1)) --lit.right;
  if (lit.left == lit.right) return {};
  return lit;
}

void CropObserver::observe(const FrameView& view) {
  samples_.offer(view, [&] {
    Frame frame = view.frame.share();
    return Sample{frame.width(), frame.height(),
                  lit_part(LumaSamples(frame.luma()), options_.level)};
  });
}

void CropObserver::merge(FrameObserver& next, std::int64_t /*frame_offset*/) {
  samples_.append(dynamic_cast<CropObserver&>(next).samples_);
}

Findings CropObserver::finish() {
  Findings findings;
  std::optional<CropRectangle> all;
  const Sample* first = nullptr;
  bool has_changed = false;
  for (const auto& [slot, is_key, sample] : samples_.list()) {
    if (first == nullptr) first = &sample;
    if (sample.width != first->width || sample.height != first->height) {
      has_changed = true;
      continue;
    }
    if (!sample.lit) continue;
    if (!all) all = sample.lit;
    all->left = std::min(all->left, sample.lit->left);
    all->top = std::min(all->top, sample.lit->top);
    all->right = std::max(all->right, sample.lit->right);
    all->bottom = std::max(all->bottom, sample.lit->bottom);
  }
  if (has_changed) findings.warn("crop: the frame's size changes; told of the first size only");
  if (!all) {
    findings.set("crop", nullptr);
    return findings;
  }
  const bool has_rows = all->top > 0 || all->bottom < first->height;
  const bool has_columns = all->left > 0 || all->right < first->width;
  const char* shape = has_rows && has_columns ? "windowbox"
                      : has_rows              ? "letterbox"
                      : has_columns           ? "pillarbox"
                                              : "none";
  findings.set("crop", Json{{"x", all->left},
                            {"y", all->top},
                            {"width", all->right - all->left},
                            {"height", all->bottom - all->top},
                            {"bars", shape}});
  return findings;
}

namespace {

const RegisterStage registered{define_stage<CropOptions>(
    {.name = "crop",
     .version = 1,
     .summary = "Crop: the rectangle inside the bars of a letterbox or pillarbox",
     .kind = StageKind::frames},
    crop_options(), [](const CropOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.frames = DecoderNeeds::Frames::every_interval;
      parts.needs.interval = std::chrono::seconds(1);
      parts.make_frame_observer = [options] { return std::make_unique<CropObserver>(options); };
      return parts;
    })};

}  // namespace
}  // namespace reelmill
