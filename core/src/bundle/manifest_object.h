// The JSON of a bundle's manifest, read strictly: every value is asked for by key and type, and
// what is wrong is an Error that names the place.
//
//   const nlohmann::json json = parse_manifest_json(text, where);
//   const ManifestObject object(json, where, "");
//   object.allow_keys({"name", "files"});            // others are refused, with a suggestion
//   object.objects("files")[3].text("sha256");       // "...: files[3].sha256: ..."
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

// Throws Error for a text above the size of manifests (bundle_manifest.h).
void refuse_long_manifest(std::string_view text, const std::string& where);

// Throws Error for a text that is too long, nested too deep for a manifest, no JSON, or has a key
// twice in one object: programs differ in which of the two they take.
nlohmann::json parse_manifest_json(std::string_view text, const std::string& where);

// One object of the manifest, which it borrows. `where` says which manifest it is, `place` where in
// it the object stands: "" for the whole, "files[3]".
class ManifestObject {
 public:
  // Throws Error where `json` is no object.
  ManifestObject(const nlohmann::json& json, std::string where, std::string place);

  // Throws Error for a key that is not one of `keys`.
  void allow_keys(const std::vector<std::string>& keys) const;

  bool has(const std::string& key) const;

  // Each throws Error where the key is missing or its value is of another type.
  std::string text(const std::string& key) const;
  bool flag(const std::string& key) const;
  std::int64_t whole_number(const std::string& key) const;  // of any sign
  std::vector<std::string> texts(const std::string& key) const;
  ManifestObject object(const std::string& key) const;
  std::vector<ManifestObject> objects(const std::string& key) const;

  // Throws the Error about the value of `key`, which it quotes.
  [[noreturn]] void refuse(const std::string& key, const std::string& what,
                           const std::string& expected, const std::string& fix = "") const;

 private:
  const nlohmann::json& value(const std::string& key) const;
  [[noreturn]] void refuse_type(const std::string& key, const std::string& expected) const;
  std::string place_of(const std::string& key) const;

  const nlohmann::json& json_;
  std::string where_;
  std::string place_;
};

}  // namespace pressroom
