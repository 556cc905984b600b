// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/decoder.h"
#include "media/libav.h"

namespace reelmill {

/// A codec context with the parameters of a stream of `demuxer`, for one thread, not yet open.
/// Errors: invalid_input where the stream is missing, of another kind, or has no decoder.
Result<Owned<AVCodecContext, free_codec>> new_codec(const Demuxer& demuxer, int stream,
                                                    AVMediaType type);

/// Opens it. Errors: invalid_input with libav's reason.
Status open_codec(AVCodecContext& codec, const Demuxer& demuxer, int stream);

/// The kind of what libavcodec returned for a packet or a frame.
ErrorKind kind_of_decode_error(int averror) noexcept;

}  // namespace reelmill
