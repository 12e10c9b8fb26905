#include "hub/hub_listing.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using Json = nlohmann::json;

constexpr char kFix[] = "check HF_ENDPOINT: is it the hub, or a mirror of it?";

bool is_hex(const std::string& text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void check_name(const std::string& name, const std::string& url) {
  const std::filesystem::path path(name);
  const bool plain = std::none_of(
      name.begin(), name.end(), [](unsigned char c) { return c < ' ' || c == 0x7f || c == '\\'; });
  const bool inside = std::none_of(path.begin(), path.end(), [](const std::filesystem::path& part) {
    return part.empty() || part == "." || part == "..";
  });
  // A path's parts do not show a doubled "/": two names would be one file.
  if (!name.empty() && plain && inside && path.is_relative() && name.find("//") == name.npos)
    return;
  throw Error({"the repository has a file whose name leads out of it", url,
               "names such as config.json or onnx/model.json",
               Json(name).dump(-1, ' ', true, Json::error_handler_t::replace),
               "do not use this repository"});
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

HubFile parse_file(const Json& entry, const std::string& url) {
  HubFile file;
  file.name = entry.at("rfilename").get<std::string>();
  check_name(file.name, url);
  const auto lfs = entry.find("lfs");
  const bool is_large = lfs != entry.end() && lfs->is_object();
  // The blobId of a large file is that of the pointer that git holds in its place.
  const Json& facts = is_large ? *lfs : entry;
  const std::string etag = text_of(facts, is_large ? "sha256" : "blobId");
  // Of another form it stays empty, and the pull asks for the file by itself.
  if (is_hex(etag, is_large ? 64 : 40)) file.etag = etag;
  const auto size = facts.find("size");
  if (size != facts.end() && size->is_number_unsigned()) file.size = size->get<std::int64_t>();
  // From 2^63 on it has wrapped.
  if (file.size && *file.size < 0) file.size.reset();
  return file;
}

}  // namespace

HubListing parse_listing(const std::string& json, const std::string& url) {
  HubListing listing;
  try {
    const Json answer = Json::parse(json);
    listing.commit = answer.at("sha").get<std::string>();
    for (const Json& entry : answer.at("siblings")) listing.files.push_back(parse_file(entry, url));
  } catch (const Json::exception& error) {
    throw Error({"the hub's answer cannot be understood", url, "JSON with \"sha\" and \"siblings\"",
                 error.what(), kFix});
  }
  if (!is_hex(listing.commit, 40)) {
    throw Error({"the hub's answer cannot be understood", url, "a commit of 40 hex digits",
                 Json(listing.commit).dump(), kFix});
  }
  std::sort(listing.files.begin(), listing.files.end(),
            [](const HubFile& a, const HubFile& b) { return a.name < b.name; });
  return listing;
}

std::string parse_etag(const std::string& header, const std::string& url) {
  std::string etag = header.rfind("W/", 0) == 0 ? header.substr(2) : header;
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  const bool plain = std::all_of(etag.begin(), etag.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  if (plain && !etag.empty() && etag.size() <= 128) return etag;
  throw Error({"the hub names no hash of the file", url, "an ETag header of hex digits",
               header.empty() ? "none" : "something else", kFix});
}

namespace {

constexpr const char* kSideFiles[] = {"config.json", "generation_config.json", "tokenizer.json",
                                      "tokenizer_config.json", "special_tokens_map.json"};
constexpr char kIndex[] = "model.safetensors.index.json";
constexpr char kOneFile[] = "model.safetensors";
constexpr std::size_t kMostFilesListed = 20;

using Files = std::vector<HubFile>;

const HubFile* find(const Files& files, const std::string& name) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const HubFile& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

template <typename Predicate>
Files those(const Files& files, Predicate fits) {
  Files chosen;
  std::copy_if(files.begin(), files.end(), std::back_inserter(chosen), fits);
  return chosen;
}

std::string names_of(const Files& files) {
  std::string text;
  for (std::size_t i = 0; i < files.size() && i < kMostFilesListed; ++i) {
    text += (i == 0 ? "" : ", ") + files[i].name;
  }
  if (files.size() > kMostFilesListed) text += ", ...";
  return text.empty() ? "no files" : text;
}

bool is_top_level(const HubFile& file) { return file.name.find('/') == std::string::npos; }

Files weights_of(const Files& files) {
  // Before an index, as model_in (model/model_files.cpp) chooses when it opens the snapshot.
  if (const HubFile* one = find(files, kOneFile)) return {*one};
  Files weights = those(files, [](const HubFile& file) {
    return is_top_level(file) && ends_with(file.name, ".safetensors");
  });
  const HubFile* index = find(files, kIndex);
  if (index == nullptr) return weights;
  // Beside the shards some repositories hold the same weights in their authors' own layout.
  Files shards =
      those(weights, [](const HubFile& file) { return file.name.rfind("model", 0) == 0; });
  if (!shards.empty()) weights = shards;
  if (!weights.empty()) weights.push_back(*index);
  return weights;
}

Files only_gguf(const Files& gguf, const HubName& name) {
  if (gguf.size() == 1) return gguf;
  throw Error({"the repository has several GGUF files", name.text(), "the name of one",
               names_of(gguf), "pressroom pull " + name.text() + " --file " + gguf.front().name});
}

[[noreturn]] void fail_without_weights(const Files& files, const HubName& name) {
  const Files pickled = those(files, [](const HubFile& file) {
    return ends_with(file.name, ".bin") || ends_with(file.name, ".pt") ||
           ends_with(file.name, ".pth");
  });
  const std::string expected = "*.safetensors or *.gguf";
  if (pickled.empty()) {
    throw Error({"the repository has no weights that can be read", name.text(), expected,
                 names_of(files), "look for another repository of the same model"});
  }
  throw Error(
      {"the model's weights are there only as pickles, which can run code when they are read",
       name.text(), expected, names_of(pickled),
       "try a converted revision (often @refs/pr/1: see the model's Community page); or load "
       "it with transformers, save_pretrained(DIR, safe_serialization=True), and name DIR"});
}

Files asked_for(const Files& files, const HubName& name, const std::vector<std::string>& wanted) {
  Files chosen;
  std::vector<std::string> names;
  for (const HubFile& file : files) names.push_back(file.name);
  for (const std::string& word : wanted) {
    if (const HubFile* file = find(files, word)) {
      chosen.push_back(*file);
      continue;
    }
    const Files gguf = those(files, [](const HubFile& f) { return ends_with(f.name, ".gguf"); });
    const std::string near = closest_match(word, names);
    throw Error({"the repository has no such file", name.text(),
                 names_of(gguf.empty() ? files : gguf), word,
                 near.empty() ? "" : "did you mean \"" + near + "\"?"});
  }
  return chosen;
}

}  // namespace

Files choose_files(const HubListing& listing, const HubName& name,
                   const std::vector<std::string>& wanted) {
  const Files& files = listing.files;
  if (!wanted.empty()) return asked_for(files, name, wanted);
  Files chosen = weights_of(files);
  if (chosen.empty()) {
    const Files gguf =
        those(files, [](const HubFile& file) { return ends_with(file.name, ".gguf"); });
    if (!gguf.empty()) return only_gguf(gguf, name);
    fail_without_weights(files, name);
  }
  if (find(files, "config.json") == nullptr) {
    throw Error({"the repository has weights but no config.json", name.text(),
                 "a whole model in the transformers format", names_of(files),
                 "an adapter or a part of a model cannot be run: look for the merged model"});
  }
  for (const char* side_file : kSideFiles) {
    if (const HubFile* file = find(files, side_file)) chosen.push_back(*file);
  }
  std::sort(chosen.begin(), chosen.end(),
            [](const HubFile& a, const HubFile& b) { return a.name < b.name; });
  return chosen;
}

}  // namespace pressroom
