// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "pipeline/results_schema.h"
#include "tests/support/json_schema.h"
#include "tests/support/model_server.h"
#include "tests/support/tool_run.h"

namespace reelmill {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::IsEmpty;
using Json = nlohmann::json;

constexpr int kVideos = 5, kFramesAVideo = 4;  // one a second of four

/// Patience is short, so that a service that stays away ends a test soon.
std::string infer_yaml(const std::string& url, const std::string& with = "",
                       const std::string& batch = "strategy: fixed, initial_batch_size: 8") {
  return "version: 1\n"
         "name: infer\n"
         "guards:\n"
         "  model: { retry: { strategy: exponential, max_attempts: 4, base_delay: 10ms, max_delay: "
         "50ms },\n"
         "           breaker: { failure_threshold: 3, timeout: 200ms, max_timeout: 400ms } }\n"
         "limits: { drain_timeout: 2s }\n"
         "stages:\n"
         "  - { id: frames, use: decode }\n"
         "  - { id: labels, use: infer, from: frames, guard: model,\n"
         "      with: { url: \"" +
         url + "\", model: m" + with +
         " },\n"
         "      batch: { " +
         batch +
         " } }\n"
         "  - { id: publish, use: upload, from: labels, with: { to: \"file:published\" } }\n";
}

/// In files of a process that have no name any more.
std::uintmax_t bytes_on_disk(pid_t process) {
  std::uintmax_t bytes = 0;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/fd", error))
    if (std::filesystem::read_symlink(entry.path(), error).native().ends_with(" (deleted)"))
      if (const auto size = std::filesystem::file_size(entry.path(), error); !error) bytes += size;
  return bytes;
}

class Infer : public testing::Test {
 protected:
  Command command(const std::string& yaml, const std::string& out = "out") {
    return tool_run({sample_clips().native()}, folder_.write("infer.yaml", yaml), folder_ / out);
  }
  Command command() { return command(infer_yaml(server_.url())); }

  std::map<std::string, Json> results(const std::string& out = "out") {
    std::map<std::string, Json> parsed;
    for (const auto& [name, text] : contents(folder_ / out / "results"))
      parsed[name] = Json::parse(text);
    return parsed;
  }
  void expect_every_frame_has_outputs(const std::string& out = "out") {
    const auto all = results(out);
    EXPECT_EQ(all.size(), static_cast<std::size_t>(kVideos));
    for (const auto& [name, result] : all) {
      EXPECT_EQ(result["status"], "done") << name;
      const auto& frames = result["infer"]["labels"]["frames"];
      ASSERT_EQ(frames.size(), static_cast<std::size_t>(kFramesAVideo)) << name;
      for (int i = 0; i < kFramesAVideo; ++i) {
        EXPECT_EQ(frames[i].value("frame", i * 25), i * 25) << name;
        EXPECT_NEAR(frames[i]["time_s"].get<double>(), i, 0.01) << name;
        EXPECT_EQ(frames[i]["outputs"]["mean"].size(), 2u) << name << frames[i];
        EXPECT_EQ(frames[i]["outputs"]["label"].size(), 1u) << name;
      }
    }
  }
  int frames_served() {
    int frames = 0;
    for (const auto& batch : server_.batches())
      if (batch.status == 200) frames += batch.frames;
    return frames;
  }

