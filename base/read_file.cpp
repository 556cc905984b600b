// SPDX-License-Identifier: Apache-2.0
#include "base/read_file.h"

#include <cerrno>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io_error.h"
#include "base/path_text.h"

namespace reelmill {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

Status read_from(int descriptor, const std::filesystem::path& file,
                 const std::function<void(std::string_view)>& take) {
  struct stat about{};
  if (::fstat(descriptor, &about) != 0) return fail(io_error("read", file, errno));
  if (!S_ISREG(about.st_mode))
    return fail(ErrorKind::invalid_input, "read {}: not a regular file",
                path_to_line(file.native()));
  const auto buffer = std::make_unique_for_overwrite<char[]>(kPiece);
  for (;;) {
    const auto count = ::read(descriptor, buffer.get(), kPiece);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(io_error("read", file, errno));
    if (count == 0) return {};
    take({buffer.get(), static_cast<std::size_t>(count)});
  }
}

}  // namespace

Status read_pieces(const std::filesystem::path& file,
                   const std::function<void(std::string_view)>& take) {
  const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (opened < 0) return fail(io_error("read", file, errno));
  auto status = read_from(opened, file, take);
  ::close(opened);
  return status;
}

Result<std::string> read_whole_file(const std::filesystem::path& file) {
  std::string content;
  REELMILL_TRY(read_pieces(file, [&](std::string_view piece) { content += piece; }));
  return content;
}

}  // namespace reelmill
