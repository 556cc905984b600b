// SPDX-License-Identifier: Apache-2.0
#include "pipeline/video_errors.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/file_time.h"
#include "base/units.h"

namespace reelmill {

VideoError stalled(Duration stall_timeout, std::string_view how) {
  return {"stalled", Error{ErrorKind::timeout, fmt::format("no packet, frame or byte for {}: {}",
                                                           format_duration(stall_timeout), how)}};
}

VideoError fault(const char* what) {
  return {"internal", Error{ErrorKind::internal, fmt::format("fault of this program: {}", what)}};
}

std::optional<VideoError> changed_since_listed(const VideoFile& file) {
  struct stat now{};
  if (::stat(file.path.c_str(), &now) != 0)
    return VideoError{"vanished", Error{ErrorKind::not_found, "vanished while it was read"}};
  if (static_cast<std::uint64_t>(now.st_size) == file.bytes && modified_ns(now) == file.mtime_ns)
    return {};
  return VideoError{
      "changed",
      Error{
          ErrorKind::invalid_input,
          fmt::format(
              "changed during the run ({} bytes when listed, {} now): the next run reads it again",
              file.bytes, now.st_size)}};
}

VideoError read_failure(Error error) {
  const char* name = error.kind == ErrorKind::not_found     ? "vanished"
                     : error.kind == ErrorKind::unavailable ? "storage"
                                                            : "unreadable";
  return {name, std::move(error)};
}

}  // namespace reelmill
