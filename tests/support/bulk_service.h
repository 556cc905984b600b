// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/support/fault_server.h"

namespace reelmill::test {

/// What a bulk endpoint of a search engine makes of requests: keeps the documents, and answers
/// one by one. Used under the fault server, whose threads it serves one at a time.
class BulkService {
 public:
  /// Decides on one document; 201 keeps it. `index` counts within the request.
  std::function<int(const std::string& id, std::size_t index)> status = [](const auto&, auto) {
    return 201;
  };

  /// For FaultServer::usually().
  Reply reply() {
    Reply reply;
    reply.on_whole_request = [this](const ReceivedRequest& request) { return answer(request); };
    return reply;
  }
  /// By `index/id`.
  std::map<std::string, nlohmann::json> documents() const {
    const std::lock_guard lock(mutex_);
    return documents_;
  }

 private:
  Reply answer(const ReceivedRequest& request) {
    const std::lock_guard lock(mutex_);
    if (request.method != "POST" || request.headers.at("content-type") != "application/x-ndjson" ||
        !request.body.ends_with('\n'))
      return {.status = 400, .body = R"({"error":{"type":"parse_exception"},"status":400})"};
    auto items = nlohmann::json::array();
    bool has_errors = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; begin < request.body.size(); ++i) {
      const auto next_line = [&] {
        const auto end = request.body.find('\n', begin);
        const auto line = request.body.substr(begin, end - begin);
        begin = end + 1;
        return nlohmann::json::parse(line);
      };
      const auto action = next_line().at("index");
      const auto document = next_line();
      const auto id = action.at("_id").get<std::string>();
      const auto index = action.value("_index", "default");
      const int code = status(id, i);
      nlohmann::json outcome{{"_index", index}, {"_id", id}, {"status", code}};
      if (code >= 300) {
        has_errors = true;
        outcome["error"] = {{"type", code == 400 ? "mapper_parsing_exception" : "rejected"},
                            {"reason", "told so"}};
      } else {
        documents_[index + "/" + id] = document;
      }
      items.push_back({{"index", outcome}});
    }
    return {.status = 200,
            .headers = {{"Content-Type", "application/json"}},
            .body = nlohmann::json{{"took", 1}, {"errors", has_errors}, {"items", items}}.dump()};
  }

  mutable std::mutex mutex_;
  std::map<std::string, nlohmann::json> documents_;
};

}  // namespace reelmill::test
