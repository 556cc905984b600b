// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fault_server.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/fmt/fmt.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/digest.h"

namespace reelmill::test {
namespace {

using Fault = Reply::Fault;
using Moment = Reply::Moment;

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string percent_decoded(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      bytes += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

ReceivedRequest parse_head(std::string_view head) {
  ReceivedRequest request;
  const auto first_line = head.substr(0, head.find("\r\n"));
  const auto space = first_line.find(' ');
  request.method = first_line.substr(0, space);
  request.target = first_line.substr(space + 1, first_line.rfind(' ') - space - 1);
  head.remove_prefix(first_line.size() + 2);
  while (!head.empty()) {
    const auto line = head.substr(0, head.find("\r\n"));
    const auto colon = line.find(':');
    const auto value = line.find_first_not_of(' ', colon + 1);
    if (colon != line.npos)
      request.headers[lower_case(std::string(line.substr(0, colon)))] =
          value == line.npos ? "" : line.substr(value);
    head.remove_prefix(std::min(head.size(), line.size() + 2));
  }
  return request;
}

/// A connected socket; receives through a buffer.
class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int socket() const { return socket_; }

  /// Up to and without the empty line; empty when the client has gone.
  std::string read_head() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == buffer_.npos)
      if (!receive()) return "";
    auto head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    return head;
  }
  /// As many bytes as there are, up to `count`.
  std::string read(std::size_t count) {
    while (buffer_.size() < count)
      if (!receive()) break;
    auto bytes = buffer_.substr(0, count);
    buffer_.erase(0, bytes.size());
    return bytes;
  }
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  bool is_client_there() const {
    char byte = 0;
    return ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0 || !buffer_.empty();
  }
  /// Closing will send a reset.
  void arm_reset() const {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  bool receive() {
    std::array<char, 65536> bytes{};
    const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count <= 0) return false;
    buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  std::string buffer_;
};

}  // namespace

struct FaultServer::State {
  int listener = -1;
  std::uint16_t port = 0;

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::deque<Reply> next;
  std::function<Reply(const ReceivedRequest&)> decision = [](const auto&) { return Reply{}; };
  std::vector<ReceivedRequest> requests;
  std::map<std::string, std::string> objects;
  std::set<int> sockets;
  int connections = 0;
  bool is_released = false, is_stopping = false, forgets_bodies = false;
  std::list<std::jthread> sessions;
  std::jthread acceptor;

  void listen();
  void accept_all();
  void serve(int socket, int number);
  bool serve_one(Connection& connection, int number);
  std::size_t record(const ReceivedRequest& request, Reply& reply);
  bool misbehave(Connection& connection, const Reply& reply);
  void answer(Connection& connection, const Reply& reply, const std::string& body) const;
};

void FaultServer::State::listen() {
  listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, 64) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("the fault server cannot listen");
  port = ntohs(address.sin_port);
}

void FaultServer::State::accept_all() {
  for (;;) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex);
    if (is_stopping) {
      ::close(socket);
      return;
    }
    sockets.insert(socket);
    sessions.emplace_back([this, socket, number = ++connections] { serve(socket, number); });
  }
}

void FaultServer::State::serve(int socket, int number) {
  Connection connection(socket);
  while (serve_one(connection, number)) continue;
  const std::lock_guard lock(mutex);
  sockets.erase(socket);
}

std::size_t FaultServer::State::record(const ReceivedRequest& request, Reply& reply) {
  std::function<Reply(const ReceivedRequest&)> decide;
  std::size_t index = 0;
  {
    const std::lock_guard lock(mutex);
    index = requests.size();
    requests.push_back(request);
    if (next.empty()) {
      decide = decision;
    } else {
      reply = std::move(next.front());
      next.pop_front();
    }
    changed.notify_all();
  }
  if (decide) reply = decide(request);
  return index;
}

