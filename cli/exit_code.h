// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reelmill {

/// What the process says when it ends; scripts rely on these numbers.
enum class ExitCode {
  done = 0,             ///< all done
  failed = 1,           ///< anything else that went wrong
  usage = 2,            ///< a mistake on the command line or in the configuration
  no_input = 3,         ///< no input matched
  quarantined = 4,      ///< finished, some videos in quarantine or folders unreadable
  uploads_pending = 5,  ///< analysis done, something waits for a service
  deadline = 6,         ///< stopped by its deadline; the next run goes on
  interrupted = 130,    ///< stopped by a signal; the next run goes on
};

}  // namespace reelmill
