// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "resilience/batch_options.h"
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
  /// Name of the batch that the item belongs to, where batches become objects (CallBatching): the
  /// same for all items of a call, and for every attempt at this batch, also after a crash.
  std::string batch = {};
};

/// What succeeds, fails and is tried again as one.
enum class CallUnit {
  file,   ///< each item
  video,  ///< all items of one video, which a call then always has side by side
};

/// What becomes of the batch that a call sends.
enum class BatchIdentity {
  none,    ///< nothing: its items arrive each under its own name
  object,  ///< one object at the service: the batch keeps its items until it has arrived
};

/// How a stage wants its items brought.
struct CallBatching {
  CallUnit unit = CallUnit::file;
  BatchIdentity identity = BatchIdentity::none;
  /// What the smallest item adds to a batch, where that can be known.
  std::size_t least_item_bytes = 0;
  /// Where the configuration says nothing. Items one by one: right where each costs a request of
  /// its own, so that a batch would only make others wait.
  BatchOptions options = single_item_batches();
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
  /// Constant. When all items of a call fail with one and the same error, that error is taken for
  /// the batch's: if it is final, the batch is halved until the items it is about are found.
  virtual CallBatching batching() const { return {}; }
  /// Whether this stage sends files of this kind; others never become items.
  virtual bool accepts(CallContent content) const {
    static_cast<void>(content);
    return true;
  }
  /// Whether two calls for the same items may be under way at once, so that a guard may hedge: the
  /// one that ends later must leave what the other did.
  virtual bool may_overlap() const { return false; }
  /// Checks what can be checked before the run (folder writable, address well formed). Writes
  /// nothing that stays.
  virtual Status prepare() { return {}; }
  /// For plan and report: `https://host/path`, without secrets.
  virtual std::string target() const = 0;
};

}  // namespace reelmill
