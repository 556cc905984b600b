// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/fingerprint_file.h"

#include <fstream>

#include <gtest/gtest.h>

#include "fingerprint/fingerprint_cache.h"
#include "tests/fingerprint/pictures.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

Fingerprint sample() {
  auto print = test::print_of({1, 2, 3}, 2);
  print.whole[4].motion = {0x0123456789ABCDEF, 0xFF00};
  print.whole_detail = {PictureHash{11, 12}, PictureHash{13, 14}};
  print.inside_detail = {PictureHash{21, 22}, PictureHash{23, 24}};
  print.inside = test::shown({4, 5}, 1, 3);
  print.sound_start_s = -0.25;
  print.sound = {0, 1, 0xFFFFFFFF, 627964279};
  return print;
}

TEST(FingerprintFile, WhatIsWrittenReadsBackTheSame) {
  for (const auto& print : {sample(), Fingerprint{}})
    EXPECT_EQ(decode_fingerprint(encode_fingerprint(print)).value(), print);
}

TEST(FingerprintFile, IsLittleEndianWithItsVersionInFront) {
  const auto bytes = encode_fingerprint(Fingerprint{});
  ASSERT_EQ(bytes.size(), 108u);
  EXPECT_EQ(std::string(bytes.begin(), bytes.begin() + 4), "RMFP");
  EXPECT_EQ(bytes[4], kFingerprintVersion);
  EXPECT_EQ(bytes[5], 0);
}

TEST(FingerprintFile, NoPartOfItIsTakenForAWhole) {
  const auto bytes = encode_fingerprint(sample());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(decode_fingerprint(std::span(bytes).first(length))) << length;
}

TEST(FingerprintFile, ATurnedBitIsNoticedWhereverItIs) {
  auto bytes = encode_fingerprint(sample());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    bytes[at] ^= 4;
    EXPECT_FALSE(decode_fingerprint(bytes)) << at;
    bytes[at] ^= 4;
  }
}

TEST(FingerprintFile, AnotherVersionIsNamed) {
  auto bytes = encode_fingerprint(sample());
  bytes[4] = 9;
  EXPECT_THAT(decode_fingerprint(bytes), testing::FailsWith(ErrorKind::invalid_input, "version 9"));
}

TEST(FingerprintFile, AFileThatIsNotThereIsNamed) {
  EXPECT_THAT(read_fingerprint("/nowhere/fingerprint.bin"),
              testing::FailsWith(ErrorKind::not_found, "/nowhere/fingerprint.bin"));
}

TEST(FingerprintCache, ReadsAgainWhatItHadToForget) {
  const test::TempFolder folder;
  FingerprintCache cache(1);  // byte
  for (unsigned i = 0; i < 4; ++i) {
    const auto file = folder / std::to_string(i);
    const auto bytes = encode_fingerprint(test::print_of({i, i + 1}));
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    cache.add(file);
  }
  for (const std::uint32_t number : {0u, 1u, 2u, 3u, 0u, 3u})
    EXPECT_EQ(*cache.load(number), test::print_of({number, number + 1}));
  std::filesystem::remove(folder / "1");
  EXPECT_EQ(cache.load(1), nullptr);
}

}  // namespace
}  // namespace reelmill
