// SPDX-License-Identifier: Apache-2.0
// UploadLane: one call, and what becomes of it.
#include <algorithm>
#include <exception>
#include <future>
#include <mutex>
#include <utility>

#include "base/digest.h"
#include "base/log.h"
#include "base/path_text.h"
#include "pipeline/call_verdict.h"
#include "pipeline/joint_failure.h"
#include "pipeline/upload_lane.h"
#include "resilience/failure_class.h"

namespace reelmill {
namespace {

/// An item that gave up so often while others were served is left for the next run.
constexpr int kFruitlessRounds = 2;

CallItem call_item(const PendingUpload& upload, const std::filesystem::path& output, int attempt) {
  CallItem item;
  item.video = upload.video;
  item.file = output / upload.file;
  item.name = upload.name;
  item.content_type = upload.content_type;
  item.bytes = upload.bytes;
  item.sha256 = upload.sha256;
  item.attempt = attempt;
  item.batch = upload.batch;
  return item;
}

bool is_final(ErrorKind kind) {
  return kind == ErrorKind::invalid_input || kind == ErrorKind::not_found;
}
bool is_own(ErrorKind kind) {
  return kind == ErrorKind::rejected || kind == ErrorKind::circuit_open ||
         kind == ErrorKind::cancelled;
}

}  // namespace

void UploadLane::send(Queue::Outgoing call, std::stop_token stop) {
  CallContext attempt;
  for (auto& entry : call.entries) {
    auto& [files, queued_at, session, session_began, rounds] = entry.item;
    // A session whose time ran out while its item waited for a lane begins anew.
    const auto now = context_.clock.now();
    if (!session || session->deadline() <= now) {
      session.emplace(guard_->begin(Idempotency::idempotent));
      session_began = now;
    }
    attempt.deadline = std::min(attempt.deadline, session->deadline());
    attempt.attempt = std::max(attempt.attempt, session->attempts() + 1);
  }
  attempt.stop = std::move(stop);
  attempt.item = call.entries.front().item.files.front().name;
  attempt.work_units = static_cast<double>(call.entries.size());
  attempt.expected_duration = call.predicted;
  if (wanted_.identity == BatchIdentity::object)
    if (auto named = name_batch(call.entries); !named) {
      context_.stop(StopReason::failed, named.error().message);
      std::lock_guard lock(mutex_);
      queue_.abandoned(call);
      return;
    }
  std::vector<CallItem> items;
  for (const auto& entry : call.entries)
    for (const auto& file : entry.item.files)
      items.push_back(call_item(file, context_.options.output, entry.item.session->attempts() + 1));
  const auto began = context_.clock.now();
  Duration service_time{0};
  const auto outcomes = make_call(items, attempt, service_time);
  const auto each = service_time / static_cast<Duration::rep>(items.size());
  for (std::size_t i = 0; i < items.size(); ++i)
    outcomes[i] ? stage_.meter->put_out(each) : stage_.meter->worked(each);
  for (auto& entry : call.entries)
    stage_.meter->waited(began - std::exchange(entry.item.queued_at, began));
  judge(call, outcomes, service_time);
}

void UploadLane::judge(Queue::Outgoing& call, const std::vector<Result<CallOutcome>>& outcomes,
                       Duration service_time) {
  // With one unit there is nobody else to blame.
  const Error* joint = call.entries.size() > 1 ? joint_failure(outcomes) : nullptr;
  Entries together;
  std::vector<std::pair<Entry, Error>> alone;
  std::vector<Arrived> arrived;
  Error why;
  int succeeded = 0;
  bool has_refused = false;
  bool is_counted = std::any_of(call.entries.begin(), call.entries.end(), [](const Entry& entry) {
    return entry.item.session->attempts() > 0;
  });
  auto outcome = outcomes.begin();
  for (auto& entry : call.entries) {
    std::vector<PendingUpload> left;
    std::optional<Error> error, final_error;
    bool has_arrived = true, is_joint = false;
    for (auto& file : entry.item.files) {
      const auto& now = *outcome++;
      if (now) {
        arrived.push_back({{file.id, file.bytes}, now->location});
        continue;
      }
      has_arrived = false;
      const bool is_shared = joint != nullptr && is_same_error(*joint, now.error());
      if (is_final(now.error().kind) && !is_shared) {
        refused(file, now.error());
        final_error = now.error();
        has_refused = true;
        continue;
      }
      is_joint = is_joint || is_shared;
      if (!error) error = now.error();
      left.push_back(std::move(file));
    }
    if (has_arrived) {
      // What travels together is one operation when it succeeds, too: otherwise the items would
      // fill the budget that their batch's retries empty.
      const bool had_failed = entry.item.session->attempts() > 0;
      if (had_failed || !std::exchange(is_counted, true)) entry.item.session->succeeded();
      ++succeeded;
    }
    if (!error) {
      if (final_error)
        std::ignore = entry.item.session->next_delay(*final_error);  // counts it, and says never
      continue;
    }
    entry.item.files = std::move(left);
    if (is_joint || wanted_.identity == BatchIdentity::object) {
      if (together.empty()) why = *error;
      together.push_back(std::move(entry));
    } else {
      alone.emplace_back(std::move(entry), std::move(*error));
    }
  }
  // Without one of its files an object is another one, and must not take the first one's name.
  if (has_refused)
    for (auto& entry : together)
      for (auto& file : entry.item.files) file.batch.clear();
  record(arrived);
  {
    // The place is free, and what the call cost is known, before its items come back.
    std::lock_guard lock(mutex_);
    if (!arrived.empty()) {
      last_success_ = context_.clock.now();
      is_failing_ = false;
    }
    if (!arrived.empty() || (joint != nullptr && is_final(joint->kind)) ||
        (!outcomes.front() && was_cut_off(outcomes.front().error(), service_time)))
      queue_.completed(call, service_time, succeeded);
    else
      queue_.abandoned(call);
  }
  if (!together.empty()) failed_together(std::move(together), why);
  for (auto& [entry, error] : alone) failed_alone(std::move(entry), error);
}

/// Gives a batch the name under which it travels, durably before it does. One that has a name keeps
/// it; it then consists of nothing else.
Status UploadLane::name_batch(Entries& entries) {
  if (!entries.front().item.files.front().batch.empty()) return {};
  constexpr std::size_t kDigits = 24;
  std::string content;
  std::vector<std::int64_t> ids;
  for (const auto& entry : entries)
    for (const auto& file : entry.item.files) {
      content += file.name + '\0' + file.sha256 + '\n';
      ids.push_back(file.id);
    }
  const auto name = sha256_hex(content).substr(0, kDigits);
  std::promise<Status> answer;
  auto answered = answer.get_future();
  context_.ledger.record_batch(std::move(ids), name,
                               [&](Status status) { answer.set_value(std::move(status)); });
  REELMILL_TRY(answered.get());
  for (auto& entry : entries)
    for (auto& file : entry.item.files) file.batch = name;
  return {};
}

std::vector<Result<CallOutcome>> UploadLane::make_call(const std::vector<CallItem>& items,
                                                       const CallContext& attempt,
                                                       Duration& service_time) {
  auto& stage = *stage_.parts().call_stage;
  std::vector<Result<CallOutcome>> outcomes;
  std::mutex answered;  // a hedge makes the call twice at once
  bool is_served = false;
  const auto call = [&](const CallContext& inner) -> Result<void> {
    const auto began = context_.clock.now();
    std::vector<Result<CallOutcome>> answer;
    try {
      answer = stage.call(items, inner);
    } catch (const std::exception& fault) {
      return fail(ErrorKind::internal, "{}: a fault of the stage: {}", id(), fault.what());
    }
    const auto took = context_.clock.now() - began;
    if (answer.size() != items.size())
      return fail(ErrorKind::internal, "{}: {} outcomes for {} items", id(), answer.size(),
                  items.size());
    auto judged = verdict(answer);
    const std::lock_guard lock(answered);
    if (!is_served) {
      outcomes = std::move(answer);
      service_time = took;
      is_served = judged.has_value();
    }
    return judged;
  };
  const auto attempted = stage.may_overlap()
                             ? guard_->hedged_attempt(Idempotency::idempotent, attempt, call)
                             : guard_->attempt(attempt, call);
  if (outcomes.empty())
    outcomes.assign(items.size(),
                    fail(attempted ? Error{ErrorKind::internal, "no outcome"} : attempted.error()));
  return outcomes;
}

// --- what became of it ---

void UploadLane::record(const std::vector<Arrived>& arrived) {
  if (arrived.empty()) return;
  std::vector<Ledger::Uploaded> rows;
  for (const auto& [row, location] : arrived) {
    context_.counters.objects_uploaded += 1;
    context_.counters.bytes_uploaded += row.bytes;
    rows.push_back(row);
  }
  const auto done = [this](Status status) {
    if (!status) context_.stop(StopReason::failed, status.error().message);
  };
  if (wanted_.identity == BatchIdentity::object) {
    settle_([this, rows, done, location = arrived.front().location] {
      context_.ledger.record_uploaded(rows, location, done);
    });
    return;
  }
  for (const auto& [row, location] : arrived)
    settle_([this, row = row, location = location, done] {
      context_.ledger.record_uploaded(row.id, location, row.bytes, done);
    });
}

/// Nobody knows which item is to blame, if any. The whole batch costs one retry.
void UploadLane::failed_together(Entries entries, const Error& error) {
  for (const auto& entry : entries) record_attempt(entry.item, error);
  if (error.kind == ErrorKind::cancelled) {
    come_back(std::move(entries), Duration{0});
    return;
  }
  if (classify(error.kind) == FailureClass::refused) {
    refused_all(std::move(entries), error);
    return;
  }
  if (entries.size() == 1 && is_final(error.kind)) {
    for (const auto& file : entries.front().item.files) refused(file, error);
    return;
  }
  if (entries.size() > 1 && (is_final(error.kind) || error.kind == ErrorKind::internal)) {
    halve(std::move(entries));
    return;
  }
  if (!is_own(error.kind)) {
    std::lock_guard lock(mutex_);
    is_failing_ = true;
    last_failure_ = error.message;
  }
  const auto lead =
      std::max_element(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return a.item.session->attempts() < b.item.session->attempts();
      });
  auto& session = *lead->item.session;
  if (const auto delay = session.next_delay(error))
    come_back(std::move(entries), until_next(error, *delay));
  else if (session.gave_up() == GiveUp::attempts && entries.size() > 1 &&
           wanted_.identity == BatchIdentity::none)
    halve(std::move(entries));  // one item may be what makes the service fail
  else
    set_aside(std::move(entries), error);
}

