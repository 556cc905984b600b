// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_record.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

namespace reelmill {
namespace {

using Json = nlohmann::ordered_json;
using Kind = BatchEvent::Kind;

constexpr std::array<std::string_view, 8> kinds{"added", "left", "completed", "starving",
                                                "drain", "hold", "probe",     "resume"};

Json decision_json(const BatchDecision& d) {
  return {{"id", d.id},
          {"n", d.n},
          {"bytes", d.bytes},
          {"target", d.target},
          {"reason", to_string(d.reason)},
          {"predicted_ns", d.predicted.count()}};
}

Json observation_json(const BatchObservation& o) {
  return {{"id", o.id},
          {"n", o.n},
          {"bytes", o.bytes},
          {"service_ns", o.service_time.count()},
          {"succeeded", o.succeeded},
          {"in_flight", o.in_flight},
          {"key", o.key},
          {"served", o.end == BatchEnd::served}};
}

BatchReason reason_of(const std::string& name) {
  for (std::size_t i = 0; i < batch_reasons; ++i) {
    if (name == to_string(static_cast<BatchReason>(i))) return static_cast<BatchReason>(i);
  }
  throw std::invalid_argument("there is no reason '" + name + "'");
}

BatchEvent event_of(const Json& json) {
  BatchEvent event;
  const auto kind = std::find(kinds.begin(), kinds.end(), json.at("event").get<std::string>());
  if (kind == kinds.end()) throw std::invalid_argument("there is no such event");
  event.kind = static_cast<Kind>(kind - kinds.begin());
  event.at = Duration(json.at("at_ns").get<Duration::rep>());
  if (event.kind == Kind::added) {
    json.at("bytes").get_to(event.bytes);
    json.at("key").get_to(event.key);
    json.at("source").get_to(event.source);
  } else if (event.kind == Kind::left) {
    auto& d = event.decision;
    d.at = event.at;
    json.at("id").get_to(d.id);
    json.at("n").get_to(d.n);
    json.at("bytes").get_to(d.bytes);
    json.at("target").get_to(d.target);
    d.reason = reason_of(json.at("reason").get<std::string>());
    d.predicted = Duration(json.at("predicted_ns").get<Duration::rep>());
  } else if (event.kind == Kind::completed) {
    auto& o = event.observation;
    json.at("id").get_to(o.id);
    json.at("n").get_to(o.n);
    json.at("bytes").get_to(o.bytes);
    o.service_time = Duration(json.at("service_ns").get<Duration::rep>());
    json.at("succeeded").get_to(o.succeeded);
    json.at("in_flight").get_to(o.in_flight);
    json.at("key").get_to(o.key);
    o.end = json.at("served").get<bool>() ? BatchEnd::served : BatchEnd::not_reached;
  }
  return event;
}

}  // namespace

void BatchRecord::write(const BatchEvent& event) {
  if (events_.size() < most_) {
    events_.push_back(event);
  } else {
    is_complete_ = false;
  }
}

std::vector<BatchDecision> BatchRecord::decisions() const {
  std::vector<BatchDecision> decisions;
  for (const auto& event : events_) {
    if (event.kind == Kind::left) {
      decisions.push_back(event.decision);
    } else if (event.kind == Kind::completed && event.observation.end == BatchEnd::served) {
      // Ids count from 1 without gaps, so they are places.
      const auto id = event.observation.id;
      if (id >= 1 && id <= decisions.size()) {
        decisions[id - 1].observed = event.observation.service_time;
      }
    }
  }
  return decisions;
}

std::string to_line(const BatchEvent& event) {
  Json json{{"event", kinds[static_cast<std::size_t>(event.kind)]}, {"at_ns", event.at.count()}};
  if (event.kind == Kind::added) {
    json.update({{"bytes", event.bytes}, {"key", event.key}, {"source", event.source}});
  } else if (event.kind == Kind::left) {
    json.update(decision_json(event.decision));
  } else if (event.kind == Kind::completed) {
    json.update(observation_json(event.observation));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<BatchEvent> parse_batch_event(std::string_view line) {
  try {
    return event_of(Json::parse(line));
  } catch (const std::exception& problem) {
    return tl::unexpected(
        Error{ErrorKind::invalid_input, fmt::format("read a batch event: {}", problem.what())});
  }
}

}  // namespace reelmill
