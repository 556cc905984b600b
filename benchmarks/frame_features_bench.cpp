// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "media/frame_features.h"

namespace {

using namespace reelmill;

struct Plane {
  std::vector<std::byte> memory;
  LumaView view;
};

/// A picture with gradients and noise; rows padded as decoders do.
Plane make_plane(int width, int height, int bit_depth) {
  std::mt19937 random(7);
  const int bytes = bit_depth > 8 ? 2 : 1;
  Plane plane;
  const auto stride = (width + 95) / 64 * 64 * bytes;
  plane.memory.resize(static_cast<std::size_t>(stride) * static_cast<std::size_t>(height));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto value = (16 + (x + y) % 200 + static_cast<int>(random() % 8)) << (bit_depth - 8);
      auto* to = plane.memory.data() + y * stride + x * bytes;
      to[0] = static_cast<std::byte>(value);
      if (bytes == 2) to[1] = static_cast<std::byte>(value >> 8);
    }
  }
  plane.view = {plane.memory.data(), stride, width, height, bit_depth, false};
  return plane;
}

template <FrameFeatures (*Compute)(const LumaView&) noexcept>
void features(benchmark::State& state) {
  const auto plane = make_plane(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)),
                                static_cast<int>(state.range(2)));
  for (auto _ : state) {
    auto result = Compute(plane.view);
    benchmark::DoNotOptimize(result);
  }
  state.SetItemsProcessed(state.iterations());
}

template <ChromaMeans (*Compute)(const ChromaView&) noexcept>
void chroma(benchmark::State& state) {
  const auto depth = static_cast<int>(state.range(2));
  const auto plane =
      make_plane(static_cast<int>(state.range(0)) / 2, static_cast<int>(state.range(1)) / 2, depth);
  const ChromaView view{{plane.view.data, plane.view.stride},
                        {plane.view.data, plane.view.stride},
                        plane.view.width,
                        plane.view.height,
                        depth,
                        depth > 8 ? 2 : 1};
  for (auto _ : state) {
    auto result = Compute(view);
    benchmark::DoNotOptimize(result);
  }
  state.SetItemsProcessed(state.iterations());
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"width", "height", "bits"})->Unit(benchmark::kMicrosecond);
  for (const auto& [width, height] : {std::pair{640, 360}, {1280, 720}, {1920, 1080}}) {
    benchmark->Args({width, height, 8});
  }
  benchmark->Args({1920, 1080, 10});
}

BENCHMARK(features<compute_frame_features>)->Name("frame_features/simd")->Apply(sizes);
BENCHMARK(features<compute_frame_features_reference>)
    ->Name("frame_features/reference")
    ->Apply(sizes);
BENCHMARK(chroma<compute_chroma_means>)->Name("chroma_means/simd")->Apply(sizes);
BENCHMARK(chroma<compute_chroma_means_reference>)->Name("chroma_means/reference")->Apply(sizes);

}  // namespace