void UploadLane::failed_alone(Entry entry, const Error& error) {
  Entries alone;
  alone.push_back(std::move(entry));
  failed_together(std::move(alone), error);
}

void UploadLane::refused(const PendingUpload& upload, const Error& error) {
  stage_.meter->failed();
  spdlog::warn("{}: {}", path_to_line(upload.video), error.message);
  context_.add_failure({upload.video, id(), "upload_refused", error.message});
  settle_(
      [this, row = upload.id, reason = QuarantineReason{id(), "upload_refused", error.message}] {
        context_.ledger.record_upload_refused(row, reason, [this](Status status) {
          if (!status) context_.stop(StopReason::failed, status.error().message);
        });
      });
}

/// Nothing but a person helps: credentials, quota, a wrong address.
void UploadLane::refused_all(Entries entries, const Error& error) {
  if (!has_noted_refusal_.exchange(true))
    context_.add_note(
        fmt::format("{}: {}: what is refused stays pending; mend the cause, then run again", id(),
                    error.message));
  std::ignore = entries.front().item.session->next_delay(error);  // counts it, and says never
  for (auto& entry : entries) entry.item.session.reset();
  std::lock_guard lock(mutex_);
  refused_.push_back(std::move(entries));
  signal();
}

/// Who gave up while nobody was served tries afresh after a rest; who gave up again and again while
/// others were served is itself the trouble, and is left for the next run.
void UploadLane::set_aside(Entries entries, const Error& error) {
  Clock::time_point last_success;
  {
    std::lock_guard lock(mutex_);
    last_success = last_success_;
  }
  const auto is_trouble = [&](UploadUnit& unit) {
    return last_success > unit.began && ++unit.fruitless_rounds >= kFruitlessRounds;
  };
  Entries again;
  if (wanted_.identity == BatchIdentity::object) {
    // An object goes or stays as a whole.
    if (!is_trouble(entries.front().item)) again = std::move(entries);
  } else {
    for (auto& entry : entries)
      if (!is_trouble(entry.item)) again.push_back(std::move(entry));
  }
  if (again.empty() && !has_noted_give_up_.exchange(true))
    context_.add_note(fmt::format("{}: gave up for this run on some items, they stay pending: {}",
                                  id(), error.message));
  if (again.empty()) {
    stage_.meter->failed();
    return;
  }
  for (auto& entry : again) entry.item.session.reset();
  const auto rest = guard_->options().retry.value_or(RetryOptions{}).max_delay;
  come_back(std::move(again), std::max(rest, error.retry_after));
}

