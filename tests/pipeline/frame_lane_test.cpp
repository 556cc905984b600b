// SPDX-License-Identifier: Apache-2.0
#include "pipeline/frame_lane.h"

#include <cmath>
#include <future>
#include <numeric>
#include <stdexcept>

#include <gmock/gmock.h>

#include "tests/support/synthetic_frame.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using namespace std::chrono_literals;
using State = FrameAnswer::State;
using testing::HasSubstr;

/// A service in memory. A frame is its first byte; its answer is that byte.
class FakeService final : public FrameCallStage {
 public:
  std::size_t input_bytes(int width, int height, int) const override {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3;
  }
  Result<FrameInput> convert(const FrameView& view) const override {
    const auto value = static_cast<char>(view.pts);
    const int width = view.frame.width(), height = view.frame.height();
    return FrameInput{fmt::format("{}x{}", width, height), width, height,
                      std::string(input_bytes(width, height, 0), value)};
  }
  tl::expected<std::vector<FrameOutput>, FrameCallFailure> call(
      std::span<const FrameInput* const> frames, const CallContext&) override {
    std::function<Status(std::span<const FrameInput* const>)> decide;
    {
      const std::lock_guard lock(mutex_);
      ++calls;
      sizes.push_back(frames.size());
      for (const auto* frame : frames) is_mixed = is_mixed || frame->key != frames.front()->key;
      decide = decision;
    }
    if (decide)
      if (auto decided = decide(frames); !decided)
        return tl::unexpected(FrameCallFailure{decided.error(), culprit});
    std::vector<FrameOutput> outputs;
    for (const auto* frame : frames)
      outputs.push_back({{"first", TensorType::uint8, {}, frame->data.substr(0, 1)}});
    return outputs;
  }
  BatchOptions batching() const override { return {}; }
  Json description() const override { return {{"model", "fake"}}; }
  std::string target() const override { return "fake"; }

  std::function<Status(std::span<const FrameInput* const>)> decision;
  std::optional<std::size_t> culprit;
  int calls = 0;
  bool is_mixed = false;
  std::vector<std::size_t> sizes;

 private:
  std::mutex mutex_;
};

/// Refuses calls that hold a frame with this value.
auto refusing(int value, ErrorKind kind = ErrorKind::invalid_input) {
  return [value, kind](std::span<const FrameInput* const> frames) -> Status {
    for (const auto* frame : frames)
      if (static_cast<unsigned char>(frame->data.front()) == value)
        return fail(kind, "cannot look at this");
    return {};
  };
}

class FrameLaneTest : public testing::Test {
 protected:
  FrameLaneTest() {
    StageSpec stage;
    stage.id = "labels";
    stage.lanes = 3;
    stage.configured.parts.frame_call_stage = service_;
    stage.batch = {.strategy = BatchStrategy::fixed, .max_wait = 5ms, .max_in_flight = 3};
    spec_.stages.push_back(std::move(stage));
    spec_.limits.drain_timeout = 300ms;
    options_.output = folder_.path();
    guard_options_.retry = RetryOptions{.strategy = RetryStrategy::fixed, .base_delay = 1ms};
  }
  BatchOptions& batch() { return spec_.stages.front().batch; }

