// SPDX-License-Identifier: Apache-2.0
#include "pipeline/config.h"

#include <sys/stat.h>

#include "tests/pipeline/config_fixture.h"

namespace reelmill {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::string kSmall =
    "version: 1\n"
    "stages:\n"
    "  - { id: frames, use: decode }\n"
    "  - { id: shots, use: shots, from: frames }\n";

TEST_F(ConfigTest, ReadsEverySection) {
  const auto spec = loaded(
      "version: 1\n"
      "name: archive\n"
      "input: { include: ['**/*.mp4', '**/*.mkv'], exclude: '**/tmp/**' }\n"
      "guards:\n"
      "  store:\n"
      "    retry: { strategy: fixed, max_attempts: 7, base_delay: 200ms, max_delay: 30s }\n"
      "    breaker: { failure_threshold: 4, timeout: 20s, failure_rate_threshold: 0.25 }\n"
      "    rate: { per_second: 3, burst: 5 }\n"
      "    concurrency: { initial: 2, max: 8 }\n"
      "    budget: { capacity: 100 }\n"
      "    timeout: { attempt: 60s, total: 10m }\n"
      "    hedge: { percentile: 0.9 }\n"
      "limits: { max_videos_in_flight: 3, max_bytes_in_flight: 1GiB, segment_length: 0 }\n"
      "watchdog: { stall_timeout: 30s }\n"
      "hash: true\n"
      "stages:\n"
      "  - { id: frames, use: decode }\n"
      "  - { id: shots, use: shots, from: frames, with: { width: 64, words: [a, b] } }\n"
      "  - { id: publish, use: upload, from: [frames, shots], guard: store, lanes: 9,\n"
      "      with: { to: somewhere }, batch: { strategy: fixed, initial_batch_size: 20 } }\n");
  EXPECT_EQ(spec.name, "archive");
  EXPECT_EQ(spec.file, (folder_ / "config.yaml").native());
  EXPECT_THAT(spec.include, ElementsAre("**/*.mp4", "**/*.mkv"));
  EXPECT_THAT(spec.exclude, ElementsAre("**/tmp/**"));
  const auto& guard = spec.guards.at("store");
  EXPECT_EQ(guard.retry->strategy, RetryStrategy::fixed);
  EXPECT_EQ(guard.retry->max_attempts, 7);
  EXPECT_EQ(guard.retry->base_delay, 200ms);
  EXPECT_EQ(guard.breaker->failure_threshold, 4);
  EXPECT_EQ(guard.breaker->timeout, 20s);
  EXPECT_EQ(guard.breaker->failure_rate_threshold, 0.25);
  EXPECT_EQ(guard.rate->per_second, 3);
  EXPECT_EQ(guard.concurrency->max, 8);
  EXPECT_EQ(guard.budget.capacity, 100);
  EXPECT_EQ(guard.attempt_timeout, 60s);
  EXPECT_EQ(guard.total_timeout, 10min);
  EXPECT_EQ(guard.hedge->percentile, 0.9);
  EXPECT_EQ(spec.limits.max_videos_in_flight, 3);
  EXPECT_EQ(spec.limits.max_bytes_in_flight.value, 1ULL << 30);
  EXPECT_EQ(spec.limits.segment_length, 0s);
  EXPECT_EQ(spec.watchdog.stall_timeout, 30s);
  EXPECT_TRUE(spec.hash_input);
  const auto* publish = spec.find("publish");
  ASSERT_NE(publish, nullptr);
  EXPECT_EQ(publish->guard, "store");
  EXPECT_EQ(publish->lanes, 9);
  EXPECT_TRUE(publish->has_batch);
  EXPECT_EQ(publish->batch.initial_batch_size, 20);
  EXPECT_NE(publish->configured.parts.call_stage, nullptr);
  EXPECT_EQ(spec.find("nobody"), nullptr);
}

TEST_F(ConfigTest, WhatIsNotWrittenHasItsDefault) {
  const auto spec = loaded(kSmall);
  EXPECT_EQ(spec.name, "config");
  EXPECT_THAT(spec.include, IsEmpty());
  EXPECT_EQ(spec.limits.segment_length, LimitSpec{}.segment_length);
  EXPECT_FALSE(spec.hash_input);
  EXPECT_FALSE(spec.find("shots")->has_batch);
}

TEST_F(ConfigTest, BatchOptionsThatNobodyWroteFollowWhatSomebodyWrote) {
  const auto spec = loaded(
      "version: 1\nguards: { store: { timeout: { attempt: 500ms } } }\nstages:\n"
      "  - { id: frames, use: decode }\n"
      "  - { id: publish, use: upload, from: frames, guard: store, lanes: 2,\n"
      "      with: { to: \"file:x\" }, batch: { strategy: fixed, max_batch_size: 5 } }\n");
  const auto& batch = spec.find("publish")->batch;
  EXPECT_EQ(batch.initial_batch_size, 5);
  EXPECT_EQ(batch.max_in_flight, 2);
  EXPECT_EQ(batch.target_processing_time, std::chrono::milliseconds(500));
}

TEST_F(ConfigTest, ACallThatSaysNothingOfBatchesSendsItemsOneByOne) {
  const auto spec =
      loaded(kSmall + "  - { id: publish, use: upload, from: shots, with: { to: x } }\n");
  EXPECT_EQ(spec.find("publish")->batch.strategy, BatchStrategy::fixed);
  EXPECT_EQ(spec.find("publish")->batch.initial_batch_size, 1);
}

TEST_F(ConfigTest, PartsOfAGuardThatAreNotWrittenAreNotThere) {
  const auto spec =
      loaded("guards: { store: { breaker: {} } }\n" + kSmall +
             "  - { id: publish, use: upload, from: shots, guard: store, with: { to: x } }\n");
  EXPECT_FALSE(spec.guards.at("store").retry);
  EXPECT_GT(spec.guards.at("store").breaker->ramp_step, 0s);
}

TEST_F(ConfigTest, AGuardWithNothingWrittenSuitsAnUnattendedRun) {
  const auto spec =
      loaded("guards: { store: }\n" + kSmall +
             "  - { id: publish, use: upload, from: shots, guard: store, with: { to: x } }\n");
  EXPECT_EQ(spec.guards.at("store"), unattended_guard_options());
}

TEST_F(ConfigTest, StagesComeInAnOrderInWhichEachStandsAfterWhatItNeeds) {
  const auto spec = loaded(
      "version: 1\n"
      "stages:\n"
      "  - { id: publish, use: upload, from: [thumbs, dark], with: { to: x } }\n"
      "  - { id: thumbs, use: thumbnails, from: [shots, frames] }\n"
      "  - { id: shots, use: shots, from: frames }\n"
      "  - { id: frames, use: decode }\n"
      "  - { id: dark, use: black, from: frames }\n");
  std::vector<std::string> ids;
  for (const auto& stage : spec.stages) ids.push_back(stage.id);
  EXPECT_THAT(ids, ElementsAre("frames", "shots", "thumbs", "dark", "publish"));
}

TEST_F(ConfigTest, AllProblemsAreReportedAtOnceInTheOrderOfTheFile) {
  const auto spec = load(
      "version: 3\n"
      "limits: { segment_length: 60 }\n"
      "stages:\n"
      "  - { id: frames, use: decode }\n"
      "  - { id: shots, use: shots, from: frames, with: { width: 8, share: 2, colour: red } }\n"
      "  - { id: dark, use: blak, from: frams }\n");
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().kind, ErrorKind::invalid_input);
  EXPECT_THAT(spec.error().message, HasSubstr("config.yaml: 6 problems"));
  std::vector<int> lines;
  for (const auto& problem : problems_) lines.push_back(problem.line);
  EXPECT_THAT(lines, ElementsAre(1, 2, 5, 5, 5, 6));
}

