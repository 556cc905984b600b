// SPDX-License-Identifier: Apache-2.0
#include "tests/support/model_server.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "tests/support/fault_server.h"

namespace reelmill::test {
namespace {

using Json = nlohmann::ordered_json;
using SteadyClock = std::chrono::steady_clock;

/// The one input of a request.
struct Input {
  std::string id, name, datatype;
  std::vector<std::int64_t> shape;
  std::vector<double> first, mean;  ///< of each item
  bool was_binary = false, wants_binary = false;
  std::string problem;  ///< why it is refused
};

std::size_t count_of(const std::vector<std::int64_t>& shape) {
  return static_cast<std::size_t>(
      std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
}

double sample_at(const std::string& datatype, std::string_view data, std::size_t index) {
  if (datatype == "UINT8") return static_cast<unsigned char>(data[index]);
  float value = 0;
  std::memcpy(&value, data.data() + index * sizeof value, sizeof value);
  return value;
}

void summarize(Input& input, std::size_t count, const auto& sample) {
  const auto items = input.shape.empty() ? 0 : static_cast<std::size_t>(input.shape.front());
  if (items == 0 || count % items != 0) {
    input.problem = "the batch is empty";
    return;
  }
  const auto each = count / items;
  const auto looked_at = std::min<std::size_t>(each, 64);  // the cost is the clock's, not ours
  for (std::size_t i = 0; i < items; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < looked_at; ++k) sum += sample(i * each + k);
    input.mean.push_back(sum / static_cast<double>(looked_at));
    input.first.push_back(sample(i * each));
  }
}

Input read_input(const ReceivedRequest& request) {
  Input input;
  const auto head_length = request.headers.find("inference-header-content-length");
  const bool has_head = head_length != request.headers.end();
  const auto head_size = has_head ? std::stoul(head_length->second) : request.body.size();
  const auto head = Json::parse(request.body.substr(0, head_size), nullptr, false);
  if (!head.is_object() || !head.contains("inputs") || head["inputs"].size() != 1) {
    input.problem = "expected one input";
    return input;
  }
  input.id = head.value("id", "");
  const auto& described = head["inputs"][0];
  input.name = described.value("name", "");
  input.datatype = described.value("datatype", "");
  input.shape = described.value("shape", std::vector<std::int64_t>());
  input.wants_binary =
      head.contains("parameters") && head["parameters"].value("binary_data_output", false);
  for (const auto& output : head.value("outputs", Json::array()))
    input.wants_binary = input.wants_binary || (output.contains("parameters") &&
                                                output["parameters"].value("binary_data", false));
  const auto count = count_of(input.shape);
  if (described.contains("data")) {
    const auto& data = described["data"];
    if (data.size() != count)
      input.problem = "data does not fit the shape";
    else
      summarize(input, count, [&](std::size_t i) { return data[i].get<double>(); });
    return input;
  }
  input.was_binary = true;
  const std::string_view data = std::string_view(request.body).substr(head_size);
  const auto size = count * (input.datatype == "UINT8" ? 1 : 4);
  if (described["parameters"].value("binary_data_size", std::size_t{0}) != size ||
      data.size() != size)
    input.problem = "binary data does not fit the shape";
  else
    summarize(input, count, [&](std::size_t i) { return sample_at(input.datatype, data, i); });
  return input;
}

/// The answer's JSON head, and the binary data after it.
struct Answer {
  Json head;
  std::string data;
};

void put_output(Answer& answer, const Input& input, Json described, std::string binary,
                Json values) {
  if (input.wants_binary) {
    described["parameters"] = {{"binary_data_size", binary.size()}};
    answer.data += binary;
  } else {
    described["data"] = std::move(values);
  }
  answer.head["outputs"].push_back(std::move(described));
}

Answer make_answer(const Input& input, ModelFault fault) {
  Answer answer;
  answer.head["model_name"] = "m";
  answer.head["model_version"] = "1";
  answer.head["id"] = fault == ModelFault::wrong_id ? "another" : input.id;
  answer.head["outputs"] = Json::array();
  if (fault == ModelFault::missing_output) return answer;
  const auto rows = input.mean.size() - (fault == ModelFault::wrong_count ? 1 : 0);
  std::string means, labels;
  Json mean_values = Json::array(), label_values = Json::array();
  for (std::size_t i = 0; i < rows; ++i) {
    for (const double value : {input.mean[i], input.first[i]}) {
      const auto single = static_cast<float>(value);
      means.append(reinterpret_cast<const char*>(&single), sizeof single);
      mean_values.push_back(value);
    }
    const auto label = fmt::format("v{}", static_cast<int>(input.first[i]));
    const auto size = static_cast<std::uint32_t>(label.size());
    labels.append(reinterpret_cast<const char*>(&size), sizeof size) += label;
    label_values.push_back(label);
  }
  const char* type = fault == ModelFault::wrong_type ? "FP31" : "FP32";
  const auto shown_rows = rows + (fault == ModelFault::wrong_shape ? 3 : 0);
  put_output(answer, input, {{"name", "mean"}, {"shape", {shown_rows, 2}}, {"datatype", type}},
             means, mean_values);
  put_output(answer, input, {{"name", "label"}, {"shape", {rows, 1}}, {"datatype", "BYTES"}},
             labels, label_values);
  return answer;
}

Reply error_reply(int status, const std::string& text) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}},
          .body = Json{{"error", text}}.dump()};
}

}  // namespace

