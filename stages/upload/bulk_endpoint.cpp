// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/bulk_endpoint.h"

#include "stages/upload/bulk_answer.h"
#include "stages/upload/bulk_documents.h"

namespace reelmill {
namespace {

/// Room in the answer for what a service says of one document.
constexpr std::size_t kAnswerBytesEach = 16 << 10;

/// Statuses of the whole request that no document is to blame for.
bool speaks_of_endpoint(int status) {
  return status == 404 || status == 405 || status == 410 || status == 501 ||
         (status >= 300 && status < 400);
}

}  // namespace

BulkEndpoint::BulkEndpoint(HttpTargetOptions options, std::string index)
    : options_(std::move(options)), index_(std::move(index)), clients_(options_.ca_file) {}

std::vector<Result<CallOutcome>> BulkEndpoint::index(std::span<const CallItem> items,
                                                     const CallContext& context) {
  std::vector<Result<CallOutcome>> outcomes(items.size());
  std::vector<std::size_t> sent;
  std::vector<std::string> ids;
  std::string body;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto document = document_line(items[i]);
    if (!document) {
      outcomes[i] = fail(std::move(document).error());
      continue;
    }
    sent.push_back(i);
    ids.push_back(document_id(items[i]));
    body += action_line(index_, ids.back()) + "\n" + *document + "\n";
  }
  if (sent.empty()) return outcomes;
  const auto answers = post(std::move(body), ids, context);
  for (std::size_t k = 0; k < sent.size(); ++k) {
    auto& outcome = outcomes[sent[k]];
    if (!answers)
      outcome = fail(answers.error());
    else if (!(*answers)[k])
      outcome = fail((*answers)[k].error());
    else
      outcome = CallOutcome{items[sent[k]].bytes, name() + " " + ids[k]};
  }
  return outcomes;
}

Result<std::vector<Status>> BulkEndpoint::post(std::string body,
                                               const std::vector<std::string>& ids,
                                               const CallContext& context) {
  HttpRequest request;
  request.method = "POST";
  request.url = options_.prefix.address;
  request.shown_url = options_.prefix.shown;
  request.username = options_.username.empty() ? options_.prefix.username : options_.username;
  request.password = options_.password.empty() ? options_.prefix.password : options_.password;
  request.headers = {{"Content-Type", "application/x-ndjson"}};
  request.headers.insert(request.headers.end(), options_.headers.begin(), options_.headers.end());
  request.body = std::move(body);
  request.deadline = context.deadline;
  request.stop = context.stop;
  request.max_response_bytes = (1 << 20) + ids.size() * kAnswerBytesEach;
  const auto what = "POST " + options_.prefix.shown;
  auto client = clients_.take();
  auto response = client->send(request);
  clients_.give_back(std::move(client));
  if (!response) return fail(std::move(response).error());
  if (auto error = error_of_status(*response, what)) {
    error->message = without_hidden_path(std::move(error->message), options_.prefix);
    if (speaks_of_endpoint(response->status)) {
      error->kind = ErrorKind::denied;
      error->message += "; is `to` the address of a bulk endpoint, as http://host:9200/_bulk?";
    }
    return fail(std::move(*error));
  }
  return parse_bulk_answer(what, response->body, ids);
}

}  // namespace reelmill
