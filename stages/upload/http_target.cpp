// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/http_target.h"

#include "base/path_text.h"

namespace reelmill {
namespace {

Status check_file(const CallItem& item) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(item.file, error);
  const auto name = path_to_line(item.file.native());
  if (error == std::errc::no_such_file_or_directory)
    return fail(ErrorKind::not_found, "upload {}: the file is gone", name);
  if (error) return fail(ErrorKind::unavailable, "upload {}: {}", name, error.message());
  if (bytes != item.bytes)
    return fail(ErrorKind::invalid_input,
                "upload {}: the file has {} bytes but had {} when it was recorded", name, bytes,
                item.bytes);
  return {};
}

std::string header(const HttpResponse& response, const std::string& name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

/// Statuses that say that the address is wrong, whatever is sent there.
void blame_target(const HttpResponse& response, Error& error) {
  switch (response.status) {
    case 404:
    case 410:
      error.message +=
          "; the address takes no uploads: is `to` right, and does the bucket or folder exist?";
      break;
    case 405:
    case 501:
      error.message += "; the server does not take PUT at this address";
      break;
    case 409:
      error.message += "; does the server need its folders created first?";
      break;
    default: {
      if (response.status < 300 || response.status >= 400) return;
      const auto moved_to = parse_http_url(header(response, "location"));
      error.message += moved_to ? "; `to` should begin with where this points: " + moved_to->shown
                                : "; redirects are not followed for uploads";
    }
  }
  error.kind = ErrorKind::denied;
}

}  // namespace

HttpTarget::HttpTarget(HttpTargetOptions options)
    : options_([&] {
        auto& shown = options.prefix.shown;
        auto& address = options.prefix.address;
        while (address.ends_with('/')) address.pop_back();
        while (shown.ends_with('/')) shown.pop_back();
        return std::move(options);
      }()) {}

std::unique_ptr<HttpClient> HttpTarget::take_client() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_clients_.empty()) {
      auto client = std::move(idle_clients_.back());
      idle_clients_.pop_back();
      return client;
    }
  }
  return std::make_unique<HttpClient>(HttpClientOptions{.ca_file = options_.ca_file});
}

void HttpTarget::give_back(std::unique_ptr<HttpClient> client) {
  const std::lock_guard lock(mutex_);
  idle_clients_.push_back(std::move(client));
}

Result<CallOutcome> HttpTarget::put(const CallItem& item, const CallContext& context) {
  if (auto checked = check_file(item); !checked) {
    checked.error().was_sent = false;
    return fail(std::move(checked).error());
  }
  HttpRequest request;
  request.method = "PUT";
  const auto path = "/" + encode_url_path(item.name);
  const auto location = options_.prefix.shown + path;
  request.url = options_.prefix.address + path;
  request.shown_url = location;
  request.username = options_.username.empty() ? options_.prefix.username : options_.username;
  request.password = options_.password.empty() ? options_.prefix.password : options_.password;
  request.headers = {
      {"Content-Type", item.content_type.empty() ? "application/octet-stream" : item.content_type}};
  request.headers.insert(request.headers.end(), options_.headers.begin(), options_.headers.end());
  request.body_file = item.file;
  request.deadline = context.deadline;
  request.stop = context.stop;

  auto client = take_client();
  auto response = client->send(request);
  give_back(std::move(client));
  if (!response) return fail(std::move(response).error());
  if (auto error = error_of_status(*response, request.method + " " + location)) {
    blame_target(*response, *error);
    return fail(std::move(*error));
  }
  return CallOutcome{response->bytes_sent, location};
}

}  // namespace reelmill
