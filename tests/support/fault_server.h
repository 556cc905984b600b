// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace reelmill::test {

/// One request as it arrived.
struct ReceivedRequest {
  std::string method, target;                  ///< target as on the wire, percent-encoded
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< as far as it was read
  int connection = 0;                          ///< 1 for the first connection the server accepted
};

/// What the server does with a request.
struct Reply {
  enum class Fault {
    none,          ///< the answer, whole
    reset,         ///< a TCP reset
    close,         ///< an orderly close without an answer
    short_answer,  ///< closes in the middle of the body it promised
    nonsense,      ///< bytes that are not HTTP
    hang,          ///< nothing, until release() or the client goes away; then the answer
  };
  enum class Moment { after_head, within_body, after_body };

  Fault fault = Fault::none;
  Moment moment = Moment::after_body;  ///< how much of the request is read before
  int status = 201;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::chrono::milliseconds delay{0};  ///< before the answer
  /// Decides again once the whole request is there.
  std::function<Reply(const ReceivedRequest&)> on_whole_request = {};
};

/// An HTTP/1.1 server on a loopback port that fails as told, records what it gets and keeps the
/// bodies it accepted. One thread a connection; all methods may be called from any thread.
class FaultServer {
 public:
  FaultServer();
  ~FaultServer();
  FaultServer(const FaultServer&) = delete;
  FaultServer& operator=(const FaultServer&) = delete;

  /// `http://127.0.0.1:PORT`
  std::string url() const;
  std::uint16_t port() const;

  /// The next requests get these, in this order; later ones the usual reply.
  void next(std::vector<Reply> replies);
  /// The usual reply: 201 at first.
  void usually(Reply reply);
  /// Decides for every request that next() does not cover. Sees the head only.
  void decide(std::function<Reply(const ReceivedRequest&)> decision);
  /// From now on requests are recorded without their bodies, for runs that would fill the memory.
  void forget_bodies();
  /// Ends all hanging, and those that would still come.
  void release();

  std::vector<ReceivedRequest> requests() const;
  /// Bodies of accepted PUTs by percent-decoded path without the leading slash.
  std::map<std::string, std::string> objects() const;
  int connections() const;
  /// Waits until the heads of so many requests have arrived; false after ten seconds.
  bool wait_for_requests(std::size_t count) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reelmill::test