/// Serves one request; false ends the connection.
bool FaultServer::State::serve_one(Connection& connection, int number) {
  const auto head = connection.read_head();
  if (head.empty()) return false;
  auto request = parse_head(head);
  request.connection = number;
  Reply reply;
  const auto index = record(request, reply);

  std::size_t promised = 0;
  if (const auto length = request.headers.find("content-length"); length != request.headers.end())
    promised = std::stoull(length->second);
  std::string body;
  if (reply.moment != Moment::after_head) {
    if (request.headers["expect"] == "100-continue")
      connection.send("HTTP/1.1 100 Continue\r\n\r\n");
    body = connection.read(reply.moment == Moment::within_body ? promised / 2 : promised);
    const std::lock_guard lock(mutex);
    if (!forgets_bodies) requests[index].body = body;
  }
  if (reply.on_whole_request && body.size() == promised) {
    request.body = body;
    reply = reply.on_whole_request(request);
  }
  if (reply.on_whole_request && body.size() == promised) {
    request.body = body;
    reply = reply.on_whole_request(request);
  }
  if (misbehave(connection, reply)) return false;
  const bool is_whole = body.size() == promised;
  if (is_whole && request.method == "PUT" && reply.status / 100 == 2) {
    const std::lock_guard lock(mutex);
    objects[percent_decoded(request.target).substr(1)] = body;
  }
  answer(connection, reply, body);
  if (reply.fault == Fault::short_answer) return false;
  // Refused early: a close now would reset the connection.
  return is_whole || connection.read(promised - body.size()).size() == promised - body.size();
}

/// True when the connection ends by it. Hanging ends with the answer.
bool FaultServer::State::misbehave(Connection& connection, const Reply& reply) {
  std::unique_lock lock(mutex);
  const auto is_over = [&] { return is_stopping || (is_released && reply.fault == Fault::hang); };
  if (reply.fault == Fault::hang) {
    while (!is_over() && connection.is_client_there())
      changed.wait_for(lock, std::chrono::milliseconds(5));
  } else if (reply.delay.count() > 0) {
    changed.wait_for(lock, reply.delay, is_over);
  }
  if (is_stopping) return true;
  if (reply.fault == Fault::reset) connection.arm_reset();
  if (reply.fault == Fault::nonsense) connection.send("220 this is not HTTP\r\n\r\n");
  return reply.fault == Fault::reset || reply.fault == Fault::close ||
         reply.fault == Fault::nonsense;
}

void FaultServer::State::answer(Connection& connection, const Reply& reply,
                                const std::string& body) const {
  auto text = fmt::format(
      "HTTP/1.1 {} Told so\r\nContent-Length: {}\r\nETag: \"{}\"\r\n", reply.status,
      reply.body.size() + (reply.fault == Fault::short_answer ? 10 : 0), hex64(xxh3(body)));
  for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\r\n";
  connection.send(text + "\r\n" + reply.body);
}

FaultServer::FaultServer() : state_(std::make_unique<State>()) {
  state_->listen();
  state_->acceptor = std::jthread([this] { state_->accept_all(); });
}

FaultServer::~FaultServer() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_stopping = true;
    for (const int socket : state_->sockets) ::shutdown(socket, SHUT_RDWR);
    state_->changed.notify_all();
  }
  ::shutdown(state_->listener, SHUT_RDWR);
  state_->acceptor.join();
  state_->sessions.clear();  // joins
  ::close(state_->listener);
}

std::string FaultServer::url() const {
  return fmt::format("http://127.0.0.1:{}", state_->port);
}

std::uint16_t FaultServer::port() const {
  return state_->port;
}

void FaultServer::next(std::vector<Reply> replies) {
  const std::lock_guard lock(state_->mutex);
  for (auto& reply : replies) state_->next.push_back(std::move(reply));
}

void FaultServer::usually(Reply reply) {
  decide([reply = std::move(reply)](const ReceivedRequest&) { return reply; });
}

void FaultServer::decide(std::function<Reply(const ReceivedRequest&)> decision) {
  const std::lock_guard lock(state_->mutex);
  state_->decision = std::move(decision);
}

void FaultServer::forget_bodies() {
  const std::lock_guard lock(state_->mutex);
  state_->forgets_bodies = true;
}

void FaultServer::release() {
  const std::lock_guard lock(state_->mutex);
  state_->is_released = true;
  state_->changed.notify_all();
}

std::vector<ReceivedRequest> FaultServer::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

std::map<std::string, std::string> FaultServer::objects() const {
  const std::lock_guard lock(state_->mutex);
  return state_->objects;
}

int FaultServer::connections() const {
  const std::lock_guard lock(state_->mutex);
  return state_->connections;
}

bool FaultServer::wait_for_requests(std::size_t count) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, std::chrono::seconds(10),
                                  [&] { return state_->requests.size() >= count; });
}

}  // namespace reelmill::test
