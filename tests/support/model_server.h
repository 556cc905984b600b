// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace reelmill::test {

/// What a batch of n costs: overhead + per_item · n, and above the knee per_item_above more for
/// each further item.
struct ModelCost {
  std::chrono::microseconds overhead{0}, per_item{0};
  int knee = 1 << 30;
  std::chrono::microseconds per_item_above{0};
  int devices = 1;  ///< batches that are worked on at the same time
};

/// How a model server misbehaves.
enum class ModelFault {
  none,
  wrong_count,     ///< one row too few
  wrong_shape,     ///< a shape that the data does not have
  wrong_type,      ///< a type that does not exist
  truncated,       ///< half of the body it should have, with a length that says so
  short_answer,    ///< the connection ends in the middle of the body
  error_inside,    ///< 200 with the protocol's error object
  not_json,        ///< 200 with a web page
  wrong_id,        ///< the answer to another request
  missing_output,  ///< the outputs are empty
  unavailable,     ///< 503
  internal_error,  ///< 500 with the protocol's error object
  denied,          ///< 401
  hang,            ///< nothing, until release()
};

struct ModelServerOptions {
  std::string model = "m";
  std::string input = "images", datatype = "UINT8";
  std::vector<int> shape{-1, -1, -1, 3};  ///< as its metadata says
  bool has_binary = true;                 ///< offers the binary tensor data extension
  ModelCost cost = {};
};

/// One inference as it arrived.
struct ServedBatch {
  int frames = 0;
  std::vector<std::int64_t> shape;
  bool was_binary = false;
  int status = 200;
  std::size_t bytes = 0;                     ///< of the body
  std::chrono::steady_clock::time_point at;  ///< when it came
};

/// A server of the Open Inference Protocol (KServe v2 REST) on a loopback port, with one model
/// whose outputs are `mean` (FP32, [n, 2]: mean and first sample of each item) and `label` (BYTES,
/// [n, 1]). Fails as told. All methods may be called from any thread.
class ModelServer {
 public:
  explicit ModelServer(ModelServerOptions options = {});
  ~ModelServer();
  ModelServer(const ModelServer&) = delete;
  ModelServer& operator=(const ModelServer&) = delete;

  std::string url() const;  ///< `http://127.0.0.1:PORT`
  /// The next inferences, one after the other; later ones as usually().
  void next(std::vector<ModelFault> faults);
  void usually(ModelFault fault);
  /// Items whose first sample has this value fail their whole batch with this status and an error
  /// that names no item.
  void poison(std::uint8_t first_sample, int status = 400);
  /// The same, but the error names the item by its index in the batch.
  void reject(std::uint8_t first_sample);
  void release();  ///< ends all hanging
  void set_cost(ModelCost cost);

  std::vector<ServedBatch> batches() const;  ///< inferences that were answered or refused
  int metadata_requests() const;
  bool wait_for_batches(std::size_t count) const;  ///< false after ten seconds

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reelmill::test
