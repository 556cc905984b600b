// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "stages/upload/upload_target.h"

namespace reelmill {

/// One tar (POSIX.1-2001: ustar, with pax records where a name is too long or a size too large for
/// it) with the items' files, to be read by WebDataset as samples of one video each. Its first
/// member, `__index__`, is a JSON text that says for each file its name here and at home, its
/// digest, and at which byte of the object it begins, so that one file can be fetched by a range
/// request. The same items in the same order give the same bytes. Reads no file: they are streamed
/// when the object is sent.
UploadObject tar_object(std::string name, std::span<const CallItem> items);

}  // namespace reelmill
