// SPDX-License-Identifier: Apache-2.0
#include "pipeline/ledger.h"

#include <future>
#include <mutex>
#include <utility>

#include <sys/vfs.h>

#include "base/durable_folders.h"
#include "base/path_text.h"
#include "pipeline/ledger_database.h"
#include "pipeline/ledger_lock.h"
#include "pipeline/ledger_reader.h"
#include "pipeline/ledger_records.h"
#include "pipeline/ledger_writer.h"

namespace reelmill {
namespace {

constexpr const char* kLedgerFile = "ledger.sqlite";

/// Filesystems whose locks and shared memory do not hold between machines (magic numbers of
/// statfs(2)).
bool is_on_network(const std::filesystem::path& folder) {
  struct statfs info{};
  if (::statfs(folder.c_str(), &info) != 0) return false;
  switch (static_cast<unsigned long>(info.f_type) & 0xffffffffUL) {
    case 0x6969:      // NFS
    case 0x517b:      // SMB
    case 0xff534d42:  // CIFS
    case 0xfe534d42:  // SMB2
    case 0x5346414f:  // AFS
      return true;
    default:
      return false;
  }
}

std::uint64_t payload(const VideoFile& file) {
  return file.path.native().size() + file.key.size();
}

std::uint64_t payload(const std::vector<UploadClaim>& claims) {
  std::uint64_t bytes = 0;
  for (const auto& claim : claims)
    for (const auto& item : claim.items)
      bytes += 4096 + item.file.size() + item.name.size() + item.content_type.size();
  return bytes;
}

}  // namespace

/// What is open: the lock first and for longest, then the writing side, then the reading side.
struct Ledger::State {
  std::filesystem::path file;
  std::optional<LedgerLock> lock;
  std::unique_ptr<LedgerDatabase> written;
  std::optional<LedgerWriter> writer;
  std::unique_ptr<LedgerDatabase> read;
  std::mutex reading;

  ~State() {
    // The last connection to close empties the log, so it must be the one that may write.
    writer.reset();
    read.reset();
  }

  void submit(LedgerWrite write) {
    if (writer)
      writer->submit(std::move(write));
    else if (write.done)
      write.done(fail(ErrorKind::denied, "write {}: it is open for reading only",
                      path_to_line(file.native())));
  }