struct ModelServer::State {
  ModelServerOptions options;
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::deque<ModelFault> next;
  ModelFault usual = ModelFault::none;
  std::map<int, int> poison;  // first sample -> status
  std::set<int> rejected;
  std::vector<ServedBatch> batches;
  std::vector<SteadyClock::time_point> free_at;  // of each device
  int metadata_requests = 0;
  FaultServer server;  // last: its threads use all of the above

  Reply route(const ReceivedRequest& request);
  Reply metadata(const ReceivedRequest& request);
  Reply infer(const ReceivedRequest& request);
  std::optional<Reply> refuse(const Input& input) const;
  std::chrono::milliseconds occupy(int items);
  void record(const Input& input, const ReceivedRequest& request, int status);
};

Reply ModelServer::State::route(const ReceivedRequest& request) {
  if (request.method == "POST" && request.target == "/v2/models/" + options.model + "/infer")
    return {.on_whole_request = [this](const ReceivedRequest& whole) { return infer(whole); }};
  return metadata(request);
}

Reply ModelServer::State::metadata(const ReceivedRequest& request) {
  const std::lock_guard lock(mutex);
  ++metadata_requests;
  if (usual == ModelFault::unavailable) return error_reply(503, "loading");
  if (usual == ModelFault::denied) return error_reply(401, "who are you");
  Json json;
  if (request.target == "/v2") {
    json = {{"name", "model server for tests"}, {"version", "1"}, {"extensions", Json::array()}};
    if (options.has_binary) json["extensions"].push_back("binary_tensor_data");
  } else if (request.target == "/v2/models/" + options.model) {
    json = {{"name", options.model},
            {"platform", "tests"},
            {"inputs",
             {{{"name", options.input}, {"datatype", options.datatype}, {"shape", options.shape}}}},
            {"outputs",
             {{{"name", "mean"}, {"datatype", "FP32"}, {"shape", {-1, 2}}},
              {{"name", "label"}, {"datatype", "BYTES"}, {"shape", {-1, 1}}}}}};
  } else {
    return error_reply(404, "there is no such model");
  }
  return {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = json.dump()};
}

std::optional<Reply> ModelServer::State::refuse(const Input& input) const {
  if (!input.problem.empty()) return error_reply(400, input.problem);
  if (input.name != options.input) return error_reply(400, "unknown input '" + input.name + "'");
  for (std::size_t i = 0; i < input.first.size(); ++i) {
    const int first = static_cast<int>(input.first[i]);
    if (rejected.contains(first))
      return error_reply(422, fmt::format("item {} cannot be processed", i));
    if (const auto found = poison.find(first); found != poison.end())
      return error_reply(found->second, "inference failed");
  }
  return std::nullopt;
}

