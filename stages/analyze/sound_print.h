// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <chromaprint.h>

#include "media/owned.h"
#include "stages/api/observer.h"

namespace reelmill {

void free_chromaprint(ChromaprintContext** context) noexcept;

/// Computes the Chromaprint (algorithm TEST2, as AcoustID uses it) of the sound's mean over all
/// channels. A stream that changes its rate is printed in parts, one after the other. Sound shorter
/// than about 3 s has no items. Used by one thread at a time.
class SoundPrint final : public AudioObserver {
 public:
  void observe(const AudioBlock& block) override;
  Findings finish(double end_s) override;

  /// After finish(): 32-bit items, Fingerprint::kSoundItem_s apart.
  const std::vector<std::uint32_t>& items() const { return items_; }
  double start_s() const { return start_s_; }  ///< of the first sample

 private:
  void begin(int sample_rate);
  void end_part();

  Owned<ChromaprintContext, free_chromaprint> context_;
  int rate_ = 0;
  bool has_started_ = false;
  double start_s_ = 0;
  std::vector<std::int16_t> mono_;
  std::vector<std::uint32_t> items_;
};

}  // namespace reelmill
