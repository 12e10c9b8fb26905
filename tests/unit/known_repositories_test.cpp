// The list of known repositories: who is trusted, and what is never forgotten.
#include "repository/known_repositories.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "../tools/schema_check.h"
#include "bundle_test_support.h"
#include "repository/repository_index.h"
#include "repository/repository_source.h"
#include "scratch_folder.h"
#include "test_folders.h"
#include "text_search.h"

namespace pressroom::known_repositories_test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

PublicKey some_key(unsigned char number) {
  PublicKey key;
  key.id[0] = number;
  key.key[0] = number;
  return key;
}

KnownRepository lab() { return {"lab", "/srv/presses", {some_key(1)}, 0, {}}; }

std::vector<std::string> errors_by_schema(const std::string& text) {
  return schema_errors(test_dir() / "../docs/schemas/known_repositories.schema.json", text);
}

TEST(KnownRepositories, AreNoneWhereNothingWasAdded) {
  const ScratchFolder home;
  EXPECT_TRUE(known_repositories(home.path()).empty());
  EXPECT_TRUE(known_repositories(home.path() / "not there").empty());
}

TEST(KnownRepositories, AreAddedAndRemoved) {
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "a/home";
  add_repository(home, {"web", "https://presses.example/a", {some_key(2)}, 0, {}});
  add_repository(home, lab());
  const std::vector<KnownRepository> known = known_repositories(home);
  ASSERT_EQ(known.size(), 2U);
  EXPECT_EQ(known[0].name, "lab");
  EXPECT_EQ(known[0].location, "/srv/presses");
  EXPECT_EQ(known[0].keys, std::vector<PublicKey>{some_key(1)});
  EXPECT_EQ(find_repository(known, "web").location, "https://presses.example/a");
  EXPECT_EQ(find_repository(known, "/srv/../srv/presses/").name, "lab");
  EXPECT_EQ(find_repository(known, "https://presses.example/a/").name, "web");
  EXPECT_TRUE(remove_repository(home, "lab"));
  EXPECT_FALSE(remove_repository(home, "lab"));
  EXPECT_EQ(known_repositories(home).size(), 1U);
}

TEST(KnownRepositories, AreSuggestedWhereOneIsMisspelled) {
  const std::vector<KnownRepository> known = {lab()};
  const Problem problem = bundle_problem([&] { find_repository(known, "lap"); });
  EXPECT_EQ(problem.what, "the repository is not known");
  EXPECT_EQ(problem.fix, "did you mean \"lab\"?");
  EXPECT_EQ(bundle_problem([&] { find_repository(known, "/srv/presse"); }).fix,
            "did you mean \"/srv/presses\"?");
  EXPECT_TRUE(has(bundle_problem([&] { find_repository({}, "x"); }).fix, "pressroom repo add"));
}

TEST(KnownRepositories, GetNewKeysWhenTheyAreAddedAgain) {
  const ScratchFolder home;
  add_repository(home.path(), lab());
  KnownRepository again = lab();
  again.keys = {some_key(1), some_key(2)};
  add_repository(home.path(), again);
  EXPECT_EQ(known_repositories(home.path())[0].keys, again.keys);
}

TEST(KnownRepositories, AreRefusedInWordsOfTheirOwn) {
  const ScratchFolder home;
  add_repository(home.path(), lab());
  note_serial(home.path(), "lab", 1, {{some_key(9), "C", {}, true}});
  const auto with = [](auto change) {
    KnownRepository repository = lab();
    change(repository);
    return repository;
  };
  const std::pair<KnownRepository, const char*> cases[] = {
      {with([](auto& r) { r.location = "/srv/other"; }), "the name is that of another repository"},
      {with([](auto& r) { r.name = "other"; }), "the repository is known by another name"},
      {with([](auto& r) { r.name = "Lab"; }), "the repository's name cannot be used"},
      {with([](auto& r) { r.name = ""; }), "the repository's name cannot be used"},
      {with([](auto& r) { r.name = "../x"; }), "the repository's name cannot be used"},
      {with([](auto& r) { r.name = std::string(65, 'a'); }),
       "the repository's name cannot be used"},
      {with([](auto& r) { r.location = "/srv/presses/"; }),
       "the location is not spelled as it should be"},
      {with([](auto& r) { r.location = "srv"; }), "the location is not spelled as it should be"},
      {with([](auto& r) { r.location = "http://presses.example"; }),
       "the address is not encrypted, and is not of this machine"},
      {with([](auto& r) { r.keys.clear(); }), "a repository is trusted by its keys"},
      {with([](auto& r) { r.keys.push_back(r.keys[0]); }), "a key is there twice"},
      {with([](auto& r) { r.keys.push_back(some_key(9)); }), "the key was revoked"},
      {with([](auto& r) { r.serial = -1; }), "the serial number is out of range"}};
  const std::string before = read_file(home.path() / "repositories.json");
  for (const auto& [repository, what] : cases) {
    EXPECT_EQ(bundle_problem([&, r = repository] { add_repository(home.path(), r); }).what, what);
  }
  EXPECT_EQ(read_file(home.path() / "repositories.json"), before);
}

