// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/file_target.h"

#include <cerrno>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/digest.h"
#include "base/io_error.h"
#include "base/path_text.h"
#include "net/request_body.h"

namespace reelmill {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunk = 256 * 1024;

struct OpenFile {
  int number;
  explicit OpenFile(const fs::path& path) : number(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (number >= 0) ::close(number);
  }
};

Status may_go_on(const CallContext& context, const std::string& item_name) {
  const auto name = path_to_line(item_name);
  if (context.stop.stop_requested()) return fail(ErrorKind::cancelled, "upload {}: stopped", name);
  if (system_clock().now() >= context.deadline)
    return fail(ErrorKind::timeout, "upload {}: out of time", name);
  return {};
}

tl::unexpected<Error> changed(const CallItem& item, std::string_view how) {
  return fail(ErrorKind::invalid_input, "upload {}: {} changed since it was recorded",
              path_to_line(item.file.native()), how);
}

/// Copies the item's file and checks that it is still what the ledger recorded.
Status copy(const CallItem& item, const CallContext& context, PartFile& to) {
  const OpenFile from(item.file);
  if (from.number < 0) return fail(io_error("open", item.file, errno));
  Sha256 digest;
  std::uint64_t copied = 0;
  const auto buffer = std::make_unique_for_overwrite<std::byte[]>(kChunk);
  for (;;) {
    REELMILL_TRY(may_go_on(context, item.name));
    const auto count = ::read(from.number, buffer.get(), kChunk);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(io_error("read", item.file, errno));
    if (count == 0) break;
    const std::span<const std::byte> bytes(buffer.get(), static_cast<std::size_t>(count));
    digest.update(bytes);
    REELMILL_TRY(to.write(bytes));
    copied += bytes.size();
  }
  if (copied != item.bytes) return changed(item, "its size");
  if (!item.sha256.empty() && digest.hex() != item.sha256) return changed(item, "its content");
  return {};
}

bool is_there_already(const CallItem& item, const fs::path& path) {
  struct stat about{};
  if (::lstat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return false;
  if (static_cast<std::uint64_t>(about.st_size) != item.bytes || item.sha256.empty()) return false;
  const auto digest = sha256_file(path);
  return digest && *digest == item.sha256;
}

/// The file was renamed into place by an attempt that may have died before it was durable.
Status make_durable(const fs::path& path) {
  const OpenFile file(path);
  if (file.number < 0 || ::fsync(file.number) != 0)
    return fail(target_error("flush", path, errno, 0));
  return sync_folder(path.parent_path());
}

}  // namespace

FileTarget::FileTarget(fs::path folder, std::string writer)
    : folder_(folder.has_filename() ? std::move(folder) : folder.parent_path()),
      writer_(std::move(writer)),
      folders_(folder_) {}

Result<PartFile> FileTarget::open_part(const std::string& item_name, std::uint64_t bytes) {
  const auto in_folder = (folder_ / item_name).parent_path();
  REELMILL_TRY(make_folder_durably(folder_));
  REELMILL_TRY(folders_.make(in_folder));
  const auto name = fmt::format("{}{}", kTemporaryPrefix, hex64(xxh3(writer_ + "\n" + item_name)));
  auto part = PartFile::open(in_folder / name, bytes);
  std::error_code ignored;
  if (part || fs::exists(in_folder, ignored)) return part;
  // Somebody removed a folder that we had made.
  REELMILL_TRY(make_folder_durably(in_folder));
  return PartFile::open(in_folder / name, bytes);
}

Result<CallOutcome> FileTarget::put(const CallItem& item, const CallContext& context) {
  REELMILL_TRY(may_go_on(context, item.name));
  const auto path = folder_ / item.name;
  const auto location = path_to_line(path.native());
  if (is_there_already(item, path)) {
    REELMILL_TRY(folders_.make(path.parent_path()));
    REELMILL_TRY(make_durable(path));
    return CallOutcome{0, location};
  }
  REELMILL_ASSIGN(auto part, open_part(item.name, item.bytes));
  REELMILL_TRY(copy(item, context, part));
  REELMILL_TRY(part.publish(path));
  return CallOutcome{item.bytes, location};
}

Result<CallOutcome> FileTarget::put_object(const UploadObject& object, const CallContext& context) {
  const auto bytes = object.bytes();
  REELMILL_ASSIGN(auto part, open_part(object.name, bytes));
  auto body = RequestBody::of_parts(object.parts);
  const auto buffer = std::make_unique_for_overwrite<char[]>(kChunk);
  for (;;) {
    REELMILL_TRY(may_go_on(context, object.name));
    REELMILL_ASSIGN(const auto count, body.read({buffer.get(), kChunk}));
    if (count == 0) break;
    REELMILL_TRY(part.write(std::as_bytes(std::span(buffer.get(), count))));
  }
  const auto path = folder_ / object.name;
  REELMILL_TRY(part.publish(path));
  return CallOutcome{bytes, path_to_line(path.native())};
}

Status FileTarget::prepare() {
  auto existing = folder_;
  std::error_code ignored;
  while (!fs::exists(existing, ignored) && existing.has_relative_path())
    existing = existing.parent_path();
  if (!fs::is_directory(existing, ignored))
    return fail(ErrorKind::invalid_input, "publish to {}: {} is not a folder", name(),
                path_to_line(existing.native()));
  if (::access(existing.c_str(), W_OK | X_OK) != 0)
    return fail(io_error("publish to", existing, errno));
  return {};
}

std::string FileTarget::name() const {
  return "file:" + path_to_line(folder_.native());
}

}  // namespace reelmill