  void open(std::size_t memory = 64 << 20) {
    ledger_ = *Ledger::open(folder_.path());
    watchdog_.emplace(Watchdog::Options{}, clock_);
    storage_.emplace(std::vector<InputRoot>{});
    context_.emplace(spec_, options_, *ledger_, *watchdog_, *storage_, clock_);
    guard_ = *Guard::make("labels", guard_options_, clock_);
    lane_.emplace(*context_, *context_->plan.models.front(), guard_, memory);
  }
  /// Offers a frame as a decoding thread does.
  Status offer(const std::shared_ptr<FrameAnswers>& answers, std::int64_t value,
               const test::Image& image = test::Image{.width = 16, .height = 16}) {
    const Frame frame = test::frame_of(image);
    const FrameFeatures features{};
    const FrameView view{frame, features, next_++, value, 0, 0};
    return lane_->offer({view, answers, 0, "video.mp4", 1, 0});
  }
  std::shared_ptr<FrameAnswers> offer_all(const std::vector<int>& values) {
    auto answers = std::make_shared<FrameAnswers>(1);
    for (const int value : values) EXPECT_TRUE(offer(answers, value));
    return answers;
  }
  /// Waits for the last answer.
  const std::vector<FrameAnswer>& all(FrameAnswers& answers) {
    // Shared, so that an answer that comes too late for this wait finds it still there.
    const auto complete = std::make_shared<std::promise<void>>();
    if (!answers.close([complete] { complete->set_value(); })) {
      EXPECT_EQ(complete->get_future().wait_for(20s), std::future_status::ready)
          << "frames are lost";
    }
    return answers.of(0);
  }
  static int count(const std::vector<FrameAnswer>& answers, State state) {
    return static_cast<int>(
        std::count_if(answers.begin(), answers.end(),
                      [&](const FrameAnswer& answer) { return answer.state == state; }));
  }
  static std::vector<int> numbers(int count) {
    std::vector<int> list(static_cast<std::size_t>(count));
    std::iota(list.begin(), list.end(), 0);
    return list;
  }

  test::TempFolder folder_;
  std::shared_ptr<FakeService> service_ = std::make_shared<FakeService>();
  PipelineSpec spec_;
  RunOptions options_;
  GuardOptions guard_options_;
  SystemClock clock_;
  std::unique_ptr<Ledger> ledger_;
  std::optional<Watchdog> watchdog_;
  std::optional<StorageWatch> storage_;
  std::optional<RunContext> context_;
  std::shared_ptr<Guard> guard_;
  std::optional<FrameLane> lane_;
  std::int64_t next_ = 0;
};

TEST_F(FrameLaneTest, AnswersEveryFrameWithItsOwnOutput) {
  open();
  lane_->start();
  const auto answers = offer_all(numbers(100));
  const auto& got = all(*answers);
  ASSERT_EQ(got.size(), 100u);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(got[i].state, State::answered) << i;
    EXPECT_EQ(got[i].output.at(0).data, std::string(1, static_cast<char>(i)));
  }
}

TEST_F(FrameLaneTest, OnlyFramesOfOneSizeShareACall) {
  open();
  auto answers = std::make_shared<FrameAnswers>(1);
  for (int i = 0; i < 60; ++i)
    ASSERT_TRUE(offer(answers, i, {.width = i % 3 == 0 ? 32 : 16, .height = 16}));
  lane_->start();
  EXPECT_EQ(count(all(*answers), State::answered), 60);
  EXPECT_FALSE(service_->is_mixed);
}

TEST_F(FrameLaneTest, FindsOnePoisonedFrameAmongAHundredWithFewCallsAndItsNeighboursSucceed) {
  for (const int poisoned : {0, 37, 50, 99}) {
    service_ = std::make_shared<FakeService>();
    spec_.stages.front().configured.parts.frame_call_stage = service_;
    batch() = {.strategy = BatchStrategy::fixed,
               .initial_batch_size = 100,
               .max_wait = 1h,
               .max_in_flight = 3};
    service_->decision = refusing(poisoned);
    open();
    const auto answers = offer_all(numbers(100));
    lane_->start();
    const auto& got = all(*answers);
    EXPECT_EQ(count(got, State::answered), 99);
    EXPECT_EQ(got[poisoned].state, State::set_aside);
    EXPECT_THAT(got[poisoned].reason, HasSubstr("cannot look at this"));
    EXPECT_LE(service_->calls - 1, 2 * std::log2(100) + 2) << "poisoned: " << poisoned;
    lane_.reset();
    ledger_.reset();
  }
}

TEST_F(FrameLaneTest, AFrameThatTheServiceNamesCostsThreeCallsMoreAtMost) {
  batch() = {.strategy = BatchStrategy::fixed, .initial_batch_size = 100, .max_wait = 1h};
  service_->decision = refusing(37);
  service_->culprit = 37;
  open();
  const auto answers = offer_all(numbers(100));
  lane_->start();
  const auto& got = all(*answers);
  EXPECT_EQ(count(got, State::answered), 99);
  EXPECT_EQ(got[37].state, State::set_aside);
  EXPECT_LE(service_->calls, 4) << "all, the others, the frame, and again if it was before them";
}

