// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/result.h"

namespace reelmill {

/// One use of a prepared statement: binds its parameters in order, steps, reads columns. Leaves the
/// statement reset, so that it holds no snapshot. SQLite's exceptions pass through. For one thread.
class LedgerStatement {
 public:
  explicit LedgerStatement(SQLite::Statement& statement) : statement_(statement) {}
  ~LedgerStatement() { statement_.tryReset(); }
  LedgerStatement(const LedgerStatement&) = delete;
  LedgerStatement& operator=(const LedgerStatement&) = delete;

  LedgerStatement& bytes(std::string_view value);  ///< as they are: keys, paths, names
  LedgerStatement& text(std::string_view value);
  LedgerStatement& number(std::int64_t value);

  bool step() { return statement_.executeStep(); }  ///< false: no row left
  int execute() { return statement_.exec(); }       ///< how many rows changed

  std::string bytes_at(int column);
  std::string text_at(int column);
  std::int64_t number_at(int column) { return statement_.getColumn(column).getInt64(); }

 private:
  SQLite::Statement& statement_;
  int next_ = 1;
};

/// One connection to `ledger.sqlite`: opens it, makes or checks its schema, keeps prepared
/// statements. SQLite's exceptions pass through its methods; `run` turns them into errors. Does not
/// lock. For one thread at a time.
class LedgerDatabase {
 public:
  enum class Access { read_write, read_only };

  /// Read-write makes the file and its schema when missing. Errors as Ledger::open.
  static Result<std::unique_ptr<LedgerDatabase>> open(const std::filesystem::path& file,
                                                      Access access);

  /// A statement prepared at its first use. `sql` must be a literal.
  LedgerStatement statement(const char* sql);
  SQLite::Database& connection() { return connection_; }

  /// What an exception of SQLite means; `doing` as in `write`. `bytes_needed` goes into the text
  /// of a full disk.
  Error explain(const SQLite::Exception& exception, std::string_view doing,
                std::uint64_t bytes_needed = 0);
  /// Ends a transaction that may or may not still be open.
  void abandon_transaction() noexcept;

  std::uint64_t statements_prepared() const { return statements_.size(); }
  std::uint64_t rows_scanned() const;

 private:
  LedgerDatabase(const std::filesystem::path& file, const std::string& name, int flags);
  Status check_or_make_schema(Access access);

  std::filesystem::path file_;
  SQLite::Database connection_;
  std::map<const char*, SQLite::Statement> statements_;
};

}  // namespace reelmill
