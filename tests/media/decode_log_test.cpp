// SPDX-License-Identifier: Apache-2.0
#include "media/decode_log.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/libav.h"

namespace reelmill {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DecodeLog, CollectsErrorsAndWorseOfThisThread) {
  const DecodeLog log;
  av_log(nullptr, AV_LOG_WARNING, "a warning\n");
  av_log(nullptr, AV_LOG_ERROR, "an error\n");
  av_log(nullptr, AV_LOG_FATAL, "the end\n");
  std::thread([] { av_log(nullptr, AV_LOG_ERROR, "elsewhere\n"); }).join();
  EXPECT_THAT(log.messages(), ElementsAre("an error", "the end"));
  EXPECT_EQ(log.count(), 2);
}

TEST(DecodeLog, NamesTheSourceWithoutItsAddress) {
  const DecodeLog log;
  AVCodecContext* codec = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264));
  av_log(codec, AV_LOG_ERROR, "error while decoding MB %d %d\n", 3, 4);
  avcodec_free_context(&codec);
  EXPECT_THAT(log.messages(), ElementsAre("[h264] error while decoding MB 3 4"));
}

TEST(DecodeLog, JoinsAMessageThatIsPrintedInPieces) {
  const DecodeLog log;
  AVCodecContext* codec = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_HEVC));
  av_log(codec, AV_LOG_ERROR, "sizes:");
  av_log(codec, AV_LOG_ERROR, " %d", 1);
  av_log(codec, AV_LOG_ERROR, " %d", 2);
  av_log(codec, AV_LOG_ERROR, "\n");
  avcodec_free_context(&codec);
  EXPECT_THAT(log.messages(), ElementsAre("[hevc] sizes: 1 2"));
}

TEST(DecodeLog, KnowsAMessageThatLacksItsLineEnd) {
  const DecodeLog log;
  av_log(nullptr, AV_LOG_ERROR, "unfinished");
  EXPECT_EQ(log.count(), 1);
}

TEST(DecodeLog, KeepsTwentyTextsAndCountsAll) {
  const DecodeLog log;
  for (int i = 0; i < 50; ++i) av_log(nullptr, AV_LOG_ERROR, "error %d\n", i);
  EXPECT_EQ(log.count(), 50);
  EXPECT_EQ(log.messages().size(), 20U);
}

TEST(DecodeLog, GivesMessagesToTheInnermostScope) {
  const DecodeLog outer;
  {
    const DecodeLog inner;
    av_log(nullptr, AV_LOG_ERROR, "inside\n");
    EXPECT_THAT(inner.messages(), ElementsAre("inside"));
  }
  EXPECT_THAT(outer.messages(), IsEmpty());
  av_log(nullptr, AV_LOG_ERROR, "outside\n");
  EXPECT_THAT(outer.messages(), ElementsAre("outside"));
}

TEST(DecodeLog, KeepsWhatAFileSaysOnOneLine) {
  const DecodeLog log;
  av_log(nullptr, AV_LOG_ERROR, "tag \x01\xFF%s\n", "a\nb");
  EXPECT_THAT(log.messages(), ElementsAre("tag \\x01\\xffa\\x0ab"));
}

}  // namespace
}  // namespace reelmill
