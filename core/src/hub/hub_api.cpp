#include "hub/hub_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "hub/hub_listing.h"
#include "hub/hub_refusal.h"
#include "hub/url.h"

namespace pressroom {
namespace {

using Json = nlohmann::json;

void add_names(const Json& list, const char* key, std::vector<std::string>& names) {
  if (!list.is_array()) return;
  for (const Json& entry : list) {
    const auto name = entry.is_object() ? entry.find(key) : entry.end();
    if (name == entry.end() || !name->is_string()) continue;
    // What a server sends must not reach a terminal as control characters.
    const auto text = name->get<std::string>();
    if (std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; })) {
      names.push_back(text);
    }
  }
}

std::optional<std::int64_t> parse_size(const std::string& text) {
  if (text.empty() || text.size() > 18 ||
      text.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  return std::stoll(text);
}

// The JSON of `url`; null where there is none to be had, for what is only asked to be helpful.
Json json_or_null(HttpClient& client, const std::string& url) {
  try {
    const HttpAnswer answer = client.get(url);
    if (answer.status != 200) return nullptr;
    Json json = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
    return json.is_discarded() ? Json(nullptr) : json;
  } catch (const Error&) {
    return nullptr;
  }
}

}  // namespace

HubApi::HubApi(const HubSettings& settings, HttpClient& client)
    : settings_(settings), client_(client) {}

HubListing HubApi::list(const HubName& name) {
  const std::string url = settings_.endpoint + "/api/models/" +
                          url_encoded(name.repository, /*keep_slashes=*/true) + "/revision/" +
                          url_encoded(name.revision, /*keep_slashes=*/false) + "?blobs=true";
  const HttpAnswer answer = client_.get(url);
  if (answer.status != 200) throw refused(name, answer);
  return parse_listing(answer.body, shown_url(url));
}

void HubApi::look_up(const HubName& name, const std::string& commit, HubFile& file) {
  const std::string url = file_url(name, commit, file.name);
  const HttpAnswer answer = client_.head(url);
  if (answer.status >= 400) throw refused(name, answer, file.name);
  const std::string linked = answer.header("x-linked-etag");
  file.etag = parse_etag(linked.empty() ? answer.header("etag") : linked, shown_url(url));
  const std::string size = answer.header("x-linked-size");
  // The length of an answer that only leads elsewhere is its own.
  file.size =
      parse_size(size.empty() && answer.status == 200 ? answer.header("content-length") : size);
}

std::string HubApi::file_url(const HubName& name, const std::string& commit,
                             const std::string& file) const {
  return settings_.endpoint + "/" + url_encoded(name.repository, /*keep_slashes=*/true) +
         "/resolve/" + commit + "/" + url_encoded(file, /*keep_slashes=*/true);
}

Error HubApi::refused(const HubName& name, const HttpAnswer& answer, const std::string& file) {
  const Refusal refusal = refusal_of(answer, !settings_.token.value.empty(), !file.empty());
  std::vector<std::string> similar;
  if (refusal == Refusal::kNoModel) similar = similar_models(name.repository);
  if (refusal == Refusal::kNoRevision) similar = revisions(name.repository);
  return Error(refusal_problem(refusal, answer, settings_, name, file, similar));
}

std::vector<std::string> HubApi::similar_models(const std::string& repository) {
  const std::string word = repository.substr(repository.find('/') + 1);
  std::vector<std::string> names;
  add_names(json_or_null(client_, settings_.endpoint + "/api/models?limit=50&search=" +
                                      url_encoded(word, /*keep_slashes=*/false)),
            "id", names);
  return names;
}

std::vector<std::string> HubApi::revisions(const std::string& repository) {
  const Json refs =
      json_or_null(client_, settings_.endpoint + "/api/models/" +
                                url_encoded(repository, /*keep_slashes=*/true) + "/refs");
  std::vector<std::string> names;
  if (!refs.is_object()) return names;
  for (const char* kind : {"branches", "tags"}) {
    if (refs.contains(kind)) add_names(refs[kind], "name", names);
  }
  return names;
}

}  // namespace pressroom