void UploadLane::record_attempt(const UploadUnit& unit, const Error& error) {
  if (is_own(error.kind) || is_final(error.kind)) return;
  for (const auto& file : unit.files) context_.ledger.record_upload_attempt(file.id, error.message);
}

/// A paused service holds the whole queue: an item refused by its breaker needs no time of its own,
/// which might be later than the service's return.
Duration UploadLane::until_next(const Error& error, Duration delay) const {
  const bool is_held =
      error.kind == ErrorKind::circuit_open && guard_->paused_until() > context_.clock.now();
  return is_held ? Duration{0} : delay;
}

void UploadLane::come_back(Entries entries, Duration delay) {
  std::lock_guard lock(mutex_);
  add(std::move(entries), saturating_add(context_.clock.now(), delay));
  signal();
}

/// To leave in whatever company the batcher finds, or, as an object, with the same.
void UploadLane::add(Entries entries, Clock::time_point ready_at) {
  if (wanted_.identity == BatchIdentity::object)
    queue_.add_together(std::move(entries), ready_at);
  else
    for (auto& entry : entries) queue_.add(std::move(entry), ready_at);
}

/// Both halves are new batches: tried at once, each with attempts of its own.
void UploadLane::halve(Entries entries) {
  for (auto& entry : entries) {
    entry.item.session.reset();
    for (auto& file : entry.item.files) file.batch.clear();
  }
  const auto middle = entries.begin() + static_cast<std::ptrdiff_t>(entries.size() / 2);
  Entries second(std::make_move_iterator(middle), std::make_move_iterator(entries.end()));
  entries.erase(middle, entries.end());
  const auto now = context_.clock.now();
  std::lock_guard lock(mutex_);
  queue_.add_together(std::move(entries), now);
  queue_.add_together(std::move(second), now);
  signal();
}

}  // namespace reelmill
