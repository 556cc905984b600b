// SPDX-License-Identifier: Apache-2.0
#include "pipeline/source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <sys/stat.h>

#include "base/digest.h"
#include "base/file_time.h"
#include "base/path_text.h"
#include "pipeline/glob.h"
#include "pipeline/mount_name.h"

namespace reelmill {
namespace {

namespace fs = std::filesystem;

/// Names of audio, video and picture files that this tool is asked about in practice, lower case,
/// sorted.
constexpr std::array kMediaExtensions = {
    "264",  "265",  "3g2",  "3gp", "aac", "aif",  "aiff", "amr",  "amv", "apng", "asf",   "av1",
    "avc",  "avi",  "divx", "dv",  "f4v", "flac", "flv",  "gif",  "gxf", "h261", "h263",  "h264",
    "h265", "hevc", "ivf",  "m1v", "m2p", "m2t",  "m2ts", "m2v",  "m4a", "m4v",  "mjpeg", "mjpg",
    "mka",  "mkv",  "mov",  "mp2", "mp3", "mp4",  "mpe",  "mpeg", "mpg", "mts",  "mxf",   "nut",
    "obu",  "oga",  "ogg",  "ogm", "ogv", "opus", "ps",   "qt",   "ram", "rm",   "rmvb",  "swf",
    "tod",  "ts",   "vc1",  "vob", "wav", "webm", "webp", "wma",  "wmv", "wtv",  "y4m"};

bool has_media_name(const fs::path& path) {
  std::string extension = path.extension().native();
  if (extension.empty()) return false;
  extension.erase(0, 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kMediaExtensions.begin(), kMediaExtensions.end(), extension) !=
         kMediaExtensions.end();
}

class Walk {
 public:
  explicit Walk(const SourceOptions& options) : options_(options) {
    std::error_code ignored;
    output_ = fs::weakly_canonical(options.output, ignored);
  }

  Status take_listed(const fs::path& input) {
    struct stat info{};
    if (::stat(input.c_str(), &info) == 0) return take(input);
    std::error_code ignored;
    info = {};
    ::lstat(input.c_str(), &info);  // a broken link is shown as what it is
    // Canonical where it can be; a name without one (links in a circle, no permission) is itself.
    auto absolute = fs::weakly_canonical(fs::absolute(input, ignored), ignored);
    if (absolute.empty()) absolute = fs::absolute(input, ignored).lexically_normal();
    if (!absolute.has_filename()) absolute = absolute.parent_path();
    listing_.gone.push_back(absolute);
    add(absolute, absolute.filename().native(), info);
    return {};
  }

  Status take(const fs::path& input) {
    struct stat info{};
    if (::stat(input.c_str(), &info) != 0)
      return fail(errno == EACCES ? ErrorKind::denied : ErrorKind::not_found, "input {}: {}",
                  path_to_line(input.native()), std::strerror(errno));
    std::error_code error;
    const fs::path absolute = fs::canonical(input, error);
    if (error)
      return fail(ErrorKind::not_found, "input {}: {}", path_to_line(input.native()),
                  error.message());
    if (!S_ISDIR(info.st_mode)) {
      add(absolute, input.filename().native(), info);
      add_mount(absolute.parent_path());
      return {};
    }
    if (absolute == output_)
      return fail(ErrorKind::invalid_input, "input {} is also the output folder: choose another -o",
                  path_to_line(input.native()));
    listing_.roots.push_back({absolute, info.st_dev, info.st_ino, false, mount_name(absolute)});
    walk(absolute, "");
    return {};
  }

  SourceListing finish() {
    auto& videos = listing_.videos;
    std::sort(videos.begin(), videos.end(), [this](const VideoFile& a, const VideoFile& b) {
      if (options_.order == SourceOrder::size && a.bytes != b.bytes) return a.bytes > b.bytes;
      if (options_.order == SourceOrder::newest && a.mtime_ns != b.mtime_ns)
        return a.mtime_ns > b.mtime_ns;
      return a.path.native() < b.path.native();
    });
    make_keys_unique();
    return std::move(listing_);
  }

