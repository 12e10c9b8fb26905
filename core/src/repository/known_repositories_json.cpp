#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/json_text.h"
#include "base/strict_json.h"
#include "pressroom/error.h"
#include "repository/known_repositories.h"
#include "repository/repository_index.h"
#include "repository/repository_source.h"

namespace pressroom {
namespace {

const JsonRules& list_rules() {
  static const JsonRules rules = {"the list of repositories", std::size_t{4} << 20,
                                  5,  // what a repository has withdrawn
                                  "remove the file, and add the repositories again",
                                  "remove repositories that nobody uses"};
  return rules;
}

[[noreturn]] void refuse_in_list(const std::string& place, const std::string& what,
                                 const std::string& expected, const std::string& got) {
  throw Error({what, place, expected, got, list_rules().fix});
}

bool is_repository_name(const std::string& name) {
  constexpr std::size_t kLongest = 64;
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= kLongest && is_plain(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_plain(c) || c == '.' || c == '_' || c == '-'; });
}

void check_known_repository(const KnownRepository& known, const std::string& where) {
  if (!is_repository_name(known.name)) {
    throw Error({"the repository's name cannot be used", where,
                 "at most 64 lower-case letters, digits and \".\", \"_\", \"-\", starting with a "
                 "letter or a digit",
                 '"' + known.name.substr(0, 100) + '"', "choose another name"});
  }
  const std::string place = where + ": " + known.name;
  if (normal_location(known.location) != known.location) {
    refuse_in_list(place, "the location is not spelled as it should be",
                   normal_location(known.location), known.location);
  }
  if (known.keys.empty() || known.keys.size() > kMostIndexedKeys) {
    refuse_in_list(place, "a repository is trusted by its keys",
                   "1 to " + std::to_string(kMostIndexedKeys) + " keys",
                   std::to_string(known.keys.size()));
  }
  std::set<std::string> lines;
  for (const PublicKey& key : known.keys) {
    if (!lines.insert(key.line()).second) {
      refuse_in_list(place, "a key is there twice", "every key once", key.line());
    }
  }
  if (known.serial < 0 || known.serial > kHighestSerial) {
    refuse_in_list(place, "the serial number is out of range",
                   "0 to " + std::to_string(kHighestSerial), std::to_string(known.serial));
  }
  check_indexed_keys(known.withdrawn, place);
}

void check_known_repositories(const std::vector<KnownRepository>& known, const std::string& where) {
  std::set<std::string> names;
  for (const KnownRepository& one : known) {
    check_known_repository(one, where);
    if (!names.insert(one.name).second) {
      refuse_in_list(where, "a name is there twice", "every name once", one.name);
    }
  }
}

KnownRepository known_repository_of(const StrictObject& object) {
  object.allow_keys({"name", "location", "keys", "serial", "withdrawn"});
  KnownRepository known;
  known.name = object.text("name");
  known.location = object.text("location");
  for (const std::string& line : object.texts("keys")) {
    known.keys.push_back(PublicKey::parse(line, "a key of " + known.name));
  }
  known.serial = object.whole_number("serial");
  if (object.has("withdrawn")) known.withdrawn = indexed_keys_of(object, "withdrawn");
  return known;
}

}  // namespace

std::string known_repositories_text(const std::vector<KnownRepository>& known,
                                    const std::string& where) {
  check_known_repositories(known, where);
  nlohmann::ordered_json json = {{"schema", kRepositoriesSchema},
                                 {"repositories", nlohmann::ordered_json::array()}};
  std::vector<const KnownRepository*> sorted;
  sorted.reserve(known.size());
  for (const KnownRepository& one : known) sorted.push_back(&one);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->name < b->name; });
  for (const KnownRepository* one : sorted) {
    nlohmann::ordered_json entry = {{"name", one->name}, {"location", one->location}};
    entry["keys"] = nlohmann::ordered_json::array();
    for (const PublicKey& key : one->keys) entry["keys"].push_back(key.line());
    entry["serial"] = one->serial;
    if (!one->withdrawn.empty()) entry["withdrawn"] = indexed_keys_json(one->withdrawn);
    json["repositories"].push_back(std::move(entry));
  }
  std::string text = json_text(json);
  refuse_long_json(text, list_rules(), where);
  return text;
}

std::vector<KnownRepository> parse_known_repositories(std::string_view text,
                                                      const std::string& where) {
  const nlohmann::json json = parse_strict_json(text, list_rules(), where);
  const StrictObject object(json, list_rules(), where);
  // First: of another version, every key may be another.
  if (object.text("schema") != kRepositoriesSchema) {
    object.refuse("schema", "the list of repositories is of another version of the format",
                  kRepositoriesSchema, "update Pressroom, or set PRESSROOM_HOME to another folder");
  }
  object.allow_keys({"schema", "repositories"});
  std::vector<KnownRepository> known;
  for (const StrictObject& one : object.objects("repositories")) {
    known.push_back(known_repository_of(one));
  }
  check_known_repositories(known, where);
  std::sort(known.begin(), known.end(),
            [](const KnownRepository& a, const KnownRepository& b) { return a.name < b.name; });
  return known;
}

}  // namespace pressroom
