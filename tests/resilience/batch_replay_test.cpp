// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_replay.h"

#include <deque>

#include "base/manual_clock.h"
#include "base/random.h"
#include "resilience/adaptive_batcher.h"
#include "resilience/batch_record.h"
#include "tests/support/result_matchers.h"

namespace reelmill::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

BatchOptions options() {
  return {.strategy = BatchStrategy::hybrid, .max_bytes = 4000, .max_in_flight = 3};
}

/// A run with arrivals, failures, breaker states and slots at random.
BatchRecord any_run(std::uint64_t seed) {
  SeededRandom random(seed);
  ManualClock clock;
  BatchRecord record;
  AdaptiveBatcher<int> batcher(options(), clock);
  batcher.record_to(&record);
  std::deque<BatchObservation> in_service;
  for (int i = 0; i < 20000; ++i) {
    const double die = random.uniform();
    if (die < 0.6) {
      batcher.add_item(i, static_cast<std::size_t>(random.uniform() * 300),
                       random.uniform() < 0.5 ? "a" : "b",
                       static_cast<SourceId>(random.uniform() * 4));
    } else if (die < 0.8 && !in_service.empty()) {
      batcher.completed(in_service.front());
      in_service.pop_front();
    } else if (die < 0.803) {
      batcher.hold();
    } else if (die < 0.806) {
      batcher.probe();
    } else if (die < 0.82) {
      batcher.resume();
    } else if (die < 0.83) {
      batcher.starving();
    } else if (die < 0.835) {
      batcher.drain();
    } else {
      clock.advance(Duration(static_cast<Duration::rep>(random.uniform() * 50e6)));
    }
    while (const auto batch = batcher.next(random.uniform() < 0.9)) {
      const int n = static_cast<int>(batch->items.size());
      const auto taken = (0.05 + 0.003 * n) * (0.9 + 0.2 * random.uniform());
      in_service.push_back(
          {.n = n,
           .bytes = batch->bytes,
           .service_time = Duration(static_cast<Duration::rep>(taken * 1e9)),
           .succeeded = random.uniform() < 0.95 ? n : n / 2,
           .in_flight = batcher.snapshot().in_flight,
           .key = batch->key,
           .end = random.uniform() < 0.97 ? BatchEnd::served : BatchEnd::not_reached});
    }
  }
  return record;
}

TEST(BatchReplay, TheRecordOfARunGivesTheSameDecisions) {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    const auto record = any_run(seed);
    ASSERT_GT(record.decisions().size(), 300u);
    EXPECT_THAT(replay(options(), record.events()), IsEmpty()) << "seed " << seed;
  }
}

TEST(BatchReplay, SurvivesBeingWrittenAndRead) {
  const auto record = any_run(6);
  std::vector<BatchEvent> read;
  for (const auto& event : record.events()) {
    auto parsed = parse_batch_event(to_line(event));
    ASSERT_THAT(parsed, IsOk());
    read.push_back(*parsed);
  }
  EXPECT_THAT(replay(options(), read), IsEmpty());
}

TEST(BatchReplay, AnotherOptionIsNoticed) {
  const auto record = any_run(7);
  auto other = options();
  other.max_bytes = 3000;
  EXPECT_FALSE(replay(other, record.events()).empty());
}

TEST(BatchReplay, AChangedDecisionIsNoticed) {
  auto events = any_run(8).events();
  const auto left = std::find_if(events.begin(), events.end(), [](const auto& event) {
    return event.kind == BatchEvent::Kind::left;
  });
  ASSERT_NE(left, events.end());
  ++left->decision.n;
  const auto divergences = replay(options(), events);
  ASSERT_EQ(divergences.size(), 1u);
  EXPECT_EQ(divergences[0].event, static_cast<std::size_t>(left - events.begin()));
}

TEST(BatchRecord, DecisionsTellWhatWasPredictedAndObserved) {
  const auto decisions = any_run(9).decisions();
  int both = 0;
  for (const auto& decision : decisions) {
    EXPECT_GT(decision.n, 0);
    EXPECT_GE(decision.target, 1);
    both += decision.predicted > 0s && decision.observed > 0s ? 1 : 0;
  }
  EXPECT_GT(both, static_cast<int>(decisions.size()) / 2);
}

TEST(BatchRecord, SaysWhenItIsFull) {
  BatchRecord record(2);
  for (int i = 0; i < 3; ++i) record.write({});
  EXPECT_EQ(record.events().size(), 2u);
  EXPECT_FALSE(record.is_complete());
}

TEST(BatchRecord, ABadLineIsAnErrorNamingWhatIsMissing) {
  EXPECT_THAT(parse_batch_event("nonsense"), FailsWith(ErrorKind::invalid_input, "batch event"));
  EXPECT_THAT(parse_batch_event(R"({"event":"added","at_ns":1})"),
              FailsWith(ErrorKind::invalid_input, "bytes"));
  EXPECT_THAT(parse_batch_event(R"({"event":"exploded","at_ns":1})"),
              FailsWith(ErrorKind::invalid_input, "no such event"));
}

}  // namespace
}  // namespace reelmill::testing
