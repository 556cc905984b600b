// SPDX-License-Identifier: Apache-2.0
#include "pipeline/storage_retry.h"

#include <utility>

#include "base/log.h"
#include "base/path_text.h"

namespace reelmill {
namespace {

constexpr Duration kFirstProbe = std::chrono::milliseconds(250);
constexpr Duration kSlowestProbe = std::chrono::seconds(15);
/// A storage that has only one file to show is given this many chances before the file is blamed.
constexpr int kMaxFailures = 4;

}  // namespace

StorageRetry::StorageRetry(RunContext& context, Again again, GiveUp give_up)
    : context_(context), again_(std::move(again)), give_up_(std::move(give_up)) {}

void StorageRetry::add(std::shared_ptr<VideoJob> job) {
  std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(job));
  changed_.notify_all();
}

bool StorageRetry::wait_while_paused(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait(lock, stop, [&] { return waiting_.empty(); });
}

std::deque<std::shared_ptr<VideoJob>> StorageRetry::take_all() {
  std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

void StorageRetry::run(std::stop_token stop) {
  for (;;) {
    std::shared_ptr<VideoJob> job;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) return;
      job = waiting_.front();
    }
    if (!wait_for_answer(*job, stop)) return;
    {
      std::lock_guard lock(mutex_);
      if (waiting_.empty() || waiting_.front() != job) continue;  // taken away meanwhile
      waiting_.pop_front();
      changed_.notify_all();
    }
    ++job->storage_failures;
    (job->storage_failures > kMaxFailures ? give_up_ : again_)(std::move(job));
  }
}

bool StorageRetry::wait_for_answer(const VideoJob& job, std::stop_token stop) {
  const auto name = path_to_line(job.file.path.native());
  // Each further failure of the same file waits longer: its storage may answer for others and come
  // and go for this one.
  Duration wait = kFirstProbe * (1 << std::min(job.storage_failures, 6));
  for (bool is_first = true;; is_first = false) {
    if (!context_.clock.sleep_until(context_.clock.now() + wait, stop)) return false;
    if (context_.storage.answers(job.file.path)) {
      if (!is_first) spdlog::info("the input answers again");
      return true;
    }
    if (is_first)
      context_.add_note(fmt::format(
          "the input stopped answering while {} was read: decoding waits until it is back", name));
    wait = std::min(wait * 2, kSlowestProbe);
  }
}

}  // namespace reelmill
