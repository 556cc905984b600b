// SPDX-License-Identifier: Apache-2.0
#include "pipeline/state_place.h"

#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using testing::FailsWith;
using testing::IsOk;

class StatePlace : public ::testing::Test {
 protected:
  test::TempFolder out_, state_, other_;
};

TEST_F(StatePlace, OnceKeptElsewhereTheLedgerIsNotBegunAnew) {
  ASSERT_THAT(check_state_place(out_.path(), state_.path()), IsOk());
  ASSERT_THAT(keep_state_place(out_.path(), state_.path()), IsOk());
  EXPECT_THAT(check_state_place(out_.path(), state_.path()), IsOk());
  EXPECT_THAT(check_state_place(out_.path(), state_.path() / "."), IsOk());
  const auto cure = "add --state " + state_.path().native();
  EXPECT_THAT(check_state_place(out_.path(), {}), FailsWith(ErrorKind::invalid_input, cure));
  EXPECT_THAT(check_state_place(out_.path(), out_.path()),
              FailsWith(ErrorKind::invalid_input, cure));
  EXPECT_THAT(check_state_place(out_.path(), other_.path()),
              FailsWith(ErrorKind::invalid_input, cure));
}

TEST_F(StatePlace, ALedgerInOutIsNotForgottenForANewOneElsewhere) {
  out_.write("ledger.sqlite", "x");
  EXPECT_THAT(check_state_place(out_.path(), {}), IsOk());
  EXPECT_THAT(check_state_place(out_.path(), state_.path()),
              FailsWith(ErrorKind::invalid_input, "holds a ledger already"));
  std::filesystem::rename(out_ / "ledger.sqlite", state_ / "ledger.sqlite");
  EXPECT_THAT(check_state_place(out_.path(), state_.path()), IsOk());
}

TEST_F(StatePlace, ALedgerInOutNeedsNoFile) {
  ASSERT_THAT(keep_state_place(out_.path(), {}), IsOk());
  ASSERT_THAT(keep_state_place(out_.path(), out_.path() / ""), IsOk());
  EXPECT_TRUE(std::filesystem::is_empty(out_.path()));
}

TEST_F(StatePlace, ANameThatIsNoUtf8ComesBack) {
  const auto odd = state_.path() / "gr\xfc\xdf";
  std::filesystem::create_directory(odd);
  ASSERT_THAT(keep_state_place(out_.path(), odd), IsOk());
  EXPECT_THAT(check_state_place(out_.path(), odd), IsOk());
}

}  // namespace
}  // namespace reelmill
