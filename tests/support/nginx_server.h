// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace reelmill::test {

struct NginxOptions {
  enum class Transport { clear, tls };
  Transport transport = Transport::clear;
  std::string location = {};  ///< further directives for `location /`
};

/// A real nginx on a loopback port that takes PUT into a folder of its own. Needs the Debian
/// packages nginx-light and libnginx-mod-http-dav-ext. Used by one thread.
class NginxServer {
 public:
  /// Starts it and returns when it accepts connections. Throws std::runtime_error with its log.
  explicit NginxServer(NginxOptions options = {});
  ~NginxServer();

  static bool is_installed();
  /// `http://127.0.0.1:PORT` or `https://...`
  std::string url() const;
  /// Where a PUT to /a/b arrives as a/b.
  std::filesystem::path files() const { return folder_ / "files"; }
  /// The certificate that it shows, signed by itself. Only with TLS.
  std::filesystem::path certificate() const { return folder_ / "certificate.pem"; }
  std::string log() const;
  /// Whether some of a large body has arrived.
  bool is_receiving() const;
  /// The service dies, and comes back at the same address.
  void stop();
  void start();

 private:
  void write_configuration() const;
  bool try_start();

  NginxOptions options_;
  TempFolder folder_;
  std::uint16_t port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

/// A loopback port that was free a moment ago.
std::uint16_t free_port();

}  // namespace reelmill::test