  ModelServer server_;
  TempFolder folder_;
};

TEST_F(Infer, WritesTheOutputsOfEverySampledFrameIntoTheResults) {
  const auto result = run(command());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_every_frame_has_outputs();
  EXPECT_EQ(frames_served(), kVideos * kFramesAVideo);
  const auto schema = results_schema();
  for (const auto& [name, json] : results())
    EXPECT_THAT(schema_violations(schema, json), IsEmpty()) << name;
}

TEST_F(Infer, SendsFramesOfSeveralVideosInOneBatchInBinaryWhereTheServerOffersIt) {
  EXPECT_EQ(run(command()).exit_code, 0);
  int largest = 0;
  for (const auto& batch : server_.batches()) {
    EXPECT_TRUE(batch.was_binary);
    EXPECT_THAT(batch.shape, testing::ElementsAre(batch.frames, 120, 160, 3));
    EXPECT_LE(batch.frames, 8);
    largest = std::max(largest, batch.frames);
  }
  EXPECT_GT(largest, kFramesAVideo) << "no batch holds frames of two videos";
  const auto batching = report_of(folder_ / "out")["batching"][0];
  EXPECT_EQ(batching["stage"], "labels");
  EXPECT_EQ(batching["items"], kVideos * kFramesAVideo);
}

TEST_F(Infer, SaysTheSameInJsonWhereTheServerOffersNoBinary) {
  EXPECT_EQ(run(command()).exit_code, 0);
  ModelServer plain({.has_binary = false});
  EXPECT_EQ(run(command(infer_yaml(plain.url()), "plain")).exit_code, 0);
  for (const auto& batch : plain.batches()) EXPECT_FALSE(batch.was_binary);
  EXPECT_EQ(contents(folder_ / "plain/results"), contents(folder_ / "out/results"));
}

TEST_F(Infer, GivesTheSameResultsForAnyWorkersAndSegments) {
  const auto yaml = infer_yaml(server_.url());
  auto one = command(yaml, "one");
  one.arguments.insert(one.arguments.begin() + 2, {"--workers", "1"});
  EXPECT_EQ(run(one).exit_code, 0);
  // All frames, so that videos may be cut.
  const auto cut_yaml = infer_yaml(server_.url()) + "  - { id: black, use: black, from: frames }\n";
  auto whole = command(cut_yaml, "whole"), cut = command(cut_yaml, "cut");
  cut.arguments.insert(cut.arguments.begin() + 2, {"--split", "always", "--segment-length", "1s"});
  EXPECT_EQ(run(whole).exit_code, 0);
  const auto result = run(cut);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(contents(folder_ / "cut/results"), contents(folder_ / "whole/results"));
  for (const char* out : {"one", "whole", "cut"}) expect_every_frame_has_outputs(out);
  // Who decodes one frame a second does not know the frames' numbers; the pictures are the same.
  auto some = results("one"), all = results("whole");
  for (auto& [name, of_all] : all)
    for (std::size_t i = 0; i < kFramesAVideo; ++i) {
      auto& frame = of_all["infer"]["labels"]["frames"][i];
      EXPECT_EQ(frame["frame"], i * 25) << name;
      frame.erase("frame");
      EXPECT_EQ(frame, some[name]["infer"]["labels"]["frames"][i]) << name;
    }
}

std::string black(const std::string& min_duration) {
  return "  - { id: black, use: black, from: frames, with: { min_duration: " + min_duration +
         " } }\n";
}

TEST_F(Infer, KeepsWhatModelsSaidWhenOnlyADetectorChanges) {
  const auto yaml = infer_yaml(server_.url());
  EXPECT_EQ(run(command(yaml + black("1s"))).exit_code, 0);
  const auto before = results();
  EXPECT_EQ(run(command(yaml + black("500ms"))).exit_code, 0);
  EXPECT_EQ(report_of(folder_ / "out")["throughput"]["frames"], 0);
  EXPECT_EQ(frames_served(), kVideos * kFramesAVideo) << "a model was asked again";
  for (const auto& [name, result] : results())
    EXPECT_EQ(result["infer"], before.at(name)["infer"]) << name;
  expect_every_frame_has_outputs();
}

TEST_F(Infer, AsksAgainWhenTheQuestionChanges) {
  EXPECT_EQ(run(command()).exit_code, 0);
  EXPECT_EQ(run(command(infer_yaml(server_.url(), ", width: 32, height: 32"))).exit_code, 0);
  EXPECT_EQ(frames_served(), 2 * kVideos * kFramesAVideo);
  EXPECT_EQ(server_.batches().back().shape.at(2), 32);
  expect_every_frame_has_outputs();
}

TEST_F(Infer, AFrameThatWasSetAsideStaysSoWithItsReasonUntilTheQuestionChanges) {
  EXPECT_EQ(run(command(infer_yaml(server_.url()), "before")).exit_code, 0);
  const auto first = results("before").begin()->second["infer"]["labels"]["frames"][0];
  server_.poison(first["outputs"]["mean"][1].get<std::uint8_t>());
  const auto count = [this] {
    int with_error = 0, partial = 0;
    for (const auto& [name, result] : results()) {
      for (const auto& frame : result["infer"]["labels"]["frames"])
        if (frame.contains("error")) ++with_error;
      if (result["status"] == "partial") ++partial;
    }
    return std::pair(with_error, partial);
  };
  const auto yaml = infer_yaml(server_.url());
  EXPECT_EQ(run(command(yaml + black("1s"))).exit_code, 0);
  const auto counts = count();
  EXPECT_GT(counts.first, 0);
  EXPECT_GT(counts.second, 0);
  EXPECT_LT(counts.first, kVideos * kFramesAVideo);
  EXPECT_EQ(run(command(yaml + black("500ms"))).exit_code, 0);
  EXPECT_EQ(report_of(folder_ / "out")["throughput"]["frames"], 0);
  EXPECT_EQ(count(), counts);
}

TEST_F(Infer, SurvivesErrorsAndNonsense) {
  server_.next({ModelFault::unavailable, ModelFault::truncated, ModelFault::wrong_shape,
                ModelFault::short_answer, ModelFault::wrong_count, ModelFault::not_json});
  const auto result = run(command());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_every_frame_has_outputs();
}

TEST_F(Infer, LeavesVideosToTheNextRunWhileTheServiceIsDown) {
  server_.usually(ModelFault::unavailable);
  const auto down = run(command());
  EXPECT_EQ(down.exit_code, 5) << down.err;
  EXPECT_THAT(down.err, HasSubstr("labels"));
  EXPECT_THAT(quarantined(folder_ / "out"), IsEmpty());
  EXPECT_THAT(contents(folder_ / "out/published"), IsEmpty()) << "what is not whole stays here";
  for (const auto& [name, result] : results()) EXPECT_EQ(result["status"], "partial") << name;
  server_.usually(ModelFault::none);
  const auto up = run(command());
  EXPECT_EQ(up.exit_code, 0) << up.err;
  expect_every_frame_has_outputs();
  EXPECT_EQ(contents(folder_ / "out/published").size(), static_cast<std::size_t>(kVideos));
}

TEST_F(Infer, LeavesVideosToTheNextRunWhenCredentialsAreRefused) {
  server_.usually(ModelFault::denied);
  const auto result = run(command());
  EXPECT_EQ(result.exit_code, 5) << result.err;
  EXPECT_THAT(result.err, HasSubstr("401"));
  EXPECT_THAT(quarantined(folder_ / "out"), IsEmpty());
}

TEST_F(Infer, NamesServerModelAndFieldWhenTheModelTakesSomethingElse) {
  ModelServer other({.datatype = "FP32"});
  const auto result = run(command(infer_yaml(other.url())));
  EXPECT_EQ(result.exit_code, 5) << result.err;
  EXPECT_THAT(result.err, HasSubstr(other.url()));
  EXPECT_THAT(result.err, HasSubstr("model 'm'"));
  EXPECT_THAT(result.err, HasSubstr("inputs 'images'.datatype: it takes FP32"));
  EXPECT_THAT(other.batches(), IsEmpty());
}

TEST_F(Infer, NamesServerModelAndFieldOfAnAnswerThatIsNonsenseForGood) {
  server_.usually(ModelFault::wrong_type);
  const auto result = run(command());
  EXPECT_EQ(result.exit_code, 5) << result.err;
  EXPECT_THAT(result.err, HasSubstr(server_.url()));
  EXPECT_THAT(result.err, HasSubstr("model 'm': outputs[0] 'mean'.datatype: \"FP31\""));
}

TEST_F(Infer, GoesOnWhenAServiceThatHungComesBack) {
  server_.usually(ModelFault::hang);
  ChildProcess tool(command());
  ASSERT_TRUE(server_.wait_for_batches(1)) << tool.err();
  server_.usually(ModelFault::none);
  server_.release();
  const auto result = tool.wait();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_every_frame_has_outputs();
}

TEST_F(Infer, AVideoWhoseFramesWaitIsNotStalled) {
  using namespace std::chrono_literals;
  server_.set_cost({.overhead = 700ms, .devices = 4});
  const auto result =
      run(command(infer_yaml(server_.url()) + "watchdog: { stall_timeout: 200ms }\n"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(quarantined(folder_ / "out"), IsEmpty());
  expect_every_frame_has_outputs();
}

TEST_F(Infer, KeepsToItsMemoryWithVideosOfMixedSizesAndTheRestOnDisk) {
  std::filesystem::create_directories(folder_ / "in");
  for (const char* size : {"640x360", "1920x1080", "3840x2160"}) {
    Command make;
    make.arguments = {"ffmpeg",
                      "-v",
                      "error",
                      "-nostdin",
                      "-f",
                      "lavfi",
                      "-i",
                      std::string("testsrc2=rate=5:duration=2:size=") + size,
                      "-c:v",
                      "mpeg4",
                      "-qscale:v",
                      "20",
                      (folder_ / "in" / (std::string(size) + ".mkv")).native()};
    ASSERT_EQ(run(make).exit_code, 0);
  }
  // Decoding goes on while the service does not answer, so that frames wait.
  server_.usually(ModelFault::hang);
  const auto yaml = infer_yaml(server_.url(), ", sample: all", "initial_batch_size: 100");
  ChildProcess tool(
      tool_run({(folder_ / "in").native()}, folder_.write("c.yaml", yaml), folder_ / "out"));
  EXPECT_TRUE(tool.wait_until([&] { return bytes_on_disk(tool.pid()) > (50 << 20); }));
  server_.usually(ModelFault::none);
  server_.release();
  const auto result = tool.wait();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(frames_served(), 30);
  std::set<std::int64_t> widths;
  for (const auto& batch : server_.batches()) widths.insert(batch.shape.at(2));
  EXPECT_THAT(widths, testing::ElementsAre(640, 1920, 3840));
  const auto memory = report_of(folder_ / "out")["frame_memory"][0];
  EXPECT_EQ(memory["limit_bytes"], 64 << 20);
  EXPECT_LE(memory["memory_bytes"], 64 << 20);
  EXPECT_GT(memory["memory_bytes"], 3840 * 2160 * 3) << "nothing waited";
  EXPECT_GT(memory["disk_bytes"], 0) << "all of it fitted, so that nothing was proven";
}

TEST_F(Infer, RunsAVideoAgainAfterTheProcessWasKilled) {
  server_.usually(ModelFault::hang);
  {
    ChildProcess tool(command());
    ASSERT_TRUE(server_.wait_for_batches(2)) << tool.err();
    tool.send_signal(SIGKILL);
    tool.wait();
  }
  server_.usually(ModelFault::none);
  server_.release();
  const auto result = run(command());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_every_frame_has_outputs();
}

TEST_F(Infer, LeavesAtOnceWhenInterruptedWhileFramesWait) {
  server_.usually(ModelFault::hang);
  ChildProcess tool(command());
  ASSERT_TRUE(server_.wait_for_batches(1)) << tool.err();
  tool.send_signal(SIGINT);
  EXPECT_EQ(tool.wait().exit_code, 130) << tool.err();
  EXPECT_THAT(contents(folder_ / "out/results"), IsEmpty());
  server_.usually(ModelFault::none);
  server_.release();
  EXPECT_EQ(run(command()).exit_code, 0);
  expect_every_frame_has_outputs();
}

}  // namespace
}  // namespace reelmill
