// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <algorithm>
#include <array>

#include <curl/curl.h>

#include "base/version.h"
#include "net/curl_error.h"
#include "net/request_body.h"

namespace reelmill {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kAnswerToAsking = 500ms;
constexpr std::chrono::seconds kConnectTimeout = 30s;
constexpr std::chrono::seconds kSilenceTimeout = 300s;
constexpr long kMaxRedirects = 5;

struct CloseEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CloseMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

void append(HeaderList& list, const std::string& line) {
  list.reset(curl_slist_append(list.release(), line.c_str()));
}

bool has_body(const HttpRequest& request) {
  return request.body_file || !request.body_parts.empty() || !request.body.empty() ||
         (request.method != "GET" && request.method != "HEAD" && request.method != "DELETE");
}

/// RFC 9110, 9.2.2: may be sent again on a new connection when the kept one turns out to be dead.
bool is_idempotent(const std::string& method) {
  return method != "POST" && method != "PATCH";
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

Status check_header(const std::string& name, const std::string& value) {
  constexpr std::string_view kTokenSigns = "!#$%&'*+-.^_`|~";  // RFC 9110, 5.6.2
  const bool is_token = !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kTokenSigns.find(c) != kTokenSigns.npos;
  });
  if (!is_token)
    return fail(ErrorKind::invalid_input,
                "a header's name is empty or has a character that none may have");
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != value.npos)
    return fail(ErrorKind::invalid_input, "header {}: its value has a line break", name);
  return {};
}

/// One request under way: what libcurl's callbacks read and write.
class Transfer {
 public:
  Transfer(const HttpRequest& request, RequestBody body)
      : request_(request), body_(std::move(body)) {}

  void configure(CURL* handle, const HttpUrl& url, const HttpClientOptions& options);

  HttpResponse response;
  std::optional<Error> body_error;
  std::array<char, CURL_ERROR_SIZE> detail{};

 private:
  void configure_method(CURL* handle);
  void configure_headers(CURL* handle);

  static std::size_t on_read(char* space, std::size_t size, std::size_t count, void* self);
  static int on_seek(void* self, curl_off_t offset, int origin);
  static std::size_t on_body(const char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(const char* bytes, std::size_t size, std::size_t count, void* self);

  const HttpRequest& request_;
  RequestBody body_;
  HeaderList headers_;
};

void Transfer::configure(CURL* handle, const HttpUrl& url, const HttpClientOptions& options) {
  curl_easy_reset(handle);
  curl_easy_setopt(handle, CURLOPT_URL, url.address.c_str());
  curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);  // a stop must not wait for a name look-up
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail.data());
  curl_easy_setopt(handle, CURLOPT_USERAGENT, (std::string("reelmill/") + kVersion).c_str());
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::chrono::milliseconds(kConnectTimeout).count()));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(kSilenceTimeout.count()));
  if (!options.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());

  const bool has_own_login = !request_.username.empty() || !request_.password.empty();
  const auto& username = has_own_login ? request_.username : url.username;
  const auto& password = has_own_login ? request_.password : url.password;
  if (!username.empty() || !password.empty()) {
    curl_easy_setopt(handle, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(handle, CURLOPT_USERNAME, username.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD, password.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
  configure_method(handle);
  configure_headers(handle);
}

void Transfer::configure_method(CURL* handle) {
  if (request_.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (has_body(request_)) {
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(body_.size()));
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, &Transfer::on_read);
    curl_easy_setopt(handle, CURLOPT_READDATA, this);
    curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, &Transfer::on_seek);
    curl_easy_setopt(handle, CURLOPT_SEEKDATA, this);
    curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
    curl_easy_setopt(handle, CURLOPT_EXPECT_100_TIMEOUT_MS,
                     static_cast<long>(kAnswerToAsking.count()));
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  } else if (request_.method != "GET") {
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
  if (!has_body(request_) && (request_.method == "GET" || request_.method == "HEAD")) {
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(handle, CURLOPT_MAXREDIRS, kMaxRedirects);
  }
}

void Transfer::configure_headers(CURL* handle) {
  if (has_body(request_) && body_.size() <= request_.ask_before_sending)
    append(headers_, "Expect:");
  for (const auto& [name, value] : request_.headers)
    append(headers_, value.empty() ? name + ";" : name + ": " + value);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
}

std::size_t Transfer::on_read(char* space, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  auto read = transfer.body_.read({space, size * count});
  if (read) return *read;
  transfer.body_error = std::move(read).error();
  return CURL_READFUNC_ABORT;
}

int Transfer::on_seek(void* self, curl_off_t offset, int origin) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (origin != SEEK_SET || !is_idempotent(transfer.request_.method)) return CURL_SEEKFUNC_FAIL;
  transfer.body_.seek(static_cast<std::uint64_t>(offset));
  return CURL_SEEKFUNC_OK;
}

std::size_t Transfer::on_body(const char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  auto& response = transfer.response;
  const auto room = transfer.request_.max_response_bytes - response.body.size();
  response.is_cut = response.is_cut || size * count > room;
  response.body.append(bytes, std::min(size * count, room));
  return size * count;
}

