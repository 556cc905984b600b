// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/http_target.h"

#include <algorithm>

#include "stages/upload/item_file.h"

namespace reelmill {
namespace {

std::string header(const HttpResponse& response, const std::string& name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

bool is_path_hidden(const HttpUrl& prefix) {
  return !prefix.address.starts_with(prefix.shown);
}

/// Where a redirect points, as far as it may be shown: a prefix whose path is hidden comes back in
/// the path of the new address.
std::string shown_place(const HttpUrl& moved_to, const HttpUrl& prefix) {
  return is_path_hidden(prefix) ? moved_to.origin : moved_to.shown;
}

/// Statuses that say that the address is wrong, whatever is sent there.
void blame_target(const HttpResponse& response, const HttpUrl& prefix, Error& error) {
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
      error.message +=
          moved_to ? "; `to` should begin with where this points: " + shown_place(*moved_to, prefix)
                   : "; redirects are not followed for uploads";
    }
  }
  error.kind = ErrorKind::denied;
}

}  // namespace

std::string without_hidden_path(std::string words, const HttpUrl& prefix) {
  if (!is_path_hidden(prefix)) return words;
  auto path = prefix.address.substr(std::min(prefix.origin.size(), prefix.address.size()));
  while (path.ends_with('/')) path.pop_back();
  if (path.empty()) return words;
  constexpr std::string_view kHidden = "/...";
  for (auto at = words.find(path); at != words.npos; at = words.find(path, at + kHidden.size()))
    words.replace(at, path.size(), kHidden);
  return words;
}

HttpTarget::HttpTarget(HttpTargetOptions options)
    : options_([&] {
        auto& shown = options.prefix.shown;
        auto& address = options.prefix.address;
        while (address.ends_with('/')) address.pop_back();
        while (shown.ends_with('/')) shown.pop_back();
        return std::move(options);
      }()),
      clients_(options_.ca_file) {}

Result<CallOutcome> HttpTarget::put(const CallItem& item, const CallContext& context) {
  if (auto checked = check_item_file(item); !checked) {
    checked.error().was_sent = false;
    return fail(std::move(checked).error());
  }
  HttpRequest request;
  request.body_file = item.file;
  return send(std::move(request), item.name, item.content_type, context);
}

Result<CallOutcome> HttpTarget::put_object(const UploadObject& object, const CallContext& context) {
  HttpRequest request;
  request.body_parts = object.parts;
  return send(std::move(request), object.name, object.content_type, context);
}

Result<CallOutcome> HttpTarget::send(HttpRequest request, const std::string& name,
                                     const std::string& content_type, const CallContext& context) {
  request.method = "PUT";
  const auto path = "/" + encode_url_path(name);
  const auto location = options_.prefix.shown + path;
  request.url = options_.prefix.address + path;
  request.shown_url = location;
  request.username = options_.username.empty() ? options_.prefix.username : options_.username;
  request.password = options_.password.empty() ? options_.prefix.password : options_.password;
  request.headers = {
      {"Content-Type", content_type.empty() ? "application/octet-stream" : content_type}};
  request.headers.insert(request.headers.end(), options_.headers.begin(), options_.headers.end());
  request.deadline = context.deadline;
  request.stop = context.stop;

  auto client = clients_.take();
  auto response = client->send(request);
  clients_.give_back(std::move(client));
  if (!response) return fail(std::move(response).error());
  if (auto error = error_of_status(*response, request.method + " " + location)) {
    error->message = without_hidden_path(std::move(error->message), options_.prefix);
    blame_target(*response, options_.prefix, *error);
    return fail(std::move(*error));
  }
  return CallOutcome{response->bytes_sent, location};
}

}  // namespace reelmill