TEST_F(FrameLaneTest, AServiceThatAlwaysNamesTheWrongFrameDoesNotCostACallAFrame) {
  batch() = {.strategy = BatchStrategy::fixed, .initial_batch_size = 100, .max_wait = 1h};
  service_->decision = refusing(99);
  service_->culprit = 0;
  open();
  const auto answers = offer_all(numbers(100));
  lane_->start();
  EXPECT_EQ(count(all(*answers), State::answered), 99);
  EXPECT_LE(service_->calls, 30);
}

TEST_F(FrameLaneTest, AFrameThatTheServiceNamesWronglyIsNotSetAside) {
  batch() = {.strategy = BatchStrategy::fixed, .initial_batch_size = 20, .max_wait = 1h};
  service_->decision = refusing(7);
  service_->culprit = 3;
  open();
  const auto answers = offer_all(numbers(20));
  lane_->start();
  const auto& got = all(*answers);
  EXPECT_EQ(count(got, State::answered), 19);
  EXPECT_EQ(got[7].state, State::set_aside);
}

TEST_F(FrameLaneTest, AFrameThatTheServiceFailsAtIsSetAsideOnceOthersWentThrough) {
  service_->decision = refusing(5, ErrorKind::internal);
  // One frame among twenty is most of the calls once it is tried alone: without the rate, too.
  guard_options_.breaker =
      CircuitBreakerOptions{.failure_threshold = 50, .failure_rate_threshold = 2};
  spec_.limits.drain_timeout = 10s;
  open();
  lane_->start();
  const auto answers = offer_all(numbers(20));
  const auto& got = all(*answers);
  EXPECT_EQ(count(got, State::answered), 19);
  EXPECT_EQ(got[5].state, State::set_aside);
  EXPECT_EQ(guard_->state(), GuardState::closed);
}

TEST_F(FrameLaneTest, ALastFrameThatIsRefusedIsSetAsideWhenOneThatWasTakenGoesThroughAgain) {
  service_->decision = refusing(5);
  spec_.limits.drain_timeout = 4s;
  open();
  lane_->start();
  EXPECT_EQ(count(all(*offer_all(numbers(4))), State::answered), 4);
  const auto calls = service_->calls;
  const auto last = offer_all({5});
  EXPECT_EQ(all(*last)[0].state, State::set_aside);
  EXPECT_THAT(all(*last)[0].reason, HasSubstr("cannot look at this"));
  EXPECT_EQ(service_->calls - calls, 3) << "the frame, the one that was taken, the frame";
}

TEST_F(FrameLaneTest, AServiceThatTakesNothingAnyMoreIsNotBelievedAboutTheLastFrame) {
  std::atomic<bool> is_broken = false;
  service_->decision = [&](auto) -> Status {
    if (is_broken) return fail(ErrorKind::invalid_input, "no such model");
    return {};
  };
  open();
  lane_->start();
  EXPECT_EQ(count(all(*offer_all(numbers(4))), State::answered), 4);
  is_broken = true;
  EXPECT_EQ(all(*offer_all({5}))[0].state, State::pending);
}

TEST_F(FrameLaneTest, WhenTheServiceRefusesEverythingNothingIsSetAside) {
  service_->decision = [](auto) -> Status {
    return fail(ErrorKind::invalid_input, "no such input");
  };
  open();
  lane_->start();
  const auto answers = offer_all(numbers(20));
  const auto& got = all(*answers);
  EXPECT_EQ(count(got, State::pending), 20);
  EXPECT_THAT(got[0].reason, HasSubstr("no such input"));
}

