#include "fake_hub.h"

#include <openssl/sha.h>

#include <nlohmann/json.hpp>

#include "base/sha256.h"

namespace pressroom {
namespace {

using Json = nlohmann::json;

std::string hash_of(const FakeFile& file) {
  if (!file.claimed_hash.empty()) return file.claimed_hash;
  return file.is_large ? sha256_hex(file.content) : git_hash(file.content);
}

std::int64_t size_of(const FakeFile& file) {
  return file.claimed_size.value_or(static_cast<std::int64_t>(file.content.size()));
}

bool starts_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

}  // namespace

std::string git_hash(const std::string& content) {
  const std::string head = "blob " + std::to_string(content.size());
  const std::string whole = head + '\0' + content;
  unsigned char digest[SHA_DIGEST_LENGTH];
  ::SHA1(reinterpret_cast<const unsigned char*>(whole.data()), whole.size(), digest);
  std::string text;
  for (const unsigned char byte : digest) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xf];
  }
  return text;
}

HttpOptions hurried() {
  HttpOptions options;
  options.first_pause = std::chrono::milliseconds(0);
  return options;
}

FakeHub::FakeHub() : server_([this](const TestRequest& request) { return answer(request); }) {
  ::setenv("no_proxy", "127.0.0.1", /*overwrite=*/1);
  files["config.json"] = {"{\"model_type\": \"llama\"}\n", false, "", {}};
  files["tokenizer.json"] = {"{}", false, "", {}};
  files["model.safetensors"] = {std::string(5000, 'w') + "end", true, "", {}};
  files["README.md"] = {"read me", false, "", {}};
}

HubSettings FakeHub::settings(const std::string& token) const {
  HubSettings settings;
  settings.endpoint = server_.url();
  settings.token = {token, token.empty() ? "" : "HF_TOKEN"};
  settings.cache_root = root();
  return settings;
}

PullResult FakeHub::pull(PullObserver& observer, const std::string& name,
                         const std::vector<std::string>& wanted, const std::string& token) const {
  PullRequest request;
  request.name = parse_hub_name(name);
  request.files = wanted;
  return pressroom::pull(request, settings(token), observer, hurried());
}

PullResult FakeHub::pull(const std::string& name) const {
  PullObserver quiet;
  return pull(quiet, name);
}

int FakeHub::downloads() const {
  int count = 0;
  for (const TestRequest& request : server_.requests()) {
    if (request.method == "GET" && request.path.find("/resolve/") != std::string::npos) ++count;
  }
  return count;
}

TestAnswer FakeHub::answer(const TestRequest& request) const {
  if (instead) {
    if (const std::optional<TestAnswer> other = instead(request)) return *other;
  }
  const std::string api = "/api/models/" + repository;
  if (starts_with(request.path, "/api/models?")) {
    return {200, Json::array({{{"id", repository}}, {{"id", "else/other"}}}).dump(), {}, {}};
  }
  if (request.path == api + "/refs") {
    return {200, R"({"branches": [{"name": "main"}], "tags": [{"name": "v1.0"}]})", {}, {}};
  }
  if (starts_with(request.path, api + "/revision/")) {
    const std::string revision = request.path.substr((api + "/revision/").size());
    for (const std::string known : {"main", "v1.0", "refs%2Fpr%2F1", kCommit}) {
      if (revision == known + "?blobs=true") return listing();
    }
    return {404, "{}", {{"X-Error-Code", "RevisionNotFound"}}, {}};
  }
  const std::string resolve = "/" + repository + "/resolve/" + kCommit + "/";
  if (starts_with(request.path, resolve)) {
    return file(request, request.path.substr(resolve.size()));
  }
  return {404, "{}", {{"X-Error-Code", "RepoNotFound"}}, {}};
}

TestAnswer FakeHub::listing() const {
  Json siblings = Json::array();
  for (const auto& [name, file] : files) {
    Json entry = {{"rfilename", name}};
    if (lists_blobs) {
      entry["size"] = size_of(file);
      entry["blobId"] = hash_of(file);
      if (file.is_large) entry["lfs"] = {{"sha256", hash_of(file)}, {"size", size_of(file)}};
    }
    siblings.push_back(entry);
  }
  return {200, Json{{"sha", kCommit}, {"siblings", siblings}}.dump(), {}, {}};
}

TestAnswer FakeHub::file(const TestRequest& request, const std::string& name) const {
  const auto found = files.find(name);
  if (found == files.end()) return {404, "", {{"X-Error-Code", "EntryNotFound"}}, {}};
  const FakeFile& file = found->second;
  TestAnswer answer = ranged(request, file.content);
  if (file.is_large && !store_url.empty()) {
    answer = {302, "elsewhere", {{"Location", store_url + "/" + name + "?signature=x"}}, {}};
  }
  answer.headers["X-Repo-Commit"] = kCommit;
  if (file.is_large) {
    answer.headers["X-Linked-Etag"] = '"' + hash_of(file) + '"';
    answer.headers["X-Linked-Size"] = std::to_string(size_of(file));
  } else {
    answer.headers["ETag"] = "W/\"" + hash_of(file) + '"';
  }
  return answer;
}

}  // namespace pressroom
