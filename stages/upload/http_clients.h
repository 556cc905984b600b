// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "net/http_client.h"

namespace reelmill {

/// Clients that are not in use, each with its kept-alive connection: as many as calls were ever
/// under way at once. Thread-safe.
class HttpClients {
 public:
  /// `ca_file` as in HttpClientOptions.
  explicit HttpClients(std::filesystem::path ca_file) : ca_file_(std::move(ca_file)) {}

  std::unique_ptr<HttpClient> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto client = std::move(idle_.back());
        idle_.pop_back();
        return client;
      }
    }
    return std::make_unique<HttpClient>(HttpClientOptions{.ca_file = ca_file_});
  }
  void give_back(std::unique_ptr<HttpClient> client) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(client));
  }

 private:
  const std::filesystem::path ca_file_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<HttpClient>> idle_;
};

}  // namespace reelmill