TEST_F(ConfigTest, AProblemNamesTheFileAsItWasGiven) {
  (void)load("version: 1\nstages: 5\n");
  EXPECT_THAT(all_problems(), HasSubstr((folder_ / "config.yaml").native() + ":2: stages: '5'"));
}

TEST_F(ConfigTest, WarningsDoNotStopARun) {
  const auto spec = load("guards: { spare: {} }\n" + kSmall);
  EXPECT_TRUE(spec);
  ASSERT_THAT(problems_, SizeIs(1));
  EXPECT_TRUE(problems_[0].is_warning);
}

TEST_F(ConfigTest, ValuesComeFromTheEnvironment) {
  environment_ = {{"HOST", "example"}, {"PATH_OF", "a/b"}, {"DEEP", "true"}};
  const auto spec = loaded(kSmall +
                           "  - id: dark\n"
                           "    use: black\n"
                           "    from: frames\n"
                           "    with:\n"
                           "      title: http://${HOST}/${PATH_OF}?q=$${HOST}\n"
                           "      deep: ${DEEP}\n");
  EXPECT_THAT(spec.find("dark")->configured.canonical_options,
              HasSubstr("title=http://example/a/b?q=${HOST}\n"));
  EXPECT_THAT(spec.find("dark")->configured.canonical_options, HasSubstr("deep=true\n"));
}