TEST(KnownRepositories, KeepTheHighestSerialNumber) {
  const ScratchFolder home;
  add_repository(home.path(), lab());
  for (const auto& [noted, kept] : {std::pair{5, 5}, {3, 5}, {5, 5}, {7, 7}}) {
    note_serial(home.path(), "lab", noted);
    EXPECT_EQ(known_repositories(home.path())[0].serial, kept);
  }
  note_serial(home.path(), "not known", 9);
  note_serial(home.path() / "not there", "lab", 9);
  EXPECT_FALSE(fs::exists(home.path() / "not there"));
  EXPECT_EQ(known_repositories(home.path()).size(), 1U);
}

TEST(KnownRepositories, RememberWhatWasWithdrawn) {
  const ScratchFolder home;
  add_repository(home.path(), lab());
  const auto withdrawn = [&](unsigned char number) {
    const std::vector<KnownRepository> known = known_repositories(home.path());
    const IndexedKey* const key = find_key(known[0].withdrawn, some_key(number));
    return key == nullptr ? "" : key->revoked ? "revoked" : key->expires->text();
  };
  // A pinned key's expiry is as the newest index has it, and is not lost where that is silent.
  note_serial(home.path(), "lab", 1, {{some_key(1), "A", UtcTime{0}, false}});
  EXPECT_EQ(withdrawn(1), "1970-01-01T00:00:00Z");
  note_serial(home.path(), "lab", 2, {{some_key(1), "A", UtcTime{1}, false}});
  EXPECT_EQ(withdrawn(1), "1970-01-01T00:00:01Z");
  note_serial(home.path(), "lab", 1, {{some_key(1), "A", UtcTime{2}, false}});
  note_serial(home.path(), "lab", 3, {});
  EXPECT_EQ(withdrawn(1), "1970-01-01T00:00:01Z");
  note_serial(home.path(), "lab", 3, {{some_key(1), "A", {}, false}});
  EXPECT_EQ(withdrawn(1), "");
  // Revoked is for good, of keys that are not pinned, too.
  for (const unsigned char number : {1, 2}) {
    note_serial(home.path(), "lab", 4, {{some_key(number), "A", {}, true}});
    note_serial(home.path(), "lab", 4, {{some_key(number), "A", {}, false}});
    EXPECT_EQ(withdrawn(number), "revoked");
  }
  note_serial(home.path(), "lab", 5, {{some_key(3), "A", UtcTime{1}, false}});
  EXPECT_EQ(withdrawn(3), "");
}

TEST(KnownRepositories, NeverGrowBeyondWhatCanBeReadAgain) {
  const ScratchFolder home;
  add_repository(home.path(), lab());
  for (int round = 0; round < 3; ++round) {
    std::vector<IndexedKey> keys;
    for (int i = 0; i < 900; ++i) {
      PublicKey key = some_key(2);
      key.key[1] = static_cast<unsigned char>(round);
      key.key[2] = static_cast<unsigned char>(i % 256);
      key.key[3] = static_cast<unsigned char>(i / 256);
      keys.push_back({key, "", {}, true});
    }
    note_serial(home.path(), "lab", round + 1, keys);
  }
  const std::vector<KnownRepository> known = known_repositories(home.path());
  EXPECT_EQ(known[0].serial, 3);
  EXPECT_LE(known[0].withdrawn.size(), kMostIndexedKeys);
}

