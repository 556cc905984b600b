// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/fingerprint_cache.h"

#include "fingerprint/fingerprint_file.h"

namespace reelmill {
namespace {

std::size_t size_of(const Fingerprint& fingerprint) {
  return sizeof fingerprint +
         (fingerprint.whole.size() + fingerprint.inside.size()) * sizeof(SlotHash) +
         fingerprint.sound.size() * sizeof(std::uint32_t);
}

}  // namespace

std::shared_ptr<const Fingerprint> FingerprintCache::load(std::uint32_t number) {
  if (const auto found = kept_.find(number); found != kept_.end()) return found->second;
  auto fingerprint = read_fingerprint(files_[number]);
  if (!fingerprint) return nullptr;
  auto shared = std::make_shared<const Fingerprint>(*std::move(fingerprint));
  if (bytes_ > most_bytes_) {
    kept_.clear();
    bytes_ = 0;
  }
  bytes_ += size_of(*shared);
  kept_.emplace(number, shared);
  return shared;
}

}  // namespace reelmill
