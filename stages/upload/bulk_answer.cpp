// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/bulk_answer.h"

#include "base/path_text.h"
#include "stages/api/service_json.h"

namespace reelmill {
namespace {

constexpr std::size_t kQuoted = 200;

/// What the service says of an error: a text, or `type` and `reason`.
std::string reason_of(const Json& error) {
  std::string text;
  if (error.is_string()) {
    text = error.get<std::string>();
  } else if (error.is_object()) {
    for (const char* key : {"type", "reason"})
      if (const auto found = error.find(key); found != error.end() && found->is_string())
        text += (text.empty() ? "" : ": ") + found->get<std::string>();
  }
  if (text.empty()) text = error.dump(-1, ' ', false, Json::error_handler_t::replace);
  return path_to_line(shortened(text, kQuoted));
}

ErrorKind kind_of(int status) {
  switch (status) {
    case 401:
    case 403:
    case 404:
      return ErrorKind::denied;
    case 408:
      return ErrorKind::timeout;
    case 429:
    case 503:
      return ErrorKind::throttled;
    default:
      return status >= 500 ? ErrorKind::unavailable : ErrorKind::invalid_input;
  }
}

/// Reads one answer; every nonsense becomes an error that names the field.
class Answer {
 public:
  Answer(const std::string& service, const std::vector<std::string>& ids)
      : service_(service), ids_(ids) {}

  Result<std::vector<Status>> read(const Json& json) const {
    if (!json.is_object()) return nonsense("is no object");
    if (const auto error = json.find("error"); error != json.end())
      return nonsense("status 200, and in 'error': {}", reason_of(*error));
    const auto errors = json.find("errors");
    if (errors == json.end() || !errors->is_boolean())
      return nonsense("'errors' is {}", found(json, errors));
    const auto items = json.find("items");
    if (items == json.end() || !items->is_array())
      return nonsense("'items' is {}", found(json, items));
    if (items->size() != ids_.size())
      return nonsense("'items' has {} entries for {} documents", items->size(), ids_.size());
    std::vector<Status> outcomes(ids_.size());
    if (!errors->get<bool>()) return outcomes;
    bool has_failed = false;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      REELMILL_ASSIGN(outcomes[i], read_item((*items)[i], i));
      has_failed = has_failed || !outcomes[i];
    }
    if (!has_failed) return nonsense("'errors' is true, but no item in 'items' failed");
    return outcomes;
  }

 private:
  Result<Status> read_item(const Json& item, std::size_t i) const {
    if (!item.is_object() || item.size() != 1 || !item.begin()->is_object())
      return nonsense("'items[{}]' is no action with its outcome", i);
    const auto& outcome = *item.begin();
    if (const auto id = outcome.find("_id"); id != outcome.end() && *id != ids_[i])
      return nonsense("'items[{}]._id' is {}, expected was \"{}\"", i, shown(*id), ids_[i]);
    const auto status = outcome.find("status");
    if (status == outcome.end() || !status->is_number_integer())
      return nonsense("'items[{}].status' is {}", i, found(outcome, status));
    const int number = status->get<int>();
    if (number >= 200 && number < 300) return Status{};
    const auto error = outcome.find("error");
    return Status(fail(kind_of(number), "{}: document {}: {}{}", service_, path_to_line(ids_[i]),
                       number, error == outcome.end() ? "" : " " + reason_of(*error)));
  }

  static std::string shown(const Json& json) {
    return path_to_line(
        shortened(json.dump(-1, ' ', false, Json::error_handler_t::replace), kQuoted));
  }
  static std::string found(const Json& in, Json::const_iterator field) {
    return field == in.end() ? "missing" : shown(*field);
  }
  template <class... Values>
  tl::unexpected<Error> nonsense(fmt::format_string<Values...> format, Values&&... values) const {
    return fail(ErrorKind::unavailable, "{}: the answer makes no sense: {}", service_,
                fmt::format(format, std::forward<Values>(values)...));
  }

  const std::string& service_;
  const std::vector<std::string>& ids_;
};

}  // namespace

Result<std::vector<Status>> parse_bulk_answer(const std::string& service, std::string_view answer,
                                              const std::vector<std::string>& ids) {
  const auto json = parse_service_json(answer);
  if (!json)
    return fail(ErrorKind::unavailable,
                "{}: the answer {}, or cut off after {} bytes; it begins with: {}", service,
                json.error().message, answer.size(), path_to_line(answer.substr(0, 80)));
  return Answer(service, ids).read(*json);
}

}  // namespace reelmill