 private:
  /// A share that drops takes all its files along: they have not vanished one by one.
  void add_mount(fs::path folder) {
    struct stat info{};
    if (!mounts_sought_.insert(folder.native()).second || ::stat(folder.c_str(), &info) != 0)
      return;
    for (struct stat above{}; folder.has_relative_path(); info = above) {
      const auto parent = folder.parent_path();
      if (::stat(parent.c_str(), &above) != 0 || above.st_dev != info.st_dev) break;
      folder = parent;
    }
    if (mounts_.insert(folder.native()).second)
      listing_.roots.push_back({folder, info.st_dev, info.st_ino, true, mount_name(folder)});
  }

  void walk(const fs::path& folder, const std::string& prefix) {
    struct stat info{};
    if (::stat(folder.c_str(), &info) != 0) return add_unreadable(folder, std::strerror(errno));
    if (!folders_seen_.emplace(info.st_dev, info.st_ino).second) return;
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
      names.push_back(entry->path().filename().native());
    if (error) add_unreadable(folder, error.message());
    std::sort(names.begin(), names.end());
    for (const auto& name : names) visit(folder / name, prefix + name);
  }

  void visit(const fs::path& path, const std::string& relative) {
    struct stat link{}, info{};
    if (::lstat(path.c_str(), &link) != 0) {
      // A folder may be listed and yet not entered; a file may have gone since.
      if (errno != ENOENT) add_unreadable(path.parent_path(), std::strerror(errno));
      return;
    }
    if (::stat(path.c_str(), &info) != 0) info = link;  // a broken link is shown as what it is
    const bool is_hidden = path.filename().native().starts_with('.');
    if (S_ISDIR(info.st_mode)) {
      std::error_code ignored;
      if (!output_.empty() && fs::weakly_canonical(path, ignored) == output_) {
        listing_.notes.push_back(
            fmt::format("left out the output folder {}, which is inside the input",
                        path_to_line(path.native())));
      } else if (!is_hidden && !matches_any(options_.exclude, relative + "/")) {
        walk(path, relative + "/");
      }
      return;
    }
    const bool is_wanted = options_.include.empty() ? !is_hidden && has_media_name(path)
                                                    : matches_any(options_.include, relative);
    if (!is_wanted || matches_any(options_.exclude, relative)) {
      ++listing_.ignored;
      return;
    }
    std::error_code error;
    const fs::path absolute = S_ISLNK(link.st_mode) ? fs::canonical(path, error) : path;
    add(error ? path : absolute, relative, info);
  }

  void add_unreadable(const fs::path& folder, const std::string& why) {
    if (!unreadable_.insert(folder.native()).second) return;
    ++listing_.unreadable_folders;
    listing_.notes.push_back(
        fmt::format("folder {} could not be read: {}", path_to_line(folder.native()), why));
  }

  void add(const fs::path& absolute, const std::string& key, const struct stat& info) {
    if (!files_seen_.insert(absolute.native()).second) return;
    listing_.videos.push_back(
        {absolute, key, static_cast<std::uint64_t>(info.st_size), modified_ns(info)});
  }

  /// Files of the same relative name from different inputs: all but the first (by path) carry a
  /// digest of their path.
  void make_keys_unique() {
    std::unordered_map<std::string, const fs::path*> owners;
    for (const auto& video : listing_.videos) {
      auto& owner = owners[video.key];
      if (owner == nullptr || video.path.native() < owner->native()) owner = &video.path;
    }
    for (auto& video : listing_.videos)
      if (owners[video.key]->native() != video.path.native()) video.key = distinct_key(video);
  }

  const SourceOptions& options_;
  fs::path output_;
  SourceListing listing_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> folders_seen_;
  std::unordered_set<std::string> files_seen_, unreadable_, mounts_sought_, mounts_;
};

}  // namespace

Result<SourceListing> list_videos(const SourceOptions& options) {
  Walk walk(options);
  for (const auto& input : options.inputs) REELMILL_TRY(walk.take(input));
  for (const auto& input : options.listed) REELMILL_TRY(walk.take_listed(input));
  return walk.finish();
}

std::string distinct_key(const VideoFile& video) {
  return video.key + "~" + hex64(xxh3(video.path.native())).substr(0, 8);
}

std::vector<fs::path> parse_file_list(std::string_view text) {
  const char separator = text.find('\0') == text.npos ? '\n' : '\0';
  std::vector<fs::path> paths;
  while (!text.empty()) {
    const auto end = text.find(separator);
    auto name = text.substr(0, end);
    if (separator == '\n' && name.ends_with('\r')) name.remove_suffix(1);
    if (!name.empty()) paths.emplace_back(std::string(name));
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
  }
  return paths;
}

}  // namespace reelmill
