// SPDX-License-Identifier: Apache-2.0
// What identifies results: what of a configuration changes the hash of which stage.
#include "tests/pipeline/config_fixture.h"

namespace reelmill {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ConfigHash : public ConfigTest {
 protected:
  const std::string base_ =
      "version: 1\n"
      "guards: { store: { breaker: {} } }\n"
      "stages:\n"
      "  - { id: frames, use: decode }\n"
      "  - { id: shots, use: shots, from: frames }\n"
      "  - { id: dark, use: black, from: frames }\n"
      "  - { id: thumbs, use: thumbnails, from: [frames, shots] }\n"
      "  - { id: publish, use: upload, from: [thumbs, dark], guard: store, with: { to: a } }\n";

  std::string changed(const std::string& from, const std::string& to) const {
    auto yaml = base_;
    const auto at = yaml.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return yaml.replace(at, from.size(), to);
  }
  /// Ids of the stages whose hash differs, and `analysis` if that does.
  std::vector<std::string> differences(const std::string& yaml) {
    const auto before = loaded(base_), after = loaded(yaml);
    std::vector<std::string> ids;
    for (const auto& stage : before.stages)
      if (const auto* other = after.find(stage.id); other == nullptr || other->hash != stage.hash)
        ids.push_back(stage.id);
    if (before.analysis_hash != after.analysis_hash) ids.push_back("analysis");
    return ids;
  }
};

TEST_F(ConfigHash, IsSixteenHexDigitsAndStable) {
  const auto spec = loaded(base_);
  EXPECT_THAT(spec.analysis_hash, testing::MatchesRegex("[0-9a-f]{16}"));
  EXPECT_THAT(differences(base_), IsEmpty());
}

TEST_F(ConfigHash, AnOptionChangesItsStageAndWhatStandsOnIt) {
  EXPECT_THAT(differences(changed("use: shots, from: frames",
                                  "use: shots, from: frames, with: { width: 64 }")),
              ElementsAre("shots", "thumbs", "publish", "analysis"));
}

TEST_F(ConfigHash, WritingADefaultChangesNothing) {
  EXPECT_THAT(differences(changed("use: shots, from: frames",
                                  "use: shots, from: frames, with: { width: 320 }")),
              IsEmpty());
}

TEST_F(ConfigHash, ACallsTargetChangesTheCallAlone) {
  EXPECT_THAT(differences(changed("to: a", "to: b")), ElementsAre("publish"));
}

TEST_F(ConfigHash, CredentialsChangeNothing) {
  EXPECT_THAT(differences(changed("to: a", "to: a, token: hunter2")), IsEmpty());
}

TEST_F(ConfigHash, WhatCannotChangeResultsChangesNothing) {
  EXPECT_THAT(differences(changed("breaker: {}", "retry: { max_attempts: 9 }")), IsEmpty());
  EXPECT_THAT(differences(changed("guard: store", "guard: store, lanes: 8, batch: { }")),
              IsEmpty());
  EXPECT_THAT(differences(base_ + "limits: { segment_length: 0, max_videos_in_flight: 1 }\n"
                                  "watchdog: { stall_timeout: 5s }\n"
                                  "name: other\n"
                                  "input: { include: '*.mp4' }\n"),
              IsEmpty());
}

TEST_F(ConfigHash, TheOrderOfTheFileChangesNothing) {
  EXPECT_THAT(differences(changed("[frames, shots]", "[shots, frames]")), IsEmpty());
  auto swapped = changed("  - { id: dark, use: black, from: frames }\n", "");
  swapped.insert(swapped.find("  - { id: shots"), "  - { id: dark, use: black, from: frames }\n");
  EXPECT_THAT(differences(swapped), IsEmpty());
}

TEST_F(ConfigHash, AskingForADigestChangesTheAnalysis) {
  EXPECT_THAT(differences(base_ + "hash: true\n"), ElementsAre("analysis"));
}

TEST_F(ConfigHash, AStageMoreChangesTheAnalysis) {
  EXPECT_THAT(differences(base_ + "  - { id: more, use: freeze, from: frames }\n"),
              ElementsAre("analysis"));
}

TEST_F(ConfigHash, ANewVersionOfAStageChangesIt) {
  const auto before = loaded(base_);
  auto shots = *registry_.find("shots");
  shots.version = 2;
  Registry newer;
  for (const auto* stage : registry_.all())
    ASSERT_TRUE(newer.add(stage->name == "shots" ? shots : *stage));
  registry_ = std::move(newer);
  const auto after = loaded(base_);
  EXPECT_NE(before.find("shots")->hash, after.find("shots")->hash);
  EXPECT_EQ(before.find("dark")->hash, after.find("dark")->hash);
  EXPECT_NE(before.find("publish")->hash, after.find("publish")->hash);
  EXPECT_NE(before.analysis_hash, after.analysis_hash);
}

}  // namespace
}  // namespace reelmill
