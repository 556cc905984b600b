// SPDX-License-Identifier: Apache-2.0
// The stage `infer`: sampled frames go to a model server, whose answers become findings.
#include "stages/api/option_check.h"
#include "stages/api/registry.h"
#include "stages/infer/inference_client.h"
#include "stages/infer/picture_tensor.h"

namespace reelmill {
namespace {

using namespace std::chrono_literals;

enum class Sample { interval, key, all };

struct InferOptions {
  std::string url, model, version, input;
  std::vector<std::string> outputs;
  Sample sample = Sample::interval;
  Duration every = 1s;
  int width = 0, height = 0;
  PixelFormat pixels = PixelFormat::rgb;
  TensorLayout layout = TensorLayout::nhwc;
  TensorType type = TensorType::uint8;
  double scale = 1, offset = 0;
  std::vector<std::string> headers;
  std::string ca_file;
};

constexpr double kMaxSide = 8192;

const OptionTable<InferOptions>& option_table() {
  static const auto table =
      OptionTable<InferOptions>()
          .add("url", &InferOptions::url,
               "of a server that speaks the Open Inference Protocol (KServe v2 REST), such as "
               "Triton or MLServer: `http://host:8000`")
          .required()
          .add("model", &InferOptions::model, "name of the model at the server")
          .required()
          .add("version", &InferOptions::version, "of the model; empty: the server chooses")
          .add("input", &InferOptions::input,
               "name of the input tensor; empty: the model has only one")
          .add("outputs", &InferOptions::outputs,
               "names of the outputs to keep; empty: all that the model has")
          .add_choice(
              "sample", &InferOptions::sample,
              "which frames are sent: one every so often (see `every`), key frames, or all",
              Choices<Sample>{
                  {"interval", Sample::interval}, {"key", Sample::key}, {"all", Sample::all}})
          .add("every", &InferOptions::every,
               "with `sample: interval`, the time between two frames", Range{0.001, 86400})
          .add("width", &InferOptions::width,
               "pixels that each frame is scaled to; 0: as the video is", Range{0, kMaxSide})
          .add("height", &InferOptions::height,
               "pixels that each frame is scaled to; 0: as the video is", Range{0, kMaxSide})
          .add_choice("pixels", &InferOptions::pixels, "what a pixel consists of",
                      Choices<PixelFormat>{{"rgb", PixelFormat::rgb},
                                           {"bgr", PixelFormat::bgr},
                                           {"luma", PixelFormat::luma}})
          .add_choice(
              "layout", &InferOptions::layout,
              "order of a batch's dimensions: frames, height, width, channels, or frames, "
              "channels, height, width",
              Choices<TensorLayout>{{"nhwc", TensorLayout::nhwc}, {"nchw", TensorLayout::nchw}})
          .add_choice(
              "type", &InferOptions::type, "of the input's numbers",
              Choices<TensorType>{{"uint8", TensorType::uint8}, {"float32", TensorType::fp32}})
          .add("scale", &InferOptions::scale,
               "with `type: float32`, each sample (0 to 255) is multiplied by this: 0.00392157 "
               "makes it 0 to 1",
               Range{-1e6, 1e6})
          .add("offset", &InferOptions::offset, "with `type: float32`, added after scaling",
               Range{-1e6, 1e6})
          .add("headers", &InferOptions::headers,
               "further HTTP headers, each `Name: value`, for example `Authorization: Bearer "
               "${TOKEN}`")
          .secret()
          .add("ca_file", &InferOptions::ca_file,
               "PEM file of certificate authorities to trust for https, instead of the system's");
  return table;
}

HttpUrl parse_server(const InferOptions& options, const OptionCheck& check) {
  auto url = parse_http_url(options.url);
  if (!url) {
    check.add("url", url.error().message);
    return {};
  }
  if (url->has_query || url->has_fragment)
    check.add("url", "the address of a server has no '?' or '#'");
  for (auto* text : {&url->address, &url->shown}) {
    while (text->ends_with('/')) text->pop_back();
    if (text->ends_with("/v2")) text->resize(text->size() - 3);
  }
  if (check.is_secret("url")) url->shown = url->origin;
  return *url;
}

class InferStage final : public FrameCallStage {
 public:
  InferStage(const InferOptions& options, HttpUrl server,
             std::vector<std::pair<std::string, std::string>> headers)
      : width_(options.width),
        height_(options.height),
        format_{options.pixels, options.layout, options.type, options.scale, options.offset},
        client_({std::move(server), options.model, options.version, options.input, options.outputs,
                 std::move(headers), options.ca_file}) {}

