// SPDX-License-Identifier: Apache-2.0
#include "media/audio_decoder.h"

#include <utility>

#include "media/codec.h"
#include "media/libav.h"

namespace reelmill {
namespace {

constexpr int kMaxChannels = 64;
constexpr int kMaxErrors = 16;       // in a row for one packet: a decoder that never ends is broken
constexpr int kMaxRate = 1'536'000;  // Hz: 2 × the fastest that studio formats use

void free_resampler(SwrContext** resampler) noexcept {
  swr_free(resampler);
}

}  // namespace

struct AudioDecoder::State {
  Owned<AVCodecContext, free_codec> codec;
  Owned<AVFrame, free_frame> frame;
  Owned<SwrContext, free_resampler> resampler;  // between sample formats only
  AVSampleFormat format = AV_SAMPLE_FMT_NONE;   // what the resampler was made for
  int channels = 0;
  std::vector<float> samples;

  Status check(const AVFrame& sound) const;
  Result<std::span<const float>> to_float(const AVFrame& sound);
};

Status AudioDecoder::State::check(const AVFrame& sound) const {
  if (sound.ch_layout.nb_channels < 1 || sound.ch_layout.nb_channels > kMaxChannels) {
    return fail(ErrorKind::invalid_input, "{}: {} channels (1 to {} are possible)",
                codec->codec->name, sound.ch_layout.nb_channels, kMaxChannels);
  }
  if (sound.sample_rate < 1 || sound.sample_rate > kMaxRate) {
    return fail(ErrorKind::invalid_input, "{}: sample rate {} Hz (1 to {} are possible)",
                codec->codec->name, sound.sample_rate, kMaxRate);
  }
  return {};
}

Result<std::span<const float>> AudioDecoder::State::to_float(const AVFrame& sound) {
  const int now_channels = sound.ch_layout.nb_channels;
  const auto now_format = static_cast<AVSampleFormat>(sound.format);
  const auto count =
      static_cast<std::size_t>(sound.nb_samples) * static_cast<std::size_t>(now_channels);
  if (now_format == AV_SAMPLE_FMT_FLT || (now_format == AV_SAMPLE_FMT_FLTP && now_channels == 1)) {
    return std::span(reinterpret_cast<const float*>(sound.extended_data[0]), count);
  }
  if (resampler == nullptr || format != now_format || channels != now_channels) {
    // A layout by count alone: channels stay in their order, nothing is mixed.
    AVChannelLayout layout{};
    layout.order = AV_CHANNEL_ORDER_UNSPEC;
    layout.nb_channels = now_channels;
    SwrContext* fresh = nullptr;
    int status = swr_alloc_set_opts2(&fresh, &layout, AV_SAMPLE_FMT_FLT, sound.sample_rate, &layout,
                                     now_format, sound.sample_rate, 0, nullptr);
    resampler.reset(fresh);
    if (status >= 0) status = swr_init(fresh);
    if (status < 0) {
      resampler.reset();
      return fail(ErrorKind::invalid_input, "{}: no way to floating point: {}", codec->codec->name,
                  libav_reason(status));
    }
    format = now_format;
    channels = now_channels;
  }
  samples.resize(count);
  auto* out = reinterpret_cast<std::uint8_t*>(samples.data());
  const int converted =
      swr_convert(resampler.get(), &out, sound.nb_samples,
                  const_cast<const std::uint8_t**>(sound.extended_data), sound.nb_samples);
  if (converted < 0) {
    return fail(ErrorKind::invalid_input, "{}: conversion to floating point: {}",
                codec->codec->name, libav_reason(converted));
  }
  return std::span<const float>(samples).first(static_cast<std::size_t>(converted) *
                                               static_cast<std::size_t>(now_channels));
}

AudioDecoder::AudioDecoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
AudioDecoder::~AudioDecoder() = default;

Result<std::unique_ptr<AudioDecoder>> AudioDecoder::open(const Demuxer& demuxer, int stream) {
  auto state = std::make_unique<State>();
  REELMILL_ASSIGN(state->codec, new_codec(demuxer, stream, AVMEDIA_TYPE_AUDIO));
  REELMILL_TRY(open_codec(*state->codec, demuxer, stream));
  state->frame.reset(av_frame_alloc());
  if (state->frame == nullptr) return fail(ErrorKind::internal, "decode: out of memory");
  return std::unique_ptr<AudioDecoder>(new AudioDecoder(std::move(state)));
}

Status AudioDecoder::decode(const Packet* packet, const Sink& sink) {
  auto* codec = state_->codec.get();
  const char* name = codec->codec->name;
  auto* sound = state_->frame.get();
  int status = timer_.send(
      [&] { return avcodec_send_packet(codec, packet == nullptr ? nullptr : packet->data.get()); });
  if (packet == nullptr && status == AVERROR_EOF) return {};
  Status result;
  if (status < 0) {
    result = fail(kind_of_decode_error(status), "{}: {}", name, libav_reason(status));
  }
  // Whatever is ready comes out even when this packet failed.
  for (int errors = 0;;) {
    status = timer_.receive([&] { return avcodec_receive_frame(codec, sound); });
    if (status == AVERROR(EAGAIN) || status == AVERROR_EOF) return result;
    if (status < 0) {
      result = fail(kind_of_decode_error(status), "{}: {}", name, libav_reason(status));
      if (++errors == kMaxErrors) return result;
      continue;
    }
    REELMILL_TRY(state_->check(*sound));
    REELMILL_ASSIGN(const auto samples, state_->to_float(*sound));
    AudioView view;
    view.samples = samples;
    view.channels = sound->ch_layout.nb_channels;
    view.sample_rate = sound->sample_rate;
    view.pts = optional_time(sound->best_effort_timestamp);
    if (!samples.empty()) sink(view);
    av_frame_unref(sound);
  }
}

}  // namespace reelmill
