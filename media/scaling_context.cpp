// SPDX-License-Identifier: Apache-2.0
#include "media/scaling_context.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace reelmill {
namespace {

bool is_gray(AVPixelFormat format) {
  const auto* description = av_pix_fmt_desc_get(format);
  return description != nullptr && description->nb_components <= 2 &&
         (description->flags & (AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_RGB)) == 0;
}

struct Key {
  int from_width = 0, from_height = 0, from_format = -1, to_width = 0, to_height = 0,
      to_format = -1, filter = 0;
  bool from_full = false, to_full = false;
  friend bool operator==(const Key&, const Key&) = default;
};

struct Free {
  void operator()(SwsContext* context) const noexcept { sws_freeContext(context); }
};
using OwnedContext = std::unique_ptr<SwsContext, Free>;

OwnedContext new_context(const Key& key) {
  OwnedContext context(sws_alloc_context());
  if (context == nullptr) return {};
  // As options before it is set up: told afterwards, swscale converts the range of 8-bit samples
  // only, and not without scaling.
  const auto set = [&](const char* name, int value) {
    av_opt_set_int(context.get(), name, value, 0);
  };
  set("srcw", key.from_width);
  set("srch", key.from_height);
  set("src_format", key.from_format);
  set("src_range", key.from_full ? 1 : 0);
  set("dstw", key.to_width);
  set("dsth", key.to_height);
  set("dst_format", key.to_format);
  set("dst_range", key.to_full ? 1 : 0);
  set("sws_flags", key.filter | SWS_ACCURATE_RND | SWS_BITEXACT);
  if (sws_init_context(context.get(), nullptr, nullptr) < 0) return {};
  return context;
}

/// Contexts that nobody uses at the moment. Thread-safe.
class ScalingPool {
 public:
  OwnedContext take(const Key& key) {
    const std::lock_guard lock(mutex_);
    // The newest first: it is the one most likely to be in a cache.
    const auto found = std::find_if(idle_.rbegin(), idle_.rend(),
                                    [&](const Idle& idle) { return idle.key == key; });
    if (found == idle_.rend()) return {};
    auto context = std::move(found->context);
    idle_.erase(std::next(found).base());
    return context;
  }

  void give_back(const Key& key, OwnedContext context) {
    OwnedContext oldest;  // freed without the lock
    const std::lock_guard lock(mutex_);
    if (idle_.size() == kMostIdle) {
      oldest = std::move(idle_.front().context);
      idle_.erase(idle_.begin());
    }
    idle_.push_back({key, std::move(context)});
  }

 private:
  static constexpr std::size_t kMostIdle = 16;
  struct Idle {
    Key key;
    OwnedContext context;
  };
  std::mutex mutex_;
  std::vector<Idle> idle_;
};

ScalingPool& pool() {
  static ScalingPool contexts;
  return contexts;
}

}  // namespace

bool is_full_range(AVColorRange range, AVPixelFormat format, bool is_gray) noexcept {
  switch (format) {
    case AV_PIX_FMT_YUVJ411P:
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ444P:
      return true;
    default:
      return range == AVCOL_RANGE_JPEG || (is_gray && range != AVCOL_RANGE_MPEG);
  }
}

bool scale_into(const AVFrame& from, AVFrame& to, int filter) {
  const auto from_format = static_cast<AVPixelFormat>(from.format);
  const auto to_format = static_cast<AVPixelFormat>(to.format);
  const Key key{from.width,
                from.height,
                from.format,
                to.width,
                to.height,
                to.format,
                filter,
                is_full_range(from.color_range, from_format, is_gray(from_format)),
                is_full_range(to.color_range, to_format, is_gray(to_format))};
  auto context = pool().take(key);
  if (context == nullptr) context = new_context(key);
  if (context == nullptr) return false;
  const int rows =
      sws_scale(context.get(), from.data, from.linesize, 0, from.height, to.data, to.linesize);
  pool().give_back(key, std::move(context));
  return rows == to.height;
}

}  // namespace reelmill