TEST_F(ConfigTest, AValueFromTheEnvironmentIsNeverTakenForYaml) {
  environment_ = {{"EVIL", "x, from: nowhere }\n  - { id: more: ["}};
  const auto spec =
      loaded(kSmall + "  - { id: dark, use: black, from: frames, with: { title: \"${EVIL}\" } }\n");
  EXPECT_THAT(spec.stages, SizeIs(3));
}

TEST_F(ConfigTest, SecretsFromFilesLoseTheirLineEnd) {
  folder_.write("secrets/token", "hunter2\n");
  const auto spec = loaded(kSmall +
                           "  - { id: dark, use: black, from: frames, with: { title: "
                           "\"${file:secrets/token}\" } }\n");
  EXPECT_THAT(spec.find("dark")->configured.canonical_options, HasSubstr("title=hunter2\n"));
}

TEST_F(ConfigTest, SecretsNeverStandInAProblem) {
  environment_ = {{"TOKEN", "hunter2"}};
  folder_.write("token", "hunter2");
  for (const std::string& form :
       std::vector<std::string>{"${TOKEN}", "x${TOKEN}", "${file:token}"}) {
    for (const std::string& place : std::vector<std::string>{
             "version: \"" + form + "\"\n" + kSmall.substr(kSmall.find('\n') + 1),
             kSmall + "hash: \"" + form + "\"\n",
             kSmall + "limits: { segment_length: \"" + form + "\" }\n",
             kSmall + "limits: { max_bytes_in_flight: \"" + form + "\" }\n",
             kSmall + "limits: { max_videos_in_flight: \"" + form + "\" }\n",
             kSmall + "stages_: \"" + form + "\"\n", kSmall + "input: \"" + form + "\"\n",
             kSmall + "guards: \"" + form + "\"\n", kSmall + "guards: { a: \"" + form + "\" }\n",
             kSmall + "plugins: \"" + form + "\"\n", kSmall + "  - \"" + form + "\"\n",
             kSmall + "  - { id: \"" + form + "%\", use: black, from: frames }\n",
             kSmall + "  - { id: dark, use: \"" + form + "\", from: frames }\n",
             kSmall + "  - { id: dark, use: black, from: \"" + form + "\" }\n",
             kSmall + "  - { id: dark, use: black, from: [\"" + form + "\", \"" + form + "\"] }\n",
             kSmall + "  - { id: p, use: upload, from: shots, guard: \"" + form +
                 "\", with: {to: x} }\n",
             kSmall + "guards: { g: {} }\n",
             kSmall + "  - { id: p, use: upload, from: shots, guard: \"" + form +
                 "\", with: {to: x} }\n"
                 "guards: { g: {} }\n",
             kSmall + "  - { id: dark, use: black, from: frames, with: { speed: \"" + form +
                 "\" } }\n"}) {
      (void)load(place);
      EXPECT_THAT(all_problems(), Not(HasSubstr("hunter2"))) << place;
    }
  }
}

TEST_F(ConfigTest, AnchorsAndMergeKeysSaveRepetition) {
  const auto spec = loaded(
      "version: 1\n"
      "stages:\n"
      "  - { id: frames, use: decode }\n"
      "  - { id: one, use: black, from: frames, with: &common { width: 64, share: 0.5 } }\n"
      "  - { id: two, use: freeze, from: frames, with: *common }\n"
      "  - { id: three, use: quality, from: frames, with: { <<: *common, width: 128 } }\n");
  const auto options = [&](const char* id) { return spec.find(id)->configured.canonical_options; };
  EXPECT_EQ(options("one"), options("two"));
  EXPECT_THAT(options("three"), HasSubstr("width=128\nshare=0.5\n"));
}

