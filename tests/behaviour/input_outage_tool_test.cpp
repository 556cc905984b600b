// SPDX-License-Identifier: Apache-2.0
// The simulated outage does to a program what a lost mount does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/input_outage.h"
#include "tests/support/process.h"

namespace reelmill::test {
namespace {
using testing::HasSubstr;

ProcessResult shell(const std::string& script, const InputOutage& outage) {
  return run({.arguments = {"bash", "-c", script}, .environment = outage.environment()});
}

TEST(InputOutage, HidesTheFolderOnlyWhileItLasts) {
  const TempFolder folder;
  const auto file = folder.write("in/a", "content").string();
  const InputOutage outage(folder / "in");
  const auto look = "cat '" + file + "'; ls '" + (folder / "in").string() + "'";
  EXPECT_EQ(shell(look, outage).out, "contenta\n");
  EXPECT_EQ(outage.failures(), 0u);
  outage.begin();
  const auto during = shell(look, outage);
  EXPECT_EQ(during.out, "");
  EXPECT_THAT(during.err, HasSubstr("Input/output error"));
  EXPECT_GE(outage.failures(), 2u);
  outage.end();
  EXPECT_EQ(shell(look, outage).out, "contenta\n");
}

TEST(InputOutage, HitsFilesThatAreOpenAlready) {
  const TempFolder folder;
  const auto file = folder.write("in/a", "one\ntwo\n").string();
  const InputOutage outage(folder / "in", ENOTCONN);
  outage.begin();
  // The shell opens the file, and only cat has the library.
  std::string preload = "env";
  for (const auto& [name, value] : outage.environment()) preload += " " + name + "=" + value;
  const auto hit =
      run({.arguments = {"sh", "-c", "exec 3<'" + file + "'; " + preload + " cat <&3"}});
  EXPECT_EQ(hit.out, "");
  EXPECT_THAT(hit.err, HasSubstr("Transport endpoint is not connected"));
}

TEST(InputOutage, LeavesOtherFoldersAlone) {
  const TempFolder folder;
  const auto neighbour = folder.write("input/a", "content").string();
  const InputOutage outage(folder / "in");
  outage.begin();
  EXPECT_EQ(shell("cat '" + neighbour + "'", outage).out, "content");
  EXPECT_EQ(outage.failures(), 0u);
}

}  // namespace
}  // namespace reelmill::test
