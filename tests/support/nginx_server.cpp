// SPDX-License-Identifier: Apache-2.0
#include "tests/support/nginx_server.h"

#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <spdlog/fmt/fmt.h>
#include <sys/socket.h>
#include <unistd.h>

namespace reelmill::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProgram = "/usr/sbin/nginx";
constexpr const char* kWebDav = "/usr/lib/nginx/modules/ngx_http_dav_ext_module.so";

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool accepts_connections(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  const bool is_accepted =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return is_accepted;
}

}  // namespace

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const bool is_bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  if (!is_bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

bool NginxServer::is_installed() {
  return fs::exists(kProgram) && fs::exists(kWebDav);
}

NginxServer::NginxServer(NginxOptions options) : options_(std::move(options)) {
  fs::create_directories(files());
  fs::create_directories(folder_ / "temporary");
  if (options_.transport == NginxOptions::Transport::tls) {
    const auto made =
        run({.arguments = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                           "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                           "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                           (folder_ / "key.pem").string(), "-out", certificate().string()}});
    if (made.exit_code != 0) throw std::runtime_error("openssl req: " + made.err);
  }
  // Another program may take the port between our look and nginx' bind.
  for (int attempt = 0; attempt < 10; ++attempt) {
    port_ = free_port();
    if (try_start()) return;
  }
  throw std::runtime_error("nginx does not start:\n" + log());
}

NginxServer::~NginxServer() = default;

void NginxServer::write_configuration() const {
  const bool is_tls = options_.transport == NginxOptions::Transport::tls;
  const auto home = folder_.path().string();
  std::string temporary;
  for (const auto* what : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    temporary += fmt::format("  {}_temp_path {}/temporary/{};\n", what, home, what);
  folder_.write(
      "nginx.conf",
      fmt::format(
          R"(load_module {web_dav};
daemon off;
master_process off;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
{temporary}  client_max_body_size 0;
  server {{
    listen 127.0.0.1:{port}{ssl};
    {certificate}
    root {home}/files;
    location / {{
      dav_methods PUT DELETE MKCOL COPY MOVE;
      create_full_put_path on;
      {location}
    }}
  }}
}}
)",
          fmt::arg("web_dav", kWebDav), fmt::arg("home", home), fmt::arg("temporary", temporary),
          fmt::arg("port", port_), fmt::arg("ssl", is_tls ? " ssl http2" : ""),
          fmt::arg("certificate", is_tls ? fmt::format("ssl_certificate {0}/certificate.pem; "
                                                       "ssl_certificate_key {0}/key.pem;",
                                                       home)
                                         : ""),
          fmt::arg("location", options_.location)));
}

bool NginxServer::try_start() {
  write_configuration();
  process_ = std::make_unique<ChildProcess>(Command{
      .arguments = {kProgram, "-p", folder_.path().string(), "-e", (folder_ / "error.log").string(),
                    "-c", (folder_ / "nginx.conf").string()},
      .timeout = std::chrono::hours(1)});
  return process_->wait_until([this] { return accepts_connections(port_); }) &&
         process_->is_running();
}

void NginxServer::stop() {
  process_.reset();
}

void NginxServer::start() {
  if (!try_start()) throw std::runtime_error("nginx does not start again:\n" + log());
}

std::string NginxServer::url() const {
  return fmt::format("{}://127.0.0.1:{}",
                     options_.transport == NginxOptions::Transport::tls ? "https" : "http", port_);
}

bool NginxServer::is_receiving() const {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_ / "temporary" / "client_body", ignored))
    if (entry.file_size(ignored) > 0 && !ignored) return true;
  return false;
}

std::string NginxServer::log() const {
  const auto file = folder_ / "error.log";
  return fs::exists(file) ? read_file(file) : "";
}

}  // namespace reelmill::test