  std::size_t input_bytes(int width, int height, int rotation) const override {
    const auto [w, h] = size_of(width, height, rotation);
    return static_cast<std::size_t>(w) * static_cast<std::size_t>(h) *
           static_cast<std::size_t>(format_.channels()) * element_size(format_.type);
  }

  Result<FrameInput> convert(const FrameView& view) const override {
    const auto [width, height] = size_of(view.frame.width(), view.frame.height(), view.rotation);
    REELMILL_ASSIGN(const auto picture, view.frame.scaled(width, height, view.rotation));
    return FrameInput{fmt::format("{}x{}", width, height), width, height,
                      tensor_of(picture, format_)};
  }

  tl::expected<std::vector<FrameOutput>, FrameCallFailure> call(
      std::span<const FrameInput* const> frames, const CallContext& context) override {
    const auto& first = *frames.front();
    InputTensor batch;
    batch.type = format_.type;
    batch.shape = {first.height, first.width};
    batch.shape.insert(
        format_.layout == TensorLayout::nhwc ? batch.shape.end() : batch.shape.begin(),
        format_.channels());
    for (const auto* frame : frames) batch.parts.emplace_back(frame->data);
    return client_.infer(std::move(batch), context);
  }

  BatchOptions batching() const override { return {}; }
  Json description() const override {
    Json about{{"model", client_.options().model}};
    if (!client_.options().version.empty()) about["version"] = client_.options().version;
    return about;
  }
  std::string target() const override { return client_.target(); }

 private:
  struct Size {
    int width, height;
  };
  Size size_of(int width, int height, int rotation) const {
    if (rotation == 90 || rotation == 270) std::swap(width, height);
    return {width_ > 0 ? width_ : width, height_ > 0 ? height_ : height};
  }

  const int width_, height_;
  const PictureFormat format_;
  InferenceClient client_;
};

DecoderNeeds needs_of(const InferOptions& options) {
  switch (options.sample) {
    case Sample::interval:
      return {DecoderNeeds::Frames::every_interval, options.every};
    case Sample::key:
      return {DecoderNeeds::Frames::key};
    case Sample::all:
      break;
  }
  return {DecoderNeeds::Frames::all};
}

/// What a model says stays valid when a password or the trusted authorities change, so they
/// identify nothing.
std::string canonical(InferOptions options, const HttpUrl& server) {
  options.url = server.address;
  options.ca_file.clear();
  return option_table().canonical(options);
}

ConfiguredStage configure(const ConfigNode& with, const StageContext&, const ProblemSink& sink) {
  const auto problems = sink.count();
  const auto options = option_table().parse(with, sink);
  if (sink.count() != problems) return {};
  const OptionCheck check{with, sink};
  auto server = parse_server(options, check);
  auto headers = parse_header_lines(options.headers, check);
  if (options.model.empty()) check.add("model", "is empty");
  if ((options.width == 0) != (options.height == 0))
    check.add(options.width == 0 ? "height" : "width",
              "give both width and height, or neither to keep each video's own size");
  if (options.type == TensorType::uint8 && (options.scale != 1 || options.offset != 0))
    check.add(options.scale != 1 ? "scale" : "offset",
              "changes samples to fractions: it needs 'type: float32'");
  if (options.sample != Sample::interval && with.find("every") != nullptr)
    check.add("every", "has a meaning only with 'sample: interval'");
  if (sink.count() != problems) return {};
  ConfiguredStage stage;
  stage.parts.needs = needs_of(options);
  stage.canonical_options = canonical(options, server);
  stage.parts.frame_call_stage =
      std::make_shared<InferStage>(options, std::move(server), std::move(headers));
  return stage;
}

const RegisterStage registered{
    StageDefinition{.name = "infer",
                    .version = 1,
                    .summary = "Sends sampled frames in batches to a model server and keeps what "
                               "it says of each.",
                    .kind = StageKind::model,
                    .needs_findings = {},
                    .options = option_table().specs(),
                    .configure = configure}};

}  // namespace
}  // namespace reelmill