TEST(KnownRepositories, AreAFileAsItsSchemaSays) {
  KnownRepository full = lab();
  full.serial = 12;
  full.withdrawn = {{some_key(1), "A", UtcTime{0}, false}, {some_key(2), "", {}, true}};
  const std::string text = known_repositories_text(
      {full, {"a.b-c_1", "https://presses.example:8443/a", {some_key(3)}, 0, {}}}, "k");
  EXPECT_EQ(errors_by_schema(text), std::vector<std::string>());
  EXPECT_EQ(known_repositories_text(parse_known_repositories(text, "k"), "k"), text);
  const struct {
    const char* pointer;
    Json value;
    const char* what;
    bool schema_refuses = true;
  } cases[] = {
      {"/schema", "pressroom.repositories/2",
       "the list of repositories is of another version of the format"},
      {"/repositories", 1, "the list of repositories cannot be read"},
      {"/repositories/1/name", "a/b", "the repository's name cannot be used"},
      {"/repositories/1/name", "a.b-c_1", "a name is there twice", false},
      {"/repositories/1/location", "ftp://x", "this is no web address"},
      {"/repositories/1/location", "presses", "the location is not spelled as it should be"},
      {"/repositories/1/keys", Json::array(), "a repository is trusted by its keys"},
      {"/repositories/1/keys/0", "RW", "this is not a public key"},
      {"/repositories/1/serial", "1", "the list of repositories cannot be read"},
      {"/repositories/1/serial", 9007199254740992, "the serial number is out of range"},
      {"/repositories/1/withdrawn/0/expires", "x", "this is no moment"},
      {"/repositories/1/trusted", true, "unknown key \"trusted\""},
      {"/known", true, "unknown key \"known\""}};
  for (const auto& a_case : cases) {
    Json json = Json::parse(text);
    json[Json::json_pointer(a_case.pointer)] = a_case.value;
    EXPECT_EQ(bundle_problem([&] { parse_known_repositories(json.dump(), "k"); }).what, a_case.what)
        << a_case.pointer;
    EXPECT_EQ(!errors_by_schema(json.dump()).empty(), a_case.schema_refuses) << a_case.pointer;
  }
}

TEST(KnownRepositories, AreNotReadFromJustAnyFile) {
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  add_repository(home, lab());
  const fs::path file = home / "repositories.json";
  ASSERT_EQ(::chmod(file.c_str(), 0646), 0);
  EXPECT_EQ(bundle_problem([&] { known_repositories(home); }).what,
            "anyone may change whom this user trusts");
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  fs::rename(file, scratch.path() / "elsewhere");
  fs::create_symlink(scratch.path() / "elsewhere", file);
  const Problem problem = bundle_problem([&] { known_repositories(home); });
  EXPECT_EQ(problem.what, "the list of repositories is no file");
  EXPECT_EQ(problem.got, "a link");
  fs::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  EXPECT_EQ(bundle_problem([&] { known_repositories(home); }).got, "a pipe");
  fs::remove(file);
  write_file(file, "{");
  EXPECT_EQ(bundle_problem([&] { known_repositories(home); }).what,
            "the list of repositories cannot be read");
  fs::resize_file(file, 5 << 20);
  EXPECT_EQ(bundle_problem([&] { known_repositories(home); }).what,
            "the list of repositories is too long");
}

TEST(KnownRepositories, LoseNothingWhenManyProcessesAddAtOnce) {
  const ScratchFolder home;
  constexpr int kProcesses = 4;
  constexpr int kEach = 10;
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int i = 0; i < kEach; ++i) {
        const std::string name = std::to_string(process) + "-" + std::to_string(i);
        add_repository(home.path(), {name, "/srv/" + name, {some_key(1)}, 0, {}});
        note_serial(home.path(), name, i + 1);
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const std::vector<KnownRepository> known = known_repositories(home.path());
  ASSERT_EQ(known.size(), std::size_t{kProcesses * kEach});
  for (const KnownRepository& one : known) {
    EXPECT_EQ(one.serial, std::stoi(one.name.substr(2)) + 1) << one.name;
  }
}

}  // namespace
}  // namespace pressroom::known_repositories_test