/// How long a batch takes that comes now, waiting for a device included.
std::chrono::milliseconds ModelServer::State::occupy(int items) {
  const auto& cost = options.cost;
  const auto above = std::max(0, items - cost.knee);
  const auto busy = cost.overhead + cost.per_item * items + cost.per_item_above * above;
  free_at.resize(static_cast<std::size_t>(std::max(1, cost.devices)));
  const auto device = std::min_element(free_at.begin(), free_at.end());
  const auto now = SteadyClock::now();
  *device = std::max(*device, now) + busy;
  return std::chrono::round<std::chrono::milliseconds>(*device - now);
}

void ModelServer::State::record(const Input& input, const ReceivedRequest& request, int status) {
  batches.push_back({static_cast<int>(input.first.size()), input.shape, input.was_binary, status,
                     request.body.size(), SteadyClock::now()});
  changed.notify_all();
}

Reply ModelServer::State::infer(const ReceivedRequest& request) {
  const auto input = read_input(request);
  const std::lock_guard lock(mutex);
  auto fault = usual;
  if (!next.empty()) {
    fault = next.front();
    next.pop_front();
  }
  const auto delay = occupy(static_cast<int>(input.first.size()));
  auto reply = [&]() -> Reply {
    if (fault == ModelFault::unavailable) return error_reply(503, "busy");
    if (fault == ModelFault::internal_error) return error_reply(500, "out of memory");
    if (fault == ModelFault::denied) return error_reply(401, "who are you");
    if (auto refused = refuse(input)) return *refused;
    if (fault == ModelFault::error_inside) return error_reply(200, "no luck today");
    if (fault == ModelFault::not_json)
      return {.status = 200, .headers = {{"Content-Type", "text/html"}}, .body = "<html></html>"};
    const auto answer = make_answer(input, fault);
    const auto head = answer.head.dump();
    Reply good{.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = head};
    if (input.wants_binary) {
      good.headers = {{"Content-Type", "application/octet-stream"},
                      {"Inference-Header-Content-Length", std::to_string(head.size())}};
      good.body += answer.data;
    }
    if (fault == ModelFault::truncated)
      good.body.resize(good.body.size() - answer.data.size() / 2 - 1);
    if (fault == ModelFault::short_answer) good.fault = Reply::Fault::short_answer;
    return good;
  }();
  if (fault == ModelFault::hang) reply.fault = Reply::Fault::hang;
  reply.delay = delay;
  record(input, request, reply.status);
  return reply;
}

ModelServer::ModelServer(ModelServerOptions options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->server.forget_bodies();
  state_->server.decide([this](const ReceivedRequest& head) { return state_->route(head); });
}

ModelServer::~ModelServer() = default;

std::string ModelServer::url() const {
  return state_->server.url();
}

void ModelServer::next(std::vector<ModelFault> faults) {
  const std::lock_guard lock(state_->mutex);
  state_->next.insert(state_->next.end(), faults.begin(), faults.end());
}

void ModelServer::usually(ModelFault fault) {
  const std::lock_guard lock(state_->mutex);
  state_->usual = fault;
}

void ModelServer::poison(std::uint8_t first_sample, int status) {
  const std::lock_guard lock(state_->mutex);
  state_->poison[first_sample] = status;
}

void ModelServer::reject(std::uint8_t first_sample) {
  const std::lock_guard lock(state_->mutex);
  state_->rejected.insert(first_sample);
}

void ModelServer::release() {
  state_->server.release();
}

void ModelServer::set_cost(ModelCost cost) {
  const std::lock_guard lock(state_->mutex);
  state_->options.cost = cost;
}

std::vector<ServedBatch> ModelServer::batches() const {
  const std::lock_guard lock(state_->mutex);
  return state_->batches;
}

int ModelServer::metadata_requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->metadata_requests;
}

bool ModelServer::wait_for_batches(std::size_t count) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, std::chrono::seconds(10),
                                  [&] { return state_->batches.size() >= count; });
}

}  // namespace reelmill::test
