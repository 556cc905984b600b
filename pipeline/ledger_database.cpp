// SPDX-License-Identifier: Apache-2.0
#include "pipeline/ledger_database.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <sqlite3.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/path_text.h"
#include "pipeline/ledger_schema.h"

namespace reelmill {
namespace {

constexpr int kBusyTimeoutMs = 10'000;

/// As a URI, which is the only way to say that nothing can change the file.
std::string immutable_uri(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (const char c : file.native()) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::strchr("/._-", c) != nullptr)
      uri += c;
    else
      uri += fmt::format("%{:02X}", byte);
  }
  return uri + "?immutable=1";
}

bool is_full(int system_error) {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

Error explain_code(int code, int system_error, const std::string& file, std::string_view doing,
                   std::string_view text) {
  switch (code & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return {ErrorKind::invalid_input,
              fmt::format("{} {}: the ledger is damaged ({}); move it away together with "
                          "ledger.sqlite-wal and ledger.sqlite-shm and run again: videos will be "
                          "analysed again, results on disk are replaced",
                          doing, file, text)};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {ErrorKind::denied, fmt::format("{} {}: {}", doing, file, text)};
    case SQLITE_CANTOPEN:
      return {system_error == ENOENT  ? ErrorKind::not_found
              : is_full(system_error) ? ErrorKind::exhausted
                                      : ErrorKind::denied,
              fmt::format("{} {}: {}", doing, file,
                          system_error == 0 ? std::string(text) : std::strerror(system_error))};
    case SQLITE_CONSTRAINT:
      return {ErrorKind::invalid_input, fmt::format("{} {}: {}", doing, file, text)};
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorKind::unavailable,
              fmt::format("{} {}: {}{}{}", doing, file, text, system_error == 0 ? "" : ": ",
                          system_error == 0 ? "" : std::strerror(system_error))};
    default:
      return {ErrorKind::internal, fmt::format("{} {}: {}", doing, file, text)};
  }
}

}  // namespace

LedgerDatabase::LedgerDatabase(const std::filesystem::path& file, const std::string& name,
                               int flags)
    : file_(file), connection_(name, flags, kBusyTimeoutMs) {}

Result<std::unique_ptr<LedgerDatabase>> LedgerDatabase::open(const std::filesystem::path& file,
                                                             Access access) {
  const auto name = path_to_line(file.native());
  std::error_code ignored;
  if (access == Access::read_only && !std::filesystem::exists(file, ignored))
    return fail(ErrorKind::not_found, "open {}: there is no ledger", name);
  int flags = access == Access::read_only ? SQLite::OPEN_READONLY
                                          : SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE;
  std::string target = file.native();
  // Readers of a WAL share memory through a file beside it; where that cannot be made, and there is
  // no WAL, nothing can change either.
  if (access == Access::read_only && ::access(file.parent_path().c_str(), W_OK) != 0 &&
      !std::filesystem::exists(file.native() + "-wal", ignored)) {
    flags |= SQLite::OPEN_URI;
    target = immutable_uri(file);
  }
  try {
    std::unique_ptr<LedgerDatabase> database(new LedgerDatabase(file, target, flags));
    sqlite3_extended_result_codes(database->connection_.getHandle(), 1);
    try {
      if (auto status = database->check_or_make_schema(access); !status)
        return fail(std::move(status).error());
    } catch (const SQLite::Exception& exception) {
      return fail(database->explain(exception, "open", 1 << 18));
    }
    return database;
  } catch (const SQLite::Exception& exception) {
    return fail(
        explain_code(exception.getErrorCode(), errno, name, "open", exception.getErrorStr()));
  }
}