TEST_F(FrameLaneTest, FramesOfAServiceThatIsDownAreLeftPendingAfterPatience) {
  service_->decision = [](auto) -> Status { return fail(ErrorKind::unavailable, "refused"); };
  guard_options_.breaker = CircuitBreakerOptions{.failure_threshold = 2, .timeout = 20ms};
  open();
  lane_->start();
  const auto begin = clock_.now();
  const auto answers = offer_all(numbers(20));
  EXPECT_EQ(count(all(*answers), State::pending), 20);
  EXPECT_GE(clock_.now() - begin, 300ms);
}

TEST_F(FrameLaneTest, FramesWaitForAServiceThatComesBack) {
  std::atomic<int> left = 4;
  service_->decision = [&](auto) -> Status {
    if (left-- > 0) return fail(ErrorKind::unavailable, "refused");
    return {};
  };
  spec_.limits.drain_timeout = 10s;
  guard_options_.breaker =
      CircuitBreakerOptions{.failure_threshold = 2, .success_threshold = 1, .timeout = 5ms};
  open();
  lane_->start();
  const auto answers = offer_all(numbers(20));
  EXPECT_EQ(count(all(*answers), State::answered), 20);
}

TEST_F(FrameLaneTest, RefusedCredentialsAreTriedThreeTimesAndThenLeftToAPerson) {
  service_->decision = [](auto) -> Status { return fail(ErrorKind::denied, "401"); };
  guard_options_.breaker = CircuitBreakerOptions{};
  spec_.limits.drain_timeout = 1h;
  open();
  lane_->start();
  const auto answers = offer_all(numbers(30));
  EXPECT_EQ(count(all(*answers), State::pending), 30);
  EXPECT_LE(service_->calls, 6);
}

TEST_F(FrameLaneTest, AfterAHoldAFrameAsksWhetherCredentialsAreGoodAgain) {
  std::atomic<int> left = 3;
  service_->decision = [&](auto) -> Status {
    if (left-- > 0) return fail(ErrorKind::denied, "401");
    return {};
  };
  guard_options_.breaker = CircuitBreakerOptions{.timeout = 10ms, .max_timeout = 10ms};
  spec_.limits.drain_timeout = 1h;
  open();
  lane_->start();
  EXPECT_EQ(count(all(*offer_all(numbers(30))), State::pending), 30) << "held meanwhile";
  while (guard_->paused_until() > clock_.now()) std::this_thread::yield();
  EXPECT_EQ(count(all(*offer_all({1})), State::answered), 1);
}

TEST_F(FrameLaneTest, AModelStageThatThrowsIsAtFaultItselfAndTheRunGoesOn) {
  service_->decision = [](auto) -> Status { throw std::runtime_error("oops"); };
  open();
  lane_->start();
  const auto answers = offer_all(numbers(4));
  const auto& got = all(*answers);
  EXPECT_EQ(count(got, State::pending), 4);
  EXPECT_THAT(got[0].reason, HasSubstr("oops"));
}

TEST_F(FrameLaneTest, KeepsToItsMemoryWithFramesOfMixedSizesAndTheRestOnDisk) {
  constexpr std::size_t kMemory = 64 << 20;
  open(kMemory);
  auto answers = std::make_shared<FrameAnswers>(1);
  const test::Image sizes[] = {
      {.width = 640, .height = 360, .luma = std::vector<std::uint8_t>(640 * 360)},
      {.width = 1920, .height = 1080, .luma = std::vector<std::uint8_t>(1920 * 1080)},
      {.width = 3840, .height = 2160, .luma = std::vector<std::uint8_t>(3840 * 2160)}};
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(offer(answers, i, sizes[i % 3]));
  EXPECT_GT(lane_->disk_high_water(), kMemory);
  lane_->start();
  const auto& got = all(*answers);
  EXPECT_EQ(count(got, State::answered), 30);
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(got[i].output.at(0).data, std::string(1, static_cast<char>(i)));
  EXPECT_LE(lane_->memory_high_water(), kMemory);
  EXPECT_GT(lane_->memory_high_water(), kMemory / 2);
}

TEST_F(FrameLaneTest, AMemorySmallerThanOneFrameStillMakesProgress) {
  open(10);
  lane_->start();
  const auto answers = offer_all(numbers(50));
  EXPECT_EQ(count(all(*answers), State::answered), 50);
  EXPECT_EQ(lane_->memory_high_water(), 16u * 16u * 3u) << "one frame at a time";
}

