// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "resilience/call_context.h"

namespace reelmill {

/// What a file of a video is to the run.
enum class CallContent {
  results,   ///< results/<video>.json
  artifact,  ///< a file under artifacts/<video>/
};

/// One thing that waits on disk for an external service: a file of a video, and the name it shall
/// have there.
struct CallItem {
  std::string video;           ///< key of the video
  std::filesystem::path file;  ///< local file with the content
  std::string name;            ///< relative name at the service, `/` between folders, raw bytes
  std::string content_type;    ///< media type
  std::uint64_t bytes = 0;
  std::string sha256;  ///< of the content, lower-case hexadecimal
  int attempt = 1;     ///< 1 = never tried before
};

/// What became of one item.
struct CallOutcome {
  std::uint64_t bytes_sent = 0;
  std::string location;  ///< where it is now, for people
};

/// Work done by an external service. Blocking; called from several lane threads at once, so it
/// keeps a connection a thread. One outcome per item and in the same order, so that one bad item
/// never fails its neighbours. Safe to repeat: an item that was already delivered is delivered
/// again to the same name with the same content.
class CallStage {
 public:
  virtual ~CallStage() = default;
  virtual std::vector<Result<CallOutcome>> call(std::span<const CallItem> items,
                                                const CallContext& context) = 0;
  /// Whether this stage sends files of this kind; others never become items.
  virtual bool accepts(CallContent content) const {
    static_cast<void>(content);
    return true;
  }
  /// Checks what can be checked before the run (folder writable, address well formed). Writes
  /// nothing that stays.
  virtual Status prepare() { return {}; }
  /// For plan and report: `https://host/path`, without secrets.
  virtual std::string target() const = 0;
};

}  // namespace reelmill
