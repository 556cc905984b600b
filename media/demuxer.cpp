// SPDX-License-Identifier: Apache-2.0
#include "media/demuxer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/fail_point.h"
#include "base/path_text.h"
#include "media/container_policy.h"
#include "media/cut_short.h"
#include "media/decode_log.h"
#include "media/encryption.h"
#include "media/libav.h"
#include "media/stream_facts.h"

namespace reelmill {
namespace {

constexpr int kBufferBytes = 256 * 1024;
constexpr int kMaxStreams = 256;
constexpr int kMaxRetries = 1000;  // a demuxer that only ever says "again" is broken

void close_format(AVFormatContext** format) noexcept {
  avformat_close_input(format);
}

void free_io(AVIOContext** io) noexcept {
  if (*io != nullptr) av_freep(static_cast<void*>(&(*io)->buffer));  // libav may have replaced it
  avio_context_free(io);
}

int read_input(void* opaque, std::uint8_t* buffer, int size) {
  const int got = static_cast<MediaInput*>(opaque)->read(buffer, size);
  if (got == 0) return AVERROR_EOF;
  return got == -ECANCELED ? AVERROR_EXIT : got;
}

std::int64_t seek_input(void* opaque, std::int64_t offset, int whence) {
  auto* input = static_cast<MediaInput*>(opaque);
  if ((whence & AVSEEK_SIZE) != 0) return static_cast<std::int64_t>(input->identity().bytes);
  return input->seek(offset, whence & ~AVSEEK_FORCE);
}

int is_interrupted(void* opaque) {
  const auto* control = static_cast<MediaInput*>(opaque)->control();
  return control != nullptr && control->is_interrupted() ? 1 : 0;
}

}  // namespace

struct Demuxer::State {
  // Destroyed from the last to the first: libav's context before what it reads through.
  Owned<AVIOContext, free_io> io;
  Owned<AVFormatContext, close_format> format;
  std::vector<int> selected;
  bool is_selective = false;
};

void free_packet(AVPacket** packet) noexcept {
  av_packet_free(packet);
}

Demuxer::Demuxer() : state_(std::make_unique<State>()) {}
Demuxer::~Demuxer() = default;

namespace {

std::string name_of(const MediaInput& input) {
  return path_to_line(input.path().filename().native());
}

bool stopped(MediaInput& input) {
  return is_interrupted(&input) != 0 || input.read_errno() != 0;
}

/// Why libav stopped, told from the input first: a failed disk must not look like a bad file.
tl::unexpected<Error> failed(MediaInput& input, std::string_view doing, int averror,
                             const std::vector<std::string>& messages) {
  const auto name = name_of(input);
  if (is_interrupted(&input) != 0) {
    return fail(ErrorKind::cancelled, "{} {}: interrupted", doing, name);
  }
  if (input.read_errno() != 0) {
    return fail(ErrorKind::unavailable, "{} {}: {}", doing, name,
                std::strerror(input.read_errno()));
  }
  const auto reason = libav_reason(averror);
  if (messages.empty()) return fail(ErrorKind::invalid_input, "{} {}: {}", doing, name, reason);
  return fail(ErrorKind::invalid_input, "{} {}: {} ({})", doing, name, reason, messages.front());
}

}  // namespace

Result<std::unique_ptr<Demuxer>> Demuxer::open(const std::filesystem::path& path,
                                               std::shared_ptr<ReadControl> control) {
  DecodeLog log;
  std::unique_ptr<Demuxer> demuxer(new Demuxer);
  REELMILL_ASSIGN(demuxer->input_, MediaInput::open(path, std::move(control)));
  auto& input = *demuxer->input_;
  auto& state = *demuxer->state_;

  auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferBytes));
  state.io.reset(
      avio_alloc_context(buffer, kBufferBytes, 0, &input, read_input, nullptr, seek_input));
  state.format.reset(avformat_alloc_context());
  if (state.io == nullptr || state.format == nullptr) {
    return fail(ErrorKind::internal, "open {}: out of memory", name_of(input));
  }
  AVFormatContext* format = state.format.get();
  format->pb = state.io.get();
  format->flags |= AVFMT_FLAG_CUSTOM_IO;  // the input is ours to close
  format->interrupt_callback = {is_interrupted, &input};
  format->max_streams = kMaxStreams;

  const AVInputFormat* container = nullptr;
  // No name is given: what a file is, its content says, and a name must not be read as an address.
  if (const int score = av_probe_input_buffer2(state.io.get(), &container, "", format, 0, 0);
      score < 0) {
    if (score != AVERROR_INVALIDDATA || stopped(input)) return failed(input, "open", score, {});
    return fail(ErrorKind::invalid_input,
                "open {}: not a media file: no container format recognised", name_of(input));
  }
  if (const auto refusal = refusal_of_container(*container); !refusal.empty()) {
    return fail(ErrorKind::invalid_input, "open {}: {}", name_of(input), refusal);
  }
  confine_to_this_file(*format);

  if (std::string_view(container->name).starts_with("mov")) {
    if (const auto scheme = isobmff_encryption_scheme(input)) {
      return fail(ErrorKind::invalid_input, "open {}: encrypted ({}), and there is no key",
                  name_of(input), *scheme);
    }
  }

  // avformat_open_input frees the context when it fails.
  AVFormatContext* opening = state.format.release();
  const int opened = avformat_open_input(&opening, "", container, nullptr);
  state.format.reset(opening);
  if (opened < 0) return failed(input, "open", opened, log.messages());

  // As the ffmpeg tool does: with streams in hand, parameters that stay unknown are no reason to
  // give up yet.
  const int found = find_stream_facts(*format);
  if ((found < 0 && format->nb_streams == 0) || stopped(input)) {
    return failed(input, "open", found, log.messages());
  }
  if (has_encrypted_video(*format)) {
    return fail(ErrorKind::invalid_input, "open {}: encrypted, and there is no key",
                name_of(input));
  }
  demuxer->info_ = describe(*format);
  demuxer->info_.messages = log.messages();
  const auto& streams = demuxer->info_.streams;
  if (std::none_of(streams.begin(), streams.end(), [](const StreamInfo& stream) {
        return stream.kind == StreamKind::video || stream.kind == StreamKind::audio;
      })) {
    return fail(ErrorKind::invalid_input, "open {}: no video or audio stream ({} container)",
                name_of(input), demuxer->info_.container);
  }
  return demuxer;
}

