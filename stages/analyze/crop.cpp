// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/crop.h"

#include <algorithm>
#include <utility>

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

CropRectangle turned(const CropRectangle& part, int width, int height, int rotation) {
  switch (rotation) {
    case 90:
      return {height - part.bottom, part.left, height - part.top, part.right};
    case 180:
      return {width - part.right, height - part.bottom, width - part.left, height - part.top};
    case 270:
      return {part.top, width - part.right, part.bottom, width - part.left};
    default:
      return part;
  }
}

void CropObserver::see(const Seen& seen) {
  if (!first_)
    first_ = seen;
  else if (!changed_ && seen.size != first_->size)
    changed_ = seen;
}

void CropObserver::observe(const FrameView& view) {
  Size size{view.frame.width(), view.frame.height()};
  if (view.rotation == 90 || view.rotation == 270) std::swap(size.width, size.height);
  see({view.index, view.time_s, size});
  samples_.offer(view, [&] {
    Frame frame = view.frame.share();
    auto lit = lit_part(LumaSamples(frame.luma()), options_.level);
    if (lit) lit = turned(*lit, frame.width(), frame.height(), view.rotation);
    return Sample{size, lit};
  });
}

void CropObserver::merge(FrameObserver& next, std::int64_t frame_offset) {
  const auto& other = dynamic_cast<CropObserver&>(next);
  samples_.append(other.samples_);
  for (auto seen : {other.first_, other.changed_}) {
    if (!seen) continue;
    seen->frame += frame_offset;
    see(*seen);
  }
}

Findings CropObserver::finish() {
  Findings findings;
  std::optional<CropRectangle> all;
  const Sample* first = nullptr;
  for (const auto& [slot, is_key, sample] : samples_.list()) {
    if (first == nullptr) first = &sample;
    if (sample.size != first->size || !sample.lit) continue;
    if (!all) all = sample.lit;
    all->left = std::min(all->left, sample.lit->left);
    all->top = std::min(all->top, sample.lit->top);
    all->right = std::max(all->right, sample.lit->right);
    all->bottom = std::max(all->bottom, sample.lit->bottom);
  }
  if (changed_ && first != nullptr)
    findings.warn(
        fmt::format("crop: the frame's size changes to {}x{} at {:.6g} s; told of {}x{} only",
                    changed_->size.width, changed_->size.height, changed_->time_s,
                    first->size.width, first->size.height),
        changed_->frame);
  if (!all) {
    findings.set("crop", nullptr);
    return findings;
  }
  const bool has_rows = all->top > 0 || all->bottom < first->size.height;
  const bool has_columns = all->left > 0 || all->right < first->size.width;
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
     .version = 2,
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