TEST_F(FrameLaneTest, DoesNotDeadlockWhenPartialBatchesHoldAllMemory) {
  // Room for three frames, and batches of ten that would wait an hour, two sizes side by side.
  batch() = {.strategy = BatchStrategy::fixed, .initial_batch_size = 10, .max_wait = 1h};
  open(3 * 16 * 16 * 3);
  lane_->start();
  auto answers = std::make_shared<FrameAnswers>(1), company = std::make_shared<FrameAnswers>(1);
  for (int i = 0; i < 40; ++i)
    ASSERT_TRUE(offer(answers, i, {.width = i % 2 == 0 ? 16 : 8, .height = 16}));
  // Behind them others wait, so that the last of them need not stay for company.
  for (int i = 0; i < 8; ++i)
    ASSERT_TRUE(offer(company, i, {.width = i % 2 == 0 ? 16 : 8, .height = 16}));
  EXPECT_EQ(count(all(*answers), State::answered), 40);
  const auto reasons = lane_->batching().reasons;
  EXPECT_TRUE(std::any_of(reasons.begin(), reasons.end(),
                          [](const auto& reason) { return reason.first == "starved"; }));
}

TEST_F(FrameLaneTest, FramesThatNobodyWantsAnyMoreAreNotSent) {
  open();
  const auto unwanted = offer_all(numbers(10));
  unwanted->abandon();
  lane_->start();
  const auto wanted = offer_all({100, 101, 102});
  EXPECT_EQ(count(all(*wanted), State::answered), 3);
  std::size_t sent = 0;
  for (const auto size : service_->sizes) sent += size;
  EXPECT_EQ(sent, 3u);
}

TEST_F(FrameLaneTest, ARunThatStopsAnswersWhatWaitsAndWhatComesLater) {
  batch().max_wait = 1h;
  open(5 * 16 * 16 * 3);
  const auto answers = offer_all(numbers(9));  // some on disk
  lane_->cancel();
  EXPECT_TRUE(offer(answers, 9));
  const auto& got = all(*answers);
  EXPECT_EQ(count(got, State::cancelled), 10);
  EXPECT_TRUE(answers->is_cancelled());
}

TEST_F(FrameLaneTest, LosesAndDoublesNothingUnderRandomFailures) {
  std::atomic<unsigned> draws = 1;
  service_->decision = [&](std::span<const FrameInput* const> frames) -> Status {
    const auto draw = (draws += 0x9E3779B9U) % 10;
    if (draw < 3) return fail(ErrorKind::unavailable, "busy");
    if (draw == 3) return fail(ErrorKind::throttled, "slow down");
    return refusing(13)(frames);
  };
  spec_.limits.drain_timeout = 1h;
  // Enough attempts and budget for them all: a frame in doubt waits seconds of the real clock.
  guard_options_.retry->max_attempts = 100;
  guard_options_.budget.capacity = 1e6;
  open(20 * 16 * 16 * 3);
  lane_->start();
  std::vector<std::shared_ptr<FrameAnswers>> videos(4);
  {
    std::vector<std::jthread> decoders;
    for (auto& video : videos)
      decoders.emplace_back([&video, this] {
        auto answers = std::make_shared<FrameAnswers>(1);
        const FrameFeatures features{};
        for (int i = 0; i < 100; ++i) {
          const Frame frame = test::frame_of({.width = 16, .height = 16});
          const FrameView view{frame, features, i, i, 0, 0};
          EXPECT_TRUE(lane_->offer({view, answers, 0, "v", 1, 0}));
        }
        video = answers;
      });
  }
  for (auto& video : videos) {
    const auto& got = all(*video);
    EXPECT_EQ(count(got, State::answered), 99);
    EXPECT_EQ(got[13].state, State::set_aside);
  }
  lane_->stop();
  EXPECT_LE(lane_->memory_high_water(), 20u * 16 * 16 * 3);
}

}  // namespace
}  // namespace reelmill
