// SPDX-License-Identifier: Apache-2.0
#include "pipeline/guard_report.h"

#include "base/counted.h"
#include "base/path_text.h"
#include "base/units.h"
#include "pipeline/json_members.h"

namespace reelmill {
namespace {

using Json = nlohmann::ordered_json;

template <class Kind, std::size_t count>
NamedCounts named(const std::array<std::uint64_t, count>& counts) {
  NamedCounts list;
  for (std::size_t i = 0; i < count; ++i)
    if (counts[i] > 0) list.emplace_back(to_string(static_cast<Kind>(i)), counts[i]);
  return list;
}

Json object(const NamedCounts& counts) {
  Json json = Json::object();
  for (const auto& [name, count] : counts) json[name] = count;
  return json;
}

void read_counts(const JsonMembers& json, const char* name, NamedCounts& counts) {
  json.each(name, [&](const std::string& key, const Json& count) {
    counts.emplace_back(key, count.get<std::uint64_t>());
  });
}

GuardReport::Breaker breaker_report(const CircuitSnapshot& breaker) {
  return {.state = std::string(to_string(breaker.state)),
          .mode = std::string(to_string(breaker.mode)),
          .failure_rate = breaker.failure_rate,
          .slow_call_rate = breaker.slow_call_rate,
          .retry_after_s = to_seconds(breaker.retry_after),
          .successes = breaker.successes,
          .failures = breaker.failures,
          .slow = breaker.slow,
          .ignored = breaker.ignored,
          .refused = breaker.refused,
          .stale = breaker.stale,
          .trips = breaker.trips};
}

Json breaker_json(const GuardReport::Breaker& breaker) {
  return Json{{"state", breaker.state},
              {"mode", breaker.mode},
              {"failure_rate", breaker.failure_rate},
              {"slow_call_rate", breaker.slow_call_rate},
              {"retry_after_s", breaker.retry_after_s},
              {"successes", breaker.successes},
              {"failures", breaker.failures},
              {"slow", breaker.slow},
              {"ignored", breaker.ignored},
              {"refused", breaker.refused},
              {"stale", breaker.stale},
              {"trips", breaker.trips}};
}

void read_breaker(JsonMembers json, GuardReport::Breaker& breaker) {
  json.get("state", breaker.state).get("mode", breaker.mode).get("trips", breaker.trips);
  json.get("failure_rate", breaker.failure_rate).get("slow_call_rate", breaker.slow_call_rate);
  json.get("retry_after_s", breaker.retry_after_s).get("successes", breaker.successes);
  json.get("failures", breaker.failures).get("slow", breaker.slow).get("stale", breaker.stale);
  json.get("ignored", breaker.ignored).get("refused", breaker.refused);
}

std::string times(std::uint64_t count) {
  return count == 1 ? "once" : count == 2 ? "twice" : fmt::format("{} times", count);
}

std::string listed(const NamedCounts& counts) {
  std::string text;
  for (const auto& [name, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  return text;
}

/// `40 at attempt 1, 3 at 2, 1 at 3`
std::string attempts_text(const std::vector<std::uint64_t>& successes_after) {
  std::string text;
  for (std::size_t i = 0; i < successes_after.size(); ++i)
    if (successes_after[i] > 0)
      text += fmt::format("{}{} at {}{}", text.empty() ? "" : ", ", successes_after[i],
                          text.empty() ? "attempt " : "", i + 1);
  return text;
}

}  // namespace

GuardReport guard_report(const GuardSnapshot& guard, Clock::time_point run_began) {
  const auto& retry = guard.retry;
  GuardReport report;
  report.name = guard.name;
  report.state = to_string(guard.state);
  report.message = guard.message;
  report.calls = guard.calls;
  report.successes = guard.successes;
  report.failures = guard.failures;
  report.refused = guard.refused;
  report.retries = guard.retries;
  report.openings = guard.openings;
  report.paused_s = to_seconds(guard.paused);
  report.retry_delay_s = to_seconds(guard.retry_delay);
  report.deferrals = retry.deferrals;
  report.hedges = guard.hedges;
  report.hedge_wins = guard.hedge_wins;
  report.failures_by_kind = named<ErrorKind>(retry.failures_by_kind);
  report.retries_by_kind = named<ErrorKind>(retry.retries_by_kind);
  report.refused_by = named<RefusedBy>(guard.refused_by);
  report.give_ups = named<GiveUp>(retry.give_ups);
  report.successes_after = retry.successes_after;
  report.budget = {retry.budget_capacity, retry.budget_left, retry.budget_spent,
                   retry.budget_refunded, retry.budget_refused};
  if (guard.breaker) report.breaker = breaker_report(*guard.breaker);
  const auto refused_by = [&](RefusedBy part) {
    return guard.refused_by[static_cast<std::size_t>(part)];
  };
  if (guard.rate_per_second)
    report.rate = GuardReport::Rate{*guard.rate_per_second, refused_by(RefusedBy::rate)};
  if (guard.concurrency_limit)
    report.concurrency = GuardReport::Concurrency{
        *guard.concurrency_limit, guard.in_flight.value_or(0), refused_by(RefusedBy::concurrency)};
  for (const auto& minute : retry.history)
    report.history.push_back(
        {std::max(0.0, to_seconds(minute.begins - run_began)), named<ErrorKind>(minute.failures)});
  return report;
}

Json to_json(const GuardReport& guard) {
  Json events = Json::array(), history = Json::array();
  for (const auto& event : guard.events) events.push_back(valid_utf8(event));
  for (const auto& minute : guard.history)
    history.push_back(Json{{"at_s", minute.at_s}, {"failures", object(minute.failures)}});
  Json json{{"name", guard.name},
            {"state", guard.state},
            {"message", valid_utf8(guard.message)},
            {"calls", guard.calls},
            {"successes", guard.successes},
            {"failures", guard.failures},
            {"refused", guard.refused},
            {"retries", guard.retries},
            {"openings", guard.openings},
            {"paused_s", guard.paused_s},
            {"retry_delay_s", guard.retry_delay_s},
            {"deferrals", guard.deferrals},
            {"hedges", guard.hedges},
            {"hedge_wins", guard.hedge_wins},
            {"failures_by_kind", object(guard.failures_by_kind)},
            {"retries_by_kind", object(guard.retries_by_kind)},
            {"refused_by", object(guard.refused_by)},
            {"give_ups", object(guard.give_ups)},
            {"successes_after", guard.successes_after},
            {"budget", Json{{"capacity", guard.budget.capacity},
                            {"left", guard.budget.left},
                            {"spent", guard.budget.spent},
                            {"refunded", guard.budget.refunded},
                            {"refused", guard.budget.refused}}}};
  if (guard.breaker) json["breaker"] = breaker_json(*guard.breaker);
  if (guard.rate)
    json["rate"] = Json{{"per_second", guard.rate->per_second}, {"refused", guard.rate->refused}};
  if (guard.concurrency)
    json["concurrency"] = Json{{"limit", guard.concurrency->limit},
                               {"in_flight", guard.concurrency->in_flight},
                               {"refused", guard.concurrency->refused}};
  json["history"] = std::move(history);
  json["events"] = std::move(events);
  return json;
}

GuardReport guard_report_from_json(const Json& object) {
  JsonMembers json(object);
  GuardReport guard;
  json.get("name", guard.name).get("state", guard.state).get("message", guard.message);
  json.get("calls", guard.calls).get("successes", guard.successes).get("failures", guard.failures);
  json.get("refused", guard.refused).get("retries", guard.retries).get("openings", guard.openings);
  json.get("paused_s", guard.paused_s).get("retry_delay_s", guard.retry_delay_s);
  json.get("deferrals", guard.deferrals).get("hedges", guard.hedges);
  json.get("hedge_wins", guard.hedge_wins).get("successes_after", guard.successes_after);
  read_counts(json, "failures_by_kind", guard.failures_by_kind);
  read_counts(json, "retries_by_kind", guard.retries_by_kind);
  read_counts(json, "refused_by", guard.refused_by);
  read_counts(json, "give_ups", guard.give_ups);
  auto& budget = guard.budget;
  json.in("budget").get("capacity", budget.capacity).get("left", budget.left);
  json.in("budget").get("spent", budget.spent).get("refunded", budget.refunded);
  json.in("budget").get("refused", budget.refused);
  if (json.has("breaker")) read_breaker(json.in("breaker"), guard.breaker.emplace());
  if (json.has("rate")) {
    auto& rate = guard.rate.emplace();
    json.in("rate").get("per_second", rate.per_second).get("refused", rate.refused);
  }
  if (json.has("concurrency")) {
    auto& places = guard.concurrency.emplace();
    json.in("concurrency").get("limit", places.limit).get("in_flight", places.in_flight);
    json.in("concurrency").get("refused", places.refused);
  }
  json.list("history", guard.history, [](JsonMembers each, GuardReport::Minute& minute) {
    each.get("at_s", minute.at_s);
    read_counts(each, "failures", minute.failures);
  });
  json.get("events", guard.events);
  return guard;
}

std::string summary(const GuardReport& guard) {
  auto text = fmt::format("{}: {}; {}, {} failed", guard.name, guard.state,
                          counted(guard.calls, "call"), guard.failures);
  if (!guard.failures_by_kind.empty()) text += fmt::format(" ({})", listed(guard.failures_by_kind));
  if (guard.openings > 0) text += ", opened " + times(guard.openings);
  if (guard.paused_s > 0) text += ", paused " + approximate_duration(guard.paused_s);
  return text;
}

std::vector<std::string> story(const GuardReport& guard) {
  std::vector<std::string> lines;
  if (!guard.message.empty())
    lines.push_back("needs an operator: " + path_to_line(guard.message) +
                    "; mend it, then run again");
  if (!guard.events.empty()) {
    std::string text;
    for (const auto& event : guard.events) text += (text.empty() ? "" : " · ") + event;
    lines.push_back(text);
  }
  if (guard.retries == 0 && guard.give_ups.empty()) return lines;
  auto text = fmt::format("retried {}", times(guard.retries));
  if (!guard.retries_by_kind.empty()) text += fmt::format(" ({})", listed(guard.retries_by_kind));
  if (const auto attempts = attempts_text(guard.successes_after); !attempts.empty())
    text += "; succeeded: " + attempts;
  if (!guard.give_ups.empty()) text += "; gave up: " + listed(guard.give_ups);
  const auto& budget = guard.budget;
  if (budget.spent > 0)
    text += fmt::format("; budget: {:.0f} spent, {:.0f} returned, {:.0f} of {:.0f} left",
                        budget.spent, budget.refunded, budget.left, budget.capacity);
  if (budget.refused > 0) text += fmt::format(", {} refused", budget.refused);
  lines.push_back(text);
  return lines;
}

}  // namespace reelmill
