// SPDX-License-Identifier: Apache-2.0
#include "stages/infer/inference_client.h"

#include <algorithm>
#include <limits>

#include "base/path_text.h"
#include "stages/api/service_json.h"
#include "stages/infer/inference_response.h"

namespace reelmill {
namespace {

constexpr std::size_t kMaxResponse = std::size_t{64} << 20;
constexpr std::size_t kMostSaid = 200;  // bytes of the server's text in a message
constexpr const char* kHeadLength = "inference-header-content-length";

std::string model_path(const InferenceClientOptions& options) {
  auto path = "/v2/models/" + encode_url_path(options.model);
  if (!options.version.empty()) path += "/versions/" + encode_url_path(options.version);
  return path;
}

std::optional<std::string> header(const HttpResponse& response, const char* name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? std::nullopt : std::optional(found->second);
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// What the server says, for a message.
std::string said(std::string_view text) {
  return path_to_line(shortened(text, kMostSaid));
}

/// Dimensions of -1 fit anything.
bool fits(const Json& wanted, const std::vector<std::int64_t>& shape) {
  if (!wanted.is_array() || wanted.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (wanted[i] != -1 && wanted[i] != shape[i]) return false;
  return true;
}

}  // namespace

InferenceClient::InferenceClient(InferenceClientOptions options)
    : options_(std::move(options)), target_(options_.server.shown + model_path(options_)) {}

tl::unexpected<Error> InferenceClient::misfit(const std::string& field,
                                              const std::string& what) const {
  return fail(ErrorKind::denied, "model server {}, model '{}': {}: {}", options_.server.shown,
              options_.model, field, what);
}

Result<HttpResponse> InferenceClient::send(HttpRequest request, const CallContext& context) {
  request.username = options_.server.username;
  request.password = options_.server.password;
  request.headers.insert(request.headers.end(), options_.headers.begin(), options_.headers.end());
  request.deadline = context.deadline;
  request.stop = context.stop;
  request.max_response_bytes = kMaxResponse;
  request.ask_before_sending = std::numeric_limits<std::uint64_t>::max();
  std::unique_ptr<HttpClient> client;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_clients_.empty()) {
      client = std::move(idle_clients_.back());
      idle_clients_.pop_back();
    }
  }
  if (client == nullptr)
    client = std::make_unique<HttpClient>(HttpClientOptions{.ca_file = options_.ca_file});
  auto response = client->send(request);
  const std::lock_guard lock(mutex_);
  idle_clients_.push_back(std::move(client));
  return response;
}

Result<Json> InferenceClient::get(const std::string& path, const char* hint,
                                  const CallContext& context) {
  HttpRequest request;
  request.url = options_.server.address + path;
  request.shown_url = options_.server.shown + path;
  REELMILL_ASSIGN(const auto response, send(request, context));
  if (auto error = error_of_status(response, "GET " + request.shown_url)) {
    if (error->kind == ErrorKind::not_found || error->kind == ErrorKind::invalid_input) {
      error->kind = ErrorKind::denied;
      error->message += hint;
    }
    return fail(std::move(*error));
  }
  auto json = parse_service_json(response.body);
  if (!json)
    return fail(ErrorKind::denied, "GET {}: the answer {}{}", request.shown_url,
                json.error().message, hint);
  if (!json->is_object())
    return fail(ErrorKind::denied, "GET {}: the answer is no JSON object{}", request.shown_url,
                hint);
  return json;
}

/// The name of the input, once type and shape are known to fit.
Result<std::string> InferenceClient::check_input(const Json& model,
                                                 const InputTensor& batch) const {
  const auto inputs = model.find("inputs");
  if (inputs == model.end() || !inputs->is_array() || inputs->empty())
    return misfit("inputs", "its metadata names none");
  std::vector<std::string> names;
  const Json* found = nullptr;
  for (const auto& input : *inputs) {
    if (!input.is_object()) return misfit("inputs", "its metadata is no list of inputs");
    const auto name = text_of(input, "name");
    names.push_back(said(name));
    if (options_.input.empty() || name == options_.input) found = &input;
  }
  if (options_.input.empty() && names.size() > 1)
    return misfit("inputs",
                  fmt::format("there are several ({}); say which one with 'input'",
                              shortened(fmt::format("{}", fmt::join(names, ", ")), kMostSaid)));
  if (found == nullptr)
    return misfit("inputs",
                  fmt::format("'{}' is none of {}", options_.input,
                              shortened(fmt::format("{}", fmt::join(names, ", ")), kMostSaid)));
  const auto name = text_of(*found, "name");
  const auto type = text_of(*found, "datatype");
  if (type != to_string(batch.type))
    return misfit(fmt::format("inputs '{}'.datatype", said(name)),
                  fmt::format("it takes {}, frames would be sent as {}; see the option 'type'",
                              said(type), to_string(batch.type)));
  auto shape = batch.shape;
  shape.insert(shape.begin(), static_cast<std::int64_t>(batch.parts.size()));
  auto wanted = found->value("shape", Json::array());
  if (wanted.is_array() && !wanted.empty())
    wanted[0] = -1;  // how many frames fit is the server's answer to each call
  if (!fits(wanted, shape))
    return misfit(fmt::format("inputs '{}'.shape", said(name)),
                  fmt::format("it takes {}, frames would be sent as [-1,{}]; see the options "
                              "'width', 'height', 'pixels' and 'layout'",
                              said(found->value("shape", Json::array()).dump()),
                              fmt::join(batch.shape, ",")));
  return name;
}

Result<InferenceClient::Metadata> InferenceClient::fetch_metadata(const InputTensor& batch,
                                                                  const CallContext& context) {
  Metadata metadata;
  REELMILL_ASSIGN(const auto server,
                  get("/v2",
                      "; does a server of the Open Inference Protocol (KServe v2) answer at "
                      "'url'?",
                      context));
  const auto extensions = server.value("extensions", Json::array());
  metadata.is_binary =
      std::find(extensions.begin(), extensions.end(), "binary_tensor_data") != extensions.end();
  REELMILL_ASSIGN(const auto model,
                  get(model_path(options_), "; is the model loaded, and 'model' right?", context));
  REELMILL_ASSIGN(metadata.input, check_input(model, batch));
  return metadata;
}

Result<InferenceClient::Metadata> InferenceClient::metadata(const InputTensor& batch,
                                                            const CallContext& context) {
  {
    const std::lock_guard lock(mutex_);
    if (metadata_) return *metadata_;
  }
  REELMILL_ASSIGN(auto fetched, fetch_metadata(batch, context));
  const std::lock_guard lock(mutex_);
  metadata_ = fetched;
  return fetched;
}

/// What an answer with an error status means. A 500 that carries the protocol's error object comes
/// from a server that works, about this request.
FrameCallFailure InferenceClient::failure(const HttpResponse& response, Error error) const {
  const auto text = error_text(response.body);
  if (text)
    error.message = fmt::format("model server {}, model '{}': status {}: error: {}",
                                options_.server.shown, options_.model, response.status, *text);
  if (response.status == 404) error.kind = ErrorKind::denied;
  if (response.status == 500 && text) error.kind = ErrorKind::internal;
  return {std::move(error), guess_culprit(response.body)};
}

tl::expected<std::vector<FrameOutput>, FrameCallFailure> InferenceClient::infer(
    InputTensor batch, const CallContext& context) {
  const auto failed = [](Error error, std::optional<std::size_t> culprit = {}) {
    return tl::unexpected(FrameCallFailure{std::move(error), culprit});
  };
  auto known = metadata(batch, context);
  if (!known) return failed(std::move(known).error());
  const auto frames = batch.parts.size();
  batch.name = known->input;
  batch.shape.insert(batch.shape.begin(), static_cast<std::int64_t>(frames));
  InferenceRequest inference{"", {std::move(batch)}, options_.outputs};
  {
    const std::lock_guard lock(mutex_);
    inference.id = std::to_string(++last_id_);
  }
  auto encoded = known->is_binary ? encode_as_binary(inference) : encode_as_json(inference);
  HttpRequest request;
  request.method = "POST";
  request.url = options_.server.address + model_path(options_) + "/infer";
  request.shown_url = target_ + "/infer";
  request.body_parts = std::move(encoded.parts);
  request.headers = std::move(encoded.headers);
  auto response = send(std::move(request), context);
  if (!response) return failed(std::move(response).error());
  if (auto error = error_of_status(*response, "POST " + target_ + "/infer"))
    return tl::unexpected(failure(*response, std::move(*error)));
  const auto nonsense = [&](const Error& error, std::optional<std::size_t> culprit = {}) {
    return failed({error.kind, fmt::format("model server {}, model '{}': {}", options_.server.shown,
                                           options_.model, error.message)},
                  culprit);
  };
  if (response->is_cut)
    return nonsense({ErrorKind::internal, fmt::format("body: more than {} bytes", kMaxResponse)});
  auto decoded = decode_response(response->body, header(*response, kHeadLength));
  if (!decoded) return nonsense(decoded.error(), guess_culprit(response->body));
  if (!decoded->id.empty() && decoded->id != inference.id)
    return nonsense(
        {ErrorKind::internal, fmt::format("id: '{}' where '{}' was asked",
                                          path_to_line(shortened(decoded->id, 64)), inference.id)});
  auto rows = rows_of(std::move(*decoded), frames, options_.outputs);
  if (!rows) return nonsense(rows.error());
  return std::move(*rows);
}

}  // namespace reelmill
