#include "hub/hub_listing.h"

#include <algorithm>
#include <nlohmann/json.hpp>

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
  const Json& facts = is_large ? *lfs : entry;
  const std::string etag = text_of(facts, is_large ? "sha256" : "blobId");
  if (is_hex(etag, is_large ? 64 : 40)) file.etag = etag;
  const auto size = facts.find("size");
  if (size != facts.end() && size->is_number_unsigned()) file.size = size->get<std::int64_t>();
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

}  // namespace pressroom
