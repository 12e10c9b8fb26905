#include "hub/hub_refusal.h"

#include <algorithm>

#include "base/strings.h"
#include "hub/url.h"

namespace pressroom {
namespace {

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

}  // namespace

Refusal refusal_of(const HttpAnswer& answer, bool with_token, bool of_file) {
  const std::string code = answer.header("x-error-code");
  if (code == "GatedRepo") return Refusal::kGated;
  if (code == "RevisionNotFound") return Refusal::kNoRevision;
  if (code == "EntryNotFound") return Refusal::kNoFile;
  if (code == "RepoNotFound") return Refusal::kNoModel;
  if (answer.status == 401) return with_token ? Refusal::kBadToken : Refusal::kNoModel;
  if (answer.status == 403) return Refusal::kForbidden;
  if (answer.status == 404) return of_file ? Refusal::kNoFile : Refusal::kNoModel;
  return Refusal::kOther;
}

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

}  // namespace pressroom
