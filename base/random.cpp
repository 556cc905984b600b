// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

namespace reelmill {
namespace {

class ThreadLocalRandom final : public Random {
 public:
  double uniform() override {
    thread_local SeededRandom generator((static_cast<std::uint64_t>(std::random_device{}()) << 32) ^
                                        std::random_device{}());
    return generator.uniform();
  }
};

}  // namespace

Random& default_random() noexcept {
  static ThreadLocalRandom source;
  return source;
}

}  // namespace reelmill