TEST_F(ConfigTest, TwoCallsMayUseTheSameStage) {
  EXPECT_THAT(loaded(kSmall + "  - { id: here, use: upload, from: shots, with: { to: a } }\n"
                              "  - { id: there, use: upload, from: shots, with: { to: b } }\n")
                  .stages,
              SizeIs(4));
}

TEST_F(ConfigTest, ABillionLaughsAreRefusedQuickly) {
  std::string yaml = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name <= 'k'; ++name)
    yaml += fmt::format("{0}: &{0} [*{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}]\n",
                        name, static_cast<char>(name - 1));
  EXPECT_FALSE(load(yaml));
  EXPECT_THAT(all_problems(), HasSubstr("grow beyond reason"));
}

TEST_F(ConfigTest, DeepNestingIsRefused) {
  EXPECT_FALSE(load("version: " + std::string(200000, '[') + "\n"));
  EXPECT_THAT(problems_, SizeIs(1));
}

TEST_F(ConfigTest, FilesThatAreNoConfigurationAreRefusedWithASentence) {
  EXPECT_FALSE(load(""));
  EXPECT_THAT(all_problems(), HasSubstr("is empty"));
  EXPECT_FALSE(load("# nothing but a comment\n"));
  EXPECT_THAT(all_problems(), HasSubstr("is empty"));
  EXPECT_FALSE(load(std::string("\0\0\0\0", 4)));
  EXPECT_THAT(all_problems(), HasSubstr(":1: contains the control character 0x00"));
  EXPECT_FALSE(load(std::string(2 << 20, '#')));
  EXPECT_THAT(all_problems(), HasSubstr("is larger than 1MiB"));
}

TEST_F(ConfigTest, PathsThatAreNoFileAreRefusedWithASentence) {
  auto spec = load_file(folder_.path());
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().kind, ErrorKind::invalid_input);
  EXPECT_THAT(all_problems(), HasSubstr("is a directory, not a file"));

  spec = load_file(folder_ / "nowhere.yaml");
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().kind, ErrorKind::not_found);
  EXPECT_THAT(all_problems(), HasSubstr("nowhere.yaml: does not exist"));

  ASSERT_EQ(mkfifo((folder_ / "pipe.yaml").c_str(), 0600), 0);
  EXPECT_FALSE(load_file(folder_ / "pipe.yaml"));
  EXPECT_THAT(all_problems(), HasSubstr("is not a regular file"));
}

TEST_F(ConfigTest, AByteOrderMarkAndWindowsLineEndsAreFine) {
  std::string yaml = "\xEF\xBB\xBF" + kSmall;
  for (std::size_t at = 0; (at = yaml.find('\n', at)) != std::string::npos; at += 2)
    yaml.replace(at, 1, "\r\n");
  EXPECT_EQ(loaded(yaml).stages.size(), 2u);
}

TEST_F(ConfigTest, AStageThatMakesNothingOfItsKindIsRefused) {
  struct NoOptions {};
  ASSERT_TRUE(registry_.add(define_stage<NoOptions>(
      {.name = "idle", .summary = "Does nothing.", .kind = StageKind::video},
      OptionTable<NoOptions>(),
      [](const NoOptions&, const StageContext&) { return StageParts{}; })));
  EXPECT_FALSE(load(kSmall + "  - { id: idle, use: idle, from: frames }\n"));
  EXPECT_THAT(all_problems(), HasSubstr("says it is of kind 'video' but makes no such part"));
}

TEST_F(ConfigTest, AStageLearnsItsIdAndTheOutputFolder) {
  struct NoOptions {};
  StageContext seen;
  ASSERT_TRUE(registry_.add(define_stage<NoOptions>(
      {.name = "curious", .summary = "Asks.", .kind = StageKind::call}, OptionTable<NoOptions>(),
      [&seen](const NoOptions&, const StageContext& context) {
        seen = context;
        return StageParts{};
      })));
  (void)load(kSmall + "  - { id: who, use: curious, from: frames }\n");
  EXPECT_EQ(seen.id, "who");
  EXPECT_EQ(seen.output_folder, "/out");
}

}  // namespace
}  // namespace reelmill
