// SPDX-License-Identifier: Apache-2.0
#include "media/frame.h"

#include <utility>

#include "media/chroma_planes.h"
#include "media/frame_scaler.h"
#include "media/libav.h"
#include "media/luma_plane.h"

namespace reelmill {

void free_frame(AVFrame** frame) noexcept {
  av_frame_free(frame);
}

Frame::Frame() = default;
Frame::Frame(Owned<AVFrame, free_frame> frame) : frame_(std::move(frame)) {}

bool Frame::empty() const noexcept {
  return frame_ == nullptr || frame_->data[0] == nullptr;
}
int Frame::width() const noexcept {
  return frame_ == nullptr ? 0 : frame_->width;
}
int Frame::height() const noexcept {
  return frame_ == nullptr ? 0 : frame_->height;
}

std::optional<std::int64_t> Frame::pts() const noexcept {
  return frame_ == nullptr ? std::nullopt : optional_time(frame_->best_effort_timestamp);
}

std::optional<std::int64_t> Frame::duration() const noexcept {
  if (frame_ == nullptr || frame_->pkt_duration <= 0) return {};
  return frame_->pkt_duration;
}

bool Frame::is_key() const noexcept {
  return frame_ != nullptr && frame_->key_frame != 0;
}

bool Frame::is_intra() const noexcept {
  return frame_ != nullptr &&
         (frame_->pict_type == AV_PICTURE_TYPE_I || frame_->pict_type == AV_PICTURE_TYPE_SI);
}

void Frame::mark_key(bool is_key) noexcept {
  if (frame_ != nullptr) frame_->key_frame = is_key ? 1 : 0;
}

bool Frame::is_corrupt() const noexcept {
  return frame_ != nullptr &&
         ((frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame_->decode_error_flags != 0);
}

bool Frame::is_interlaced() const noexcept {
  return frame_ != nullptr && frame_->interlaced_frame != 0;
}

Frame Frame::share() const {
  return frame_ == nullptr ? Frame()
                           : Frame(Owned<AVFrame, free_frame>(av_frame_clone(frame_.get())));
}

LumaView Frame::luma() {
  if (empty()) return {};
  if (const auto direct = luma_plane(*frame_)) return *direct;
  if (converted_ == nullptr) converted_ = convert_to_luma(*frame_);
  if (converted_ == nullptr) return {};
  return luma_plane(*converted_).value_or(LumaView{});
}

ChromaView Frame::chroma() const {
  return empty() ? ChromaView{} : chroma_planes(*frame_);
}

Result<Picture> Frame::scaled(int width, int height, int rotation) const {
  if (empty()) return fail(ErrorKind::internal, "scale: the frame is empty");
  return scale_frame(*frame_, width, height, rotation);
}

}  // namespace reelmill
