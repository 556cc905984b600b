// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/http_client.h"
#include "stages/api/frame_call_stage.h"
#include "stages/infer/inference_request.h"

namespace reelmill {

/// Which model of which server is asked, and what for.
struct InferenceClientOptions {
  HttpUrl server;              ///< without `/v2`
  std::string model, version;  ///< version empty: the server chooses
  std::string input;           ///< name of the input tensor; empty: the model's only one
  std::vector<std::string> outputs;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string ca_file;
};

/// Speaks the Open Inference Protocol (KServe v2, REST) with one model of one server. Asks for the
/// metadata of both before the first inference, and from then on sends tensors in binary form where
/// the server offers it. Errors name server, model and field. Thread-safe; keeps a connection for
/// each call under way.
class InferenceClient {
 public:
  explicit InferenceClient(InferenceClientOptions options);

  /// One batch: `batch` says type, data and shape of one frame (without name and without the
  /// batch's dimension), with a part for each frame.
  tl::expected<std::vector<FrameOutput>, FrameCallFailure> infer(InputTensor batch,
                                                                 const CallContext& context);

  /// `http://host:8000/v2/models/m`
  const std::string& target() const { return target_; }
  const InferenceClientOptions& options() const { return options_; }

 private:
  struct Metadata {
    bool is_binary = false;
    std::string input;  ///< name of the input tensor
  };
  Result<Metadata> metadata(const InputTensor& batch, const CallContext& context);
  Result<Metadata> fetch_metadata(const InputTensor& batch, const CallContext& context);
  Result<Json> get(const std::string& path, const char* hint, const CallContext& context);
  Result<std::string> check_input(const Json& model, const InputTensor& batch) const;
  Result<HttpResponse> send(HttpRequest request, const CallContext& context);
  FrameCallFailure failure(const HttpResponse& response, Error error) const;
  tl::unexpected<Error> misfit(const std::string& field, const std::string& what) const;

  const InferenceClientOptions options_;
  const std::string target_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<HttpClient>> idle_clients_;
  std::optional<Metadata> metadata_;
  std::uint64_t last_id_ = 0;
};

}  // namespace reelmill
