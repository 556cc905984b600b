// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "media/media_input.h"
#include "media/owned.h"
#include "media/stream_info.h"

struct AVFormatContext;
struct AVPacket;
struct AVStream;

namespace reelmill {

void free_packet(AVPacket** packet) noexcept;  // av_packet_free, without its header

/// One compressed packet. Times are in its stream's time base.
struct Packet {
  Owned<AVPacket, free_packet> data;
  int stream = 0;
  std::optional<std::int64_t> pts, dts;
  std::int64_t position = -1;  ///< byte offset in the file, -1 unknown
  std::int64_t bytes = 0;      ///< compressed size
  bool is_key = false;
  bool is_corrupt = false;    ///< the container says so
  bool is_discarded = false;  ///< decode, but show nothing of it (edit lists)
};

/// Reads the packets of one file. Owns the input and the container's state; decodes nothing.
/// Used by one thread at a time.
class Demuxer {
 public:
  /// Opens and probes. Errors: those of MediaInput::open, invalid_input where the content is no
  /// media (the text names the reason), cancelled when interrupted.
  static Result<std::unique_ptr<Demuxer>> open(const std::filesystem::path& path,
                                               std::shared_ptr<ReadControl> control = nullptr);
  ~Demuxer();
  Demuxer(const Demuxer&) = delete;
  Demuxer& operator=(const Demuxer&) = delete;

  const MediaInfo& info() const noexcept { return info_; }
  const MediaInput& input() const noexcept { return *input_; }

  /// Packets of other streams are dropped while reading.
  void select(const std::vector<int>& streams);

  /// The next packet of the selected streams, in file order; empty at the end. Errors: unavailable
  /// (the storage failed), invalid_input (the container is broken here), cancelled.
  Result<std::optional<Packet>> read();

  /// Goes to the last key frame of `stream` with pts (or dts, where the container knows no better)
  /// <= `pts`.
  Status seek(int stream, std::int64_t pts);

  /// Times of the key frames that the container's index lists for `stream`; empty where it has
  /// none.
  std::vector<std::int64_t> indexed_key_frames(int stream) const;

  /// Whether the headers speak of bytes beyond the end of the file: it was cut short.
  bool is_cut_short() const;

  AVStream* stream(int index) const noexcept;

 private:
  Demuxer();
  struct State;
  std::unique_ptr<MediaInput> input_;
  std::unique_ptr<State> state_;
  MediaInfo info_;
};

/// Opens the file, reads its headers and closes it.
Result<MediaInfo> probe(const std::filesystem::path& path,
                        std::shared_ptr<ReadControl> control = nullptr);

}  // namespace reelmill
