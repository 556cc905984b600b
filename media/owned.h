// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace reelmill {

/// Deleter made of a libav* free function that takes a pointer to the pointer.
template <auto Free>
struct FreeThroughPointer {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(&object);
  }
};

/// A C handle that is freed with its scope: `Owned<AVFrame, av_frame_free>`. The size of a pointer.
template <class T, auto Free>
using Owned = std::unique_ptr<T, FreeThroughPointer<Free>>;

}  // namespace reelmill
