#include "hub/hub_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/strings.h"

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
    // What is thrown on a request to stop is no Error, and goes on to the caller.
    return nullptr;
  }
}

constexpr std::size_t kMostWordsListed = 8;

std::string first_of(std::vector<std::string> words) {
  const bool are_more = words.size() > kMostWordsListed;
  words.resize(std::min(words.size(), kMostWordsListed));
  return joined(words) + (are_more ? ", ..." : "");
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& names) {
  const std::string near = closest_match(word, names);
  return near.empty() || near == word ? "" : "did you mean \"" + near + "\"? ";
}

std::string token_advice(const HubSettings& settings) {
  return settings.token.value.empty() ? "set HF_TOKEN to an access token of your account (" +
                                            shown_url(settings.endpoint) + "/settings/tokens)"
                                      : "the token of " + settings.token.source +
                                            " must belong to an account that may read it";
}

// Why the hub refuses. It hides what a visitor may not know of: without a token, a model that does
// not exist looks like a private one.
enum class Refusal { kNoModel, kNoRevision, kNoFile, kGated, kBadToken, kForbidden, kOther };

Refusal refusal_of(const HttpAnswer& answer, bool with_token, bool of_file) {
  const std::string code = answer.header("x-error-code");
  // The code before the status: one status stands for several of these.
  if (code == "GatedRepo") return Refusal::kGated;
  if (code == "RevisionNotFound") return Refusal::kNoRevision;
  if (code == "EntryNotFound") return Refusal::kNoFile;
  if (code == "RepoNotFound") return Refusal::kNoModel;
  if (answer.status == 401) return with_token ? Refusal::kBadToken : Refusal::kNoModel;
  if (answer.status == 403) return Refusal::kForbidden;
  if (answer.status == 404) return of_file ? Refusal::kNoFile : Refusal::kNoModel;
  return Refusal::kOther;
}

// The message for it. `similar` are names that might have been meant: models, or revisions, best
// first or in any order.
Problem refusal_problem(Refusal refusal, const HttpAnswer& answer, const HubSettings& settings,
                        const HubName& name, const std::string& file,
                        const std::vector<std::string>& similar) {
  const std::string page = shown_url(settings.endpoint) + "/" + name.repository;
  const std::string status = "status " + std::to_string(answer.status);
  switch (refusal) {
    case Refusal::kNoModel:
      return {"the hub has no such model, or it is private", page,
              "OWNER/NAME, as at the top of the model's page", status,
              did_you_mean(name.repository, similar) + "check the name; for a private model, " +
                  token_advice(settings)};
    case Refusal::kNoRevision:
      return {"the model has no such revision", page,
              similar.empty() ? "a branch, a tag or a commit" : first_of(similar),
              name.revision + " (" + status + ")",
              did_you_mean(name.revision, similar) + "leave out @REVISION for the newest"};
    case Refusal::kNoFile:
      return {"the hub has no such file", page + ": " + file, "a file of the repository", status,
              "run the same command again; if it stays so, the repository or mirror is incomplete"};
    case Refusal::kGated:
      return {"the model is gated: its owner lets in those who accept a licence", page,
              "an account that has access", status,
              "accept the licence on the model's page; then " + token_advice(settings)};
    case Refusal::kBadToken:
      return {"the hub does not accept the token", page, "a valid access token", status,
              "the token of " + settings.token.source +
                  " may be mistyped or expired: make a new one (" + shown_url(settings.endpoint) +
                  "/settings/tokens), or remove it for public models"};
    case Refusal::kForbidden:
      return {
          "the hub does not let you read the model", page, "an account that has access", status,
          "accept the licence on the model's page if there is one; then " + token_advice(settings)};
    case Refusal::kOther:
      break;
  }
  return {"the hub answered with what it should not", page, "status 200", status,
          "check HF_ENDPOINT: is it the hub, or a mirror of it?"};
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
