// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "stages/api/video.h"

namespace reelmill {

/// What is processed first: names in order, the largest files, the newest files.
enum class SourceOrder { size, name, newest };

struct SourceOptions {
  std::vector<std::filesystem::path> inputs;  ///< folders and files
  /// The same out of a list: what is not there (any more) is listed all the same, and ends on its
  /// own.
  std::vector<std::filesystem::path> listed;
  std::vector<std::string> include;  ///< globs; empty = everything that has a media file's name
  std::vector<std::string> exclude;  ///< globs
  std::filesystem::path output;      ///< never walked into
  SourceOrder order = SourceOrder::size;
};

/// A folder given as input, or the one where the file system of a file given by name is mounted;
/// and what it was when the run began.
struct InputRoot {
  std::filesystem::path path;
  std::uint64_t device = 0, inode = 0;
  bool is_mount = false;   ///< of files given by name
  std::string mount = {};  ///< as mount_name(); empty where that is not known
};

struct SourceListing {
  std::vector<VideoFile> videos;  ///< each file once, in the wanted order, keys unique
  std::vector<InputRoot> roots;
  std::vector<std::filesystem::path> gone;  ///< of the videos: listed, but not there
  std::int64_t ignored = 0;                 ///< files of other kinds, by name
  std::int64_t unreadable_folders = 0;      ///< what is in them is not known
  std::vector<std::string> notes;  ///< folders that could not be read, the output that was left out
};

/// Walks the inputs. Follows links to files and folders, each folder once. Files given by name are
/// always taken. Errors: not_found for an input that is not there, unless it is `listed`, denied,
/// invalid_input where the output is an input.
Result<SourceListing> list_videos(const SourceOptions& options);

/// The key with a digest of the path behind it, for a video whose key belongs to another file.
std::string distinct_key(const VideoFile& video);

/// One name a line, or NUL-separated where the text contains NULs (as of `find -print0`).
std::vector<std::filesystem::path> parse_file_list(std::string_view text);

}  // namespace reelmill
