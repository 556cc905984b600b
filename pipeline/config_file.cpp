// SPDX-License-Identifier: Apache-2.0
#include "pipeline/config_file.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path_text.h"
#include "base/units.h"

namespace reelmill {
namespace {

struct Descriptor {
  int fd = -1;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

tl::unexpected<Error> system_failure(int error) {
  const auto text = std::generic_category().message(error);
  if (error == ENOENT || error == ENOTDIR) return fail(ErrorKind::not_found, "does not exist");
  if (error == EACCES || error == EPERM)
    return fail(ErrorKind::denied, "cannot be read: permission denied");
  return fail(ErrorKind::unavailable, "cannot be read: {}", text);
}

}  // namespace

Result<std::string> read_small_file(const std::filesystem::path& path, std::size_t limit) {
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat status{};
  if (file.fd < 0 || ::fstat(file.fd, &status) != 0) return system_failure(errno);
  if (S_ISDIR(status.st_mode)) return fail(ErrorKind::invalid_input, "is a directory, not a file");
  if (!S_ISREG(status.st_mode)) return fail(ErrorKind::invalid_input, "is not a regular file");
  std::string content;
  std::array<char, 65536> block;
  for (;;) {
    const auto got = ::read(file.fd, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno);
    if (got == 0) return content;
    content.append(block.data(), static_cast<std::size_t>(got));
    if (content.size() > limit)
      return fail(ErrorKind::invalid_input, "is larger than {}", format_bytes(limit));
  }
}

std::optional<TextFault> find_text_fault(std::string_view text) {
  int line = 0;
  while (!text.empty()) {
    ++line;
    const auto end = std::min(text.find('\n'), text.size());
    const auto content = text.substr(0, end);
    if (!is_utf8(content)) return TextFault{line, "this line is not UTF-8 text: save it as UTF-8"};
    for (const char c : content)
      if ((static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r') || c == 0x7F)
        return TextFault{line, fmt::format("contains the control character 0x{:02x}", c)};
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

}  // namespace reelmill