void Demuxer::select(const std::vector<int>& streams) {
  state_->selected = streams;
  state_->is_selective = true;
  const auto* format = state_->format.get();
  for (unsigned i = 0; i < format->nb_streams; ++i) {
    const bool is_wanted =
        std::find(streams.begin(), streams.end(), static_cast<int>(i)) != streams.end();
    format->streams[i]->discard = is_wanted ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
}

Result<std::optional<Packet>> Demuxer::read() {
  fail_point("media.packet", input_->path().native());
  Packet packet;
  packet.data.reset(av_packet_alloc());
  if (packet.data == nullptr) {
    return fail(ErrorKind::internal, "read {}: out of memory", name_of(*input_));
  }
  const auto& selected = state_->selected;
  for (int retries = 0;;) {
    if (stopped(*input_)) return failed(*input_, "read", AVERROR_EXIT, {});
    const int status = av_read_frame(state_->format.get(), packet.data.get());
    if (status == AVERROR(EAGAIN) && ++retries < kMaxRetries) continue;
    // At the end of the file too: libav takes a failed read for one.
    if (status < 0 && stopped(*input_)) return failed(*input_, "read", status, {});
    if (status == AVERROR_EOF) return std::optional<Packet>{};
    if (status < 0) return failed(*input_, "read", status, {});
    if (!state_->is_selective ||
        std::find(selected.begin(), selected.end(), packet.data->stream_index) != selected.end()) {
      break;
    }
    av_packet_unref(packet.data.get());
  }
  const auto& data = *packet.data;
  packet.stream = data.stream_index;
  packet.pts = optional_time(data.pts);
  packet.dts = optional_time(data.dts);
  packet.position = data.pos;
  packet.bytes = data.size;
  packet.is_key = (data.flags & AV_PKT_FLAG_KEY) != 0;
  packet.is_corrupt = (data.flags & AV_PKT_FLAG_CORRUPT) != 0;
  packet.is_discarded = (data.flags & AV_PKT_FLAG_DISCARD) != 0;
  if (auto* control = input_->control(); control != nullptr) control->made_progress();
  return packet;
}

Status Demuxer::seek(int stream, std::int64_t pts) {
  const int status = av_seek_frame(state_->format.get(), stream, pts, AVSEEK_FLAG_BACKWARD);
  if (status < 0) return failed(*input_, "seek", status, {});
  return {};
}

std::vector<std::int64_t> Demuxer::indexed_key_frames(int stream) const {
  std::vector<std::int64_t> times;
  AVStream* indexed = this->stream(stream);
  if (indexed == nullptr) return times;
  const int count = avformat_index_get_entries_count(indexed);
  for (int i = 0; i < count; ++i) {
    const auto* entry = avformat_index_get_entry(indexed, i);
    if ((entry->flags & AVINDEX_KEYFRAME) != 0 && (entry->flags & AVINDEX_DISCARD_FRAME) == 0) {
      times.push_back(entry->timestamp);
    }
  }
  return times;
}

bool Demuxer::is_cut_short() const {
  return reelmill::is_cut_short(*input_, *state_->format);
}

AVStream* Demuxer::stream(int index) const noexcept {
  const auto* format = state_->format.get();
  if (index < 0 || static_cast<unsigned>(index) >= format->nb_streams) return nullptr;
  return format->streams[index];
}

Result<MediaInfo> probe(const std::filesystem::path& path, std::shared_ptr<ReadControl> control) {
  REELMILL_ASSIGN(const auto demuxer, Demuxer::open(path, std::move(control)));
  return demuxer->info();
}

}  // namespace reelmill
