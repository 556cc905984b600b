// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/upload_lane.h"
#include "tests/support/temp_folder.h"

namespace reelmill::test {

/// A call stage that answers as told and remembers its calls. Thread-safe.
class FakeCall final : public CallStage {
 public:
  using Answer = std::function<std::vector<Result<CallOutcome>>(std::span<const CallItem>)>;
  FakeCall(CallBatching batching, Answer answer)
      : batching_(batching), answer_(std::move(answer)) {}

  std::vector<Result<CallOutcome>> call(std::span<const CallItem> items,
                                        const CallContext& context) override {
    {
      const std::lock_guard lock(mutex_);
      calls_.emplace_back(items.begin(), items.end());
      contexts_.push_back(context);
    }
    auto outcomes = answer_(items);
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < outcomes.size() && outcomes.size() == items.size(); ++i)
      if (outcomes[i]) arrived_.insert(items[i].name);
    return outcomes;
  }
  CallBatching batching() const override { return batching_; }
  bool may_overlap() const override { return overlaps; }
  std::string target() const override { return "fake"; }

  bool overlaps = false;

  std::vector<std::vector<CallItem>> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  std::vector<CallContext> contexts() const {
    const std::lock_guard lock(mutex_);
    return contexts_;
  }
  std::multiset<std::string> arrived() const {
    const std::lock_guard lock(mutex_);
    return arrived_;
  }

 private:
  const CallBatching batching_;
  const Answer answer_;
  mutable std::mutex mutex_;
  std::vector<std::vector<CallItem>> calls_;
  std::vector<CallContext> contexts_;
  std::multiset<std::string> arrived_;
};

inline std::vector<Result<CallOutcome>> all_well(std::span<const CallItem> items) {
  return std::vector<Result<CallOutcome>>(items.size(), CallOutcome{1, "there"});
}
inline std::vector<Result<CallOutcome>> all_fail(std::span<const CallItem> items, Error error) {
  return std::vector<Result<CallOutcome>>(items.size(), tl::unexpected<Error>(std::move(error)));
}

inline CallBatching batches_of(int size, BatchIdentity identity = BatchIdentity::none) {
  return {.identity = identity,
          .options = {.strategy = BatchStrategy::fixed,
                      .initial_batch_size = size,
                      .max_wait = std::chrono::hours(1)}};
}

inline GuardOptions three_attempts() {
  return {.retry = RetryOptions{.strategy = RetryStrategy::fixed,
                                .max_attempts = 3,
                                .base_delay = std::chrono::milliseconds(1),
                                .max_delay = std::chrono::milliseconds(2)}};
}

/// Whether an item of this video is among them.
inline bool has(std::span<const CallItem> items, const std::string& name) {
  return std::any_of(items.begin(), items.end(),
                     [&](const auto& item) { return item.name.starts_with(name); });
}

/// A lane with a ledger and a guard of its own, and no run around it.
class LaneFixture : public testing::Test {
 protected:
  void add_videos(int count, int files_each = 1) {
    for (int v = 0; v < count; ++v) {
      AnalyzedVideo video;
      video.file = {"/videos/" + name_of(v), name_of(v), 1, 1};
      video.status = "done";
      video.analysis_hash = "a";
      UploadClaim claim{"send", "h", {}};
      for (int f = 0; f < files_each; ++f) {
        PendingUpload item;
        item.name = item.file = name_of(v) + "/" + std::to_string(f);
        item.bytes = 10;
        item.sha256 = std::to_string(v * 1000 + f);
        claim.items.push_back(item);
      }
      video.uploads.push_back(claim);
      ledger->record_analyzed(video, nullptr);
    }
    ASSERT_TRUE(ledger->flush());
  }
  static std::string name_of(int video) { return fmt::format("v{:03}", video); }

  /// Sends until nothing is left that this run would try.
  void run_lane(FakeCall::Answer answer, CallBatching batching, GuardOptions guard_options = {},
                int threads = 1) {
    call = std::make_shared<FakeCall>(batching, std::move(answer));
    call->overlaps = may_overlap;
    PipelineSpec spec;
    StageSpec stage;
    stage.id = "send";
    stage.lanes = threads;
    stage.batch = batching.options;
    stage.configured.parts.call_stage = call;
    spec.stages.push_back(stage);
    RunOptions options;
    options.output = folder.path();
    Watchdog watchdog({}, system_clock());
    StorageWatch storage(std::vector<InputRoot>{});
    RunContext context(spec, options, *ledger, watchdog, storage, system_clock());
    auto guard = Guard::make("send", guard_options);
    ASSERT_TRUE(guard) << guard.error().message;
    {
      UploadLane lane(context, *context.plan.calls.front(), *guard,
                      [](std::function<void()> settle) { settle(); });
      (*guard)->on_event([&](const GuardEvent&) { lane.guard_changed(); });
      lane.start();
      lane.no_more(patience);
      lane.wait_until_settled({});
      lane.stop();
      report = lane.batching();
    }
    ASSERT_TRUE(ledger->flush());
    failures = context.failures();
    guard_snapshot = (*guard)->snapshot();
  }
  void expect_all_but(const std::string& poison, int videos) {
    std::multiset<std::string> expected;
    for (int v = 0; v < videos; ++v)
      if (name_of(v) != poison) expected.insert(name_of(v) + "/0");
    EXPECT_EQ(call->arrived(), expected);
  }
  Ledger::Counts counts() { return *ledger->counts(); }
  void reopen_ledger() {
    ledger.reset();
    ledger = std::move(*Ledger::open(folder.path()));
  }

  bool may_overlap = false;
  /// Where the service takes nothing.
  Duration patience = std::chrono::seconds(20);
  TempFolder folder;
  std::unique_ptr<Ledger> ledger = std::move(*Ledger::open(folder.path()));
  std::shared_ptr<FakeCall> call;
  BatchingReport report;
  GuardSnapshot guard_snapshot;
  std::vector<FailureReport> failures;
};

}  // namespace reelmill::test