  template <class Value, class Change>
  Result<Value> change_and_wait(Change change) {
    Value value{};
    std::promise<Status> answer;
    auto answered = answer.get_future();
    submit({[&](LedgerDatabase& database) {
              value = change(database);
              return Status{};
            },
            [&](Status status) { answer.set_value(std::move(status)); }});
    REELMILL_TRY(answered.get());
    return value;
  }
};

Ledger::Ledger(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::open(const std::filesystem::path& folder) {
  REELMILL_TRY(make_folder_durably(folder));
  if (is_on_network(folder))
    return fail(ErrorKind::invalid_input,
                "open the ledger in {}: it cannot live on a network filesystem; use --state DIR "
                "with a folder on a local disk",
                path_to_line(folder.native()));
  auto state = std::make_unique<State>();
  state->file = folder / kLedgerFile;
  REELMILL_ASSIGN(auto lock, LedgerLock::acquire(folder));
  state->lock.emplace(std::move(lock));
  REELMILL_ASSIGN(state->written,
                  LedgerDatabase::open(state->file, LedgerDatabase::Access::read_write));
  REELMILL_TRY(sync_folder(folder));
  REELMILL_ASSIGN(state->read,
                  LedgerDatabase::open(state->file, LedgerDatabase::Access::read_only));
  state->writer.emplace(*state->written);
  return std::unique_ptr<Ledger>(new Ledger(std::move(state)));
}

Result<std::unique_ptr<Ledger>> Ledger::open_read_only(const std::filesystem::path& folder) {
  auto state = std::make_unique<State>();
  state->file = folder / kLedgerFile;
  REELMILL_ASSIGN(state->read,
                  LedgerDatabase::open(state->file, LedgerDatabase::Access::read_only));
  return std::unique_ptr<Ledger>(new Ledger(std::move(state)));
}

std::optional<int> Ledger::writer_of(const std::filesystem::path& folder) {
  return LedgerLock::holder_of(folder);
}

Result<std::vector<std::string>> Ledger::begin_run(const std::string& run_id) {
  return state_->change_and_wait<std::vector<std::string>>(
      [&](LedgerDatabase& database) { return ledger_records::begin_run(database, run_id); });
}

void Ledger::end_run() {
  state_->submit({[](LedgerDatabase& database) {
                    ledger_records::end_run(database);
                    return Status{};
                  },
                  nullptr});
}

Result<std::optional<KnownVideo>> Ledger::find(const std::filesystem::path& path) const {
  return ledger_reader::with(*state_->read, state_->reading, [&](LedgerDatabase& database) {
    return ledger_reader::find(database, path.native());
  });
}

Result<std::optional<Ledger::Entry>> Ledger::entry(const std::filesystem::path& path) const {
  return ledger_reader::with(*state_->read, state_->reading, [&](LedgerDatabase& database) {
    return ledger_reader::entry(database, path.native());
  });
}

bool Ledger::is_key_taken(const std::string& key,
                          const std::filesystem::path& by_other_than) const {
  const auto taken =
      ledger_reader::with(*state_->read, state_->reading, [&](LedgerDatabase& database) {
        return ledger_reader::is_key_taken(database, key, by_other_than.native());
      });
  return taken && *taken;
}

void Ledger::mark_in_flight(const VideoFile& file, InFlight company, Done done) {
  state_->submit({[=](LedgerDatabase& database) {
                    return ledger_records::mark_in_flight(database, file, company);
                  },
                  std::move(done), payload(file)});
}

void Ledger::release(const VideoFile& file, Done done) {
  state_->submit({[=](LedgerDatabase& database) { return ledger_records::release(database, file); },
                  std::move(done), payload(file)});
}

void Ledger::record_analyzed(AnalyzedVideo video, Done done) {
  const auto bytes = payload(video.file) + payload(video.uploads) + 160 * video.artifacts.size();
  state_->submit({[video = std::move(video)](LedgerDatabase& database) {
                    return ledger_records::record_analyzed(database, video);
                  },
                  std::move(done), bytes});
}

void Ledger::record_quarantined(const VideoFile& file, QuarantineReason reason, Done done) {
  const auto bytes = payload(file) + reason.message.size();
  state_->submit({[file, reason = std::move(reason)](LedgerDatabase& database) {
                    return ledger_records::record_quarantined(database, file, reason);
                  },
                  std::move(done), bytes});
}

void Ledger::replace_uploads(const std::filesystem::path& path, std::vector<UploadClaim> claims,
                             Done done) {
  const auto bytes = payload(claims);
  state_->submit({[path, claims = std::move(claims)](LedgerDatabase& database) {
                    return ledger_records::replace_uploads(database, path.native(), claims);
                  },
                  std::move(done), bytes});
}

void Ledger::record_uploaded(std::int64_t upload_id, const std::string& location,
                             std::uint64_t bytes, Done done) {
  state_->submit({[=](LedgerDatabase& database) {
                    ledger_records::record_uploaded(database, upload_id, location, bytes);
                    return Status{};
                  },
                  std::move(done), location.size()});
}

void Ledger::record_uploaded(std::vector<Uploaded> items, const std::string& location, Done done) {
  const auto bytes = items.size() * location.size();
  state_->submit({[items = std::move(items), location](LedgerDatabase& database) {
                    for (const auto& item : items)
                      ledger_records::record_uploaded(database, item.id, location, item.bytes);
                    return Status{};
                  },
                  std::move(done), bytes});
}

void Ledger::record_upload_refused(std::int64_t upload_id, QuarantineReason reason, Done done) {
  const auto bytes = 2 * reason.message.size();
  state_->submit({[upload_id, reason = std::move(reason)](LedgerDatabase& database) {
                    ledger_records::record_upload_refused(database, upload_id, reason);
                    return Status{};
                  },
                  std::move(done), bytes});
}

void Ledger::record_upload_attempt(std::int64_t upload_id, const std::string& message) {
  state_->submit({[=](LedgerDatabase& database) {
                    ledger_records::record_upload_attempt(database, upload_id, message);
                    return Status{};
                  },
                  nullptr, message.size()});
}

void Ledger::record_batch(std::vector<std::int64_t> upload_ids, const std::string& batch,
                          Done done) {
  const auto bytes = upload_ids.size() * batch.size();
  state_->submit({[ids = std::move(upload_ids), batch](LedgerDatabase& database) {
                    ledger_records::record_batch(database, ids, batch);
                    return Status{};
                  },
                  std::move(done), bytes});
}

Status Ledger::flush() {
  return state_->writer ? state_->writer->flush() : Status{};
}

Result<std::int64_t> Ledger::drop_uploads_except(const std::vector<std::string>& stages) {
  return state_->change_and_wait<std::int64_t>([&](LedgerDatabase& database) {
    return ledger_records::drop_uploads_except(database, stages);
  });
}

Result<std::vector<PendingUpload>> Ledger::pending_uploads(std::int64_t after, int limit) const {
  return ledger_reader::with(*state_->read, state_->reading, [&](LedgerDatabase& database) {
    return ledger_reader::pending_uploads(database, after, limit);
  });
}

Result<std::vector<PendingUpload>> Ledger::batched_uploads(const std::string& stage) const {
  return ledger_reader::with(*state_->read, state_->reading, [&](LedgerDatabase& database) {
    return ledger_reader::batched_uploads(database, stage);
  });
}

Result<Ledger::Counts> Ledger::counts() const {
  return ledger_reader::with(*state_->read, state_->reading, ledger_reader::counts);
}

Status Ledger::for_each(const std::function<void(const Entry&)>& visit) const {
  // A connection of its own: visitors may call the ledger, and finds go on meanwhile.
  REELMILL_ASSIGN(const auto database,
                  LedgerDatabase::open(state_->file, LedgerDatabase::Access::read_only));
  return ledger_reader::for_each(*database, visit);
}

Result<std::int64_t> Ledger::forget_quarantined(const std::string& failure_class) {
  return state_->change_and_wait<std::int64_t>([&](LedgerDatabase& database) {
    return ledger_records::forget_quarantined(database, failure_class);
  });
}

Status Ledger::check_integrity() const {
  REELMILL_ASSIGN(const auto database,
                  LedgerDatabase::open(state_->file, LedgerDatabase::Access::read_only));
  return ledger_reader::check_integrity(*database, path_to_line(state_->file.native()));
}

Ledger::Activity Ledger::activity() const {
  Activity activity;
  if (state_->writer) {
    activity.writes = state_->writer->writes();
    activity.commits = state_->writer->commits();
    activity.batching = state_->writer->batching();
    activity.transactions = state_->writer->transactions();
  }
  const std::lock_guard lock(state_->reading);
  activity.statements_prepared = state_->read->statements_prepared();
  activity.rows_scanned = state_->read->rows_scanned();
  return activity;
}

std::string_view to_string(VideoState state) noexcept {
  switch (state) {
    case VideoState::unfinished:
      return "unfinished";
    case VideoState::in_flight:
      return "in_flight";
    case VideoState::uploads_pending:
      return "uploads_pending";
    case VideoState::done:
      return "done";
    case VideoState::quarantined:
      return "quarantined";
  }
  return "unfinished";
}

}  // namespace reelmill
