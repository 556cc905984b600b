// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stages/api/registry.h"

namespace reelmill::test {

/// A registry with stages of each kind that do nothing: `decode`; `shots`, `black`, `freeze` and
/// `quality` (frames); `thumbnails` (video; needs shots); `upload` (call). Their options cover
/// every type.
Registry sample_registry();

}  // namespace reelmill::test