Status LedgerDatabase::check_or_make_schema(Access access) {
  const auto name = path_to_line(file_.native());
  auto value = [&](const char* sql) { return connection_.execAndGet(sql).getInt(); };
  // KiB. The system's file cache holds the rest: ours would grow with the archive, once a
  // connection.
  connection_.exec("PRAGMA cache_size = -512");
  if (access == Access::read_write) {
    connection_.exec("PRAGMA synchronous = FULL");
    connection_.exec("PRAGMA temp_store = MEMORY");
  }
  const int application = value("PRAGMA application_id");
  const int version = value("PRAGMA user_version");
  const int tables = value("SELECT count(*) FROM sqlite_schema");
  const bool is_new = application == 0 && version == 0 && tables == 0;
  if (!is_new && application != kLedgerApplicationId)
    return fail(ErrorKind::invalid_input,
                "open {}: this is an SQLite file, but not a reelmill ledger", name);
  if (version > kLedgerSchemaVersion)
    return fail(ErrorKind::invalid_input,
                "open {}: written by a newer reelmill (ledger schema {}, this one knows {}); use "
                "that version, or another output folder",
                name, version, kLedgerSchemaVersion);
  if (access == Access::read_only) {
    if (is_new) return fail(ErrorKind::not_found, "open {}: the ledger is empty", name);
    return {};
  }
  if (connection_.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal")
    return fail(ErrorKind::invalid_input,
                "open {}: this filesystem cannot hold the ledger; use --state DIR with a folder on "
                "a local disk",
                name);
  if (is_new) {
    connection_.exec("BEGIN IMMEDIATE");
    connection_.exec(kLedgerSchema);
    connection_.exec("COMMIT");
  } else if (version == 1) {
    connection_.exec("BEGIN IMMEDIATE");
    connection_.exec(kLedgerFrom1To2);
    connection_.exec("COMMIT");
  }
  return {};
}

LedgerStatement LedgerDatabase::statement(const char* sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) found = statements_.try_emplace(sql, connection_, sql).first;
  return LedgerStatement(found->second);
}

Error LedgerDatabase::explain(const SQLite::Exception& exception, std::string_view doing,
                              std::uint64_t bytes_needed) {
  const int system_error = sqlite3_system_errno(connection_.getHandle());
  const auto name = path_to_line(file_.native());
  if ((exception.getErrorCode() & 0xff) == SQLITE_FULL || is_full(system_error)) {
    struct statvfs space{};
    const bool is_known = ::statvfs(file_.parent_path().c_str(), &space) == 0;
    return {ErrorKind::exhausted,
            fmt::format("{} {}: the disk is full: needs {} bytes, {} are free", doing, name,
                        bytes_needed, is_known ? space.f_bavail * space.f_frsize : 0)};
  }
  return explain_code(exception.getErrorCode(), system_error, name, doing, exception.getErrorStr());
}

void LedgerDatabase::abandon_transaction() noexcept {
  for (auto& [sql, statement] : statements_) statement.tryReset();
  if (sqlite3_get_autocommit(connection_.getHandle()) == 0) connection_.tryExec("ROLLBACK");
}

std::uint64_t LedgerDatabase::rows_scanned() const {
  std::uint64_t rows = 0;
  auto* handle = connection_.getHandle();
  for (auto* each = sqlite3_next_stmt(handle, nullptr); each != nullptr;
       each = sqlite3_next_stmt(handle, each))
    rows +=
        static_cast<std::uint64_t>(sqlite3_stmt_status(each, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0));
  return rows;
}

LedgerStatement& LedgerStatement::bytes(std::string_view value) {
  statement_.bind(next_++, static_cast<const void*>(value.empty() ? "" : value.data()),
                  static_cast<int>(value.size()));
  return *this;
}

LedgerStatement& LedgerStatement::text(std::string_view value) {
  statement_.bind(next_++, std::string(value));
  return *this;
}

LedgerStatement& LedgerStatement::number(std::int64_t value) {
  statement_.bind(next_++, value);
  return *this;
}

std::string LedgerStatement::bytes_at(int column) {
  const auto value = statement_.getColumn(column);
  const auto* data = static_cast<const char*>(value.getBlob());
  return data == nullptr ? std::string()
                         : std::string(data, static_cast<std::size_t>(value.getBytes()));
}

std::string LedgerStatement::text_at(int column) {
  return statement_.getColumn(column).getString();
}

}  // namespace reelmill
