// SPDX-License-Identifier: Apache-2.0
// A stage with a fault: its detector throws where its options say so.
#include <stdexcept>

#include "stages/api/observer.h"
#include "stages/api/registry.h"

namespace reelmill {
namespace {

struct FaultOptions {
  bool is_told = false;
};

class ThrowsWhenTold final : public Detector {
 public:
  explicit ThrowsWhenTold(bool is_told) : is_told_(is_told) {}
  Result<Findings> detect(const Timeline&) const override {
    if (is_told_) throw std::runtime_error("as told");
    return Findings{};
  }

 private:
  const bool is_told_;
};

}  // namespace
}  // namespace reelmill

extern "C" int reelmill_plugin(reelmill::Registry& registry, int api_version) {
  using namespace reelmill;
  auto stage = define_stage<FaultOptions>(
      {.name = "throws_when_told", .summary = "throws"},
      OptionTable<FaultOptions>().add("told", &FaultOptions::is_told, "whether it throws"),
      [](const FaultOptions& options, const StageContext&) {
        StageParts parts;
        parts.needs.frames = DecoderNeeds::Frames::all;
        parts.detector = std::make_shared<ThrowsWhenTold>(options.is_told);
        return parts;
      });
  if (api_version == kApiVersion && !registry.add(std::move(stage))) return 0;
  return kApiVersion;
}
