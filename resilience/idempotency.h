// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reelmill {

/// May a call be made twice? `unsafe` ones are retried only when the request surely never left.
/// The second pair of names means the same.
enum class Idempotency { idempotent, unsafe, safe = idempotent, non_idempotent = unsafe };

}  // namespace reelmill
