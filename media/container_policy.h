// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

struct AVFormatContext;
struct AVInputFormat;

namespace reelmill {

/// Why a container format is refused although libav can read it; empty where it is welcome.
/// Refused are playlists and descriptions that make libav open other files or network addresses,
/// and text.
std::string refusal_of_container(const AVInputFormat& format);

/// Forbids `format` every protocol and every further file, also to formats nested in it.
void confine_to_this_file(AVFormatContext& format);

}  // namespace reelmill
