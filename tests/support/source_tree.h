// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace reelmill::test {

/// The build folder this test program stands in.
std::filesystem::path build_folder();

/// The source folder it was built from.
std::filesystem::path source_folder();

}  // namespace reelmill::test