std::size_t Transfer::on_header(const char* bytes, std::size_t size, std::size_t count,
                                void* self) {
  auto& headers = static_cast<Transfer*>(self)->response.headers;
  std::string_view line(bytes, size * count);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) headers.clear();  // after a 100 or a redirect comes another answer
  const auto colon = line.find(':');
  if (colon == line.npos) return size * count;
  auto value = line.substr(colon + 1);
  while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
  while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
  auto& stored = headers[lower_case(line.substr(0, colon))];
  stored += (stored.empty() ? "" : ", ") + std::string(value);
  return size * count;
}

}  // namespace

struct HttpClient::State {
  HttpClientOptions options;
  std::unique_ptr<CURLM, CloseMulti> multi;  // keeps the connections; outlives the easy handle
  std::unique_ptr<CURL, CloseEasy> easy;

  Result<CURLcode> perform(const HttpRequest& request, const std::string& what);
  std::optional<CURLcode> finished() const;
};

std::optional<CURLcode> HttpClient::State::finished() const {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left))
    if (message->msg == CURLMSG_DONE) return message->data.result;
  return std::nullopt;
}

/// Runs the configured easy handle to its end, the deadline or the stop.
Result<CURLcode> HttpClient::State::perform(const HttpRequest& request, const std::string& what) {
  struct Attached {
    CURLM* multi;
    CURL* easy;
    ~Attached() { curl_multi_remove_handle(multi, easy); }
  };
  if (const auto code = curl_multi_add_handle(multi.get(), easy.get()); code != CURLM_OK)
    return fail(ErrorKind::internal, "{}: {}", what, curl_multi_strerror(code));
  const Attached attached{multi.get(), easy.get()};
  const std::stop_callback wake(request.stop, [this] { curl_multi_wakeup(multi.get()); });
  const auto started = system_clock().now();
  for (;;) {
    int running = 0;
    auto status = curl_multi_perform(multi.get(), &running);
    if (const auto code = finished()) return *code;
    const auto now = system_clock().now();
    if (request.stop.stop_requested())
      return fail(Error{.kind = ErrorKind::cancelled,
                        .message = what + ": stopped",
                        .was_sent = may_have_been_sent(easy.get())});
    if (now >= request.deadline)
      return fail(Error{
          .kind = ErrorKind::timeout,
          .message = fmt::format("{}: {} within {:.3g} s", what,
                                 may_have_been_sent(easy.get()) ? "no answer" : "no connection",
                                 to_seconds(now - started)),
          .was_sent = may_have_been_sent(easy.get())});
    const auto wait = std::min<Duration>(1s, request.deadline - now);
    const auto wait_ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
    if (status == CURLM_OK)
      status = curl_multi_poll(multi.get(), nullptr, 0, static_cast<int>(wait_ms), nullptr);
    if (status != CURLM_OK)  // it would go on failing, without a pause
      return fail(Error{.kind = ErrorKind::internal,
                        .message = what + ": " + curl_multi_strerror(status),
                        .was_sent = may_have_been_sent(easy.get())});
  }
}

HttpClient::HttpClient(HttpClientOptions options) : state_(std::make_unique<State>()) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (global != CURLE_OK) return;  // send() reports the missing handle
  state_->options = std::move(options);
  state_->multi.reset(curl_multi_init());
  state_->easy.reset(curl_easy_init());
}

HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<HttpResponse> HttpClient::send(const HttpRequest& request) {
  const auto never_sent = [](Error error) {
    error.was_sent = false;
    return fail(std::move(error));
  };
  auto url = parse_http_url(request.url);
  if (!url) return never_sent(std::move(url).error());
  const auto what =
      request.method + " " + (request.shown_url.empty() ? url->shown : request.shown_url);
  if (!state_->multi || !state_->easy)
    return never_sent({ErrorKind::internal, what + ": libcurl does not start"});
  for (const auto& [name, value] : request.headers)
    if (auto checked = check_header(name, value); !checked)
      return never_sent({checked.error().kind, what + ": " + checked.error().message});
  auto body = request.body_file ? RequestBody::of_file(*request.body_file)
              : !request.body_parts.empty()
                  ? Result<RequestBody>(RequestBody::of_parts(request.body_parts))
                  : Result<RequestBody>(RequestBody::of_text(request.body));
  if (!body) return never_sent({body.error().kind, what + ": " + body.error().message});
  if (request.stop.stop_requested())
    return never_sent({ErrorKind::cancelled, what + ": stopped before it began"});
  if (system_clock().now() >= request.deadline)
    return never_sent({ErrorKind::timeout, what + ": no time left to begin"});

  CURL* handle = state_->easy.get();
  Transfer transfer(request, std::move(*body));
  transfer.configure(handle, *url, state_->options);
  REELMILL_ASSIGN(const CURLcode code, state_->perform(request, what));

  long status = 0;
  curl_off_t sent = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle, CURLINFO_SIZE_UPLOAD_T, &sent);
  // A server that refuses a body often closes while we still send: its status says more than that.
  const bool broke_after_refusal = status >= 400 && code == CURLE_SEND_ERROR;
  if (code != CURLE_OK && !broke_after_refusal) {
    auto error = error_of_transfer(handle, code, what, transfer.detail.data());
    if (transfer.body_error) {
      error.kind = transfer.body_error->kind;
      error.message = what + ": " + transfer.body_error->message;
    }
    return fail(std::move(error));
  }
  transfer.response.status = static_cast<int>(status);
  transfer.response.bytes_sent = static_cast<std::uint64_t>(sent);
  return std::move(transfer.response);
}

}  // namespace reelmill
