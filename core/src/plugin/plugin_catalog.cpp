#include "plugin/plugin_catalog.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "base/strings.h"
#include "plugin/plugin_offers.h"
#include "plugin/plugin_reference.h"
#include "pressroom/parameters.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// Whether `asked` means `a` rather than `b`, both of which it may mean.
bool is_meant_before(const PluginRecord& a, const PluginRecord& b, const PluginReference& asked) {
  // What came with the harness, or was put into a folder, stays what its name means whatever
  // version of it somebody installs: results would change by themselves.
  if (asked.version.empty() && a.origin.has_value() != b.origin.has_value()) return !a.origin;
  const bool is_exact = a.version == asked.version;
  if (is_exact != (b.version == asked.version)) return is_exact;
  if (is_older_version(b.version, a.version)) return true;
  if (is_older_version(a.version, b.version)) return false;
  return !a.origin && b.origin;
}

bool may_be_meant(const PluginRecord& record, PluginKind kind, const PluginReference& asked) {
  return record.kind == kind && record.name == asked.name &&
         (asked.version.empty() || version_begins_with(record.version, asked.version));
}

}  // namespace

PluginCatalog::PluginCatalog(std::vector<fs::path> folders,
                             const std::vector<VouchedPlugin>& vouched)
    : folders_(std::move(folders)) {
  add_folders();
  add_vouched(vouched);
  const auto order = [](const PluginRecord& a, const PluginRecord& b) {
    if (std::tie(a.kind, a.name) != std::tie(b.kind, b.name)) {
      return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
    }
    return is_meant_before(a, b, {a.name, ""});
  };
  std::sort(records_.begin(), records_.end(), order);
}

void PluginCatalog::add_folders() {
  std::map<std::pair<PluginKind, std::string>, std::vector<PluginRecord>> offers;
  for (const fs::path& folder : folders_) {
    for (const fs::path& file : shared_objects(folder, refused_)) {
      try {
        PluginRecord record = read_manifest(file);
        std::vector<PluginRecord>& same_name = offers[{record.kind, record.name}];
        const bool seen =
            std::any_of(same_name.begin(), same_name.end(),
                        [&](const PluginRecord& other) { return same_file(other.file, file); });
        if (!seen) same_name.push_back(std::move(record));
      } catch (const Error& error) {
        refused_.insert(refused_.end(), error.problems().begin(), error.problems().end());
      }
    }
  }
  for (auto& [name, same_name] : offers) add_offers(std::move(same_name));
}

void PluginCatalog::add_vouched(const std::vector<VouchedPlugin>& vouched) {
  std::map<std::tuple<PluginKind, std::string, std::string>, std::vector<PluginRecord>> offers;
  for (const VouchedPlugin& plugin : vouched) {
    try {
      PluginRecord record = read_vouched(plugin);
      std::vector<PluginRecord>& same = offers[{plugin.kind, plugin.name, plugin.version}];
      const bool seen = std::any_of(same.begin(), same.end(), [&](const PluginRecord& other) {
        return same_file(other.file, plugin.file);
      });
      if (!seen) same.push_back(std::move(record));
    } catch (const Error& error) {
      refuse({record_of(plugin)}, error.problems().front(), true);
    }
  }
  for (auto& [name, same] : offers) add_offers(std::move(same));
}

void PluginCatalog::add_offers(std::vector<PluginRecord> offers) {
  if (offers.size() > 1) {
    const Problem problem = duplicate(offers);
    return refuse(std::move(offers), problem, true);
  }
  // A plugin in a folder that does not fit still holds its name: taking another file in its place
  // would give an answer to a question nobody asked. Of what is installed, several versions are
  // offered on purpose, and those that fit are the ones to choose from.
  if (const std::optional<Problem> problem = incompatibility(offers.front())) {
    const bool is_from_folder = !offers.front().origin;
    return refuse(std::move(offers), *problem, is_from_folder);
  }
  records_.push_back(std::move(offers.front()));
}

void PluginCatalog::refuse(std::vector<PluginRecord> offers, const Problem& problem, bool holds) {
  refused_.push_back(problem);
  for (PluginRecord& offer : offers) refusals_.push_back({std::move(offer), problem, holds});
}

const PluginRecord& PluginCatalog::find(PluginKind kind, const std::string& reference,
                                        const PluginHold* hold) const {
  const PluginReference asked = parse_plugin_reference(reference);
  const PluginRecord* meant = nullptr;
  const Problem* why_not = nullptr;
  const auto consider = [&](const PluginRecord& record, const Problem* problem) {
    if (!may_be_meant(record, kind, asked)) return;
    if (meant != nullptr && !is_meant_before(record, *meant, asked)) return;
    meant = &record;
    why_not = problem;
  };
  for (const PluginRecord& record : records_) {
    if (hold == nullptr || hold->records.count(&record) > 0) consider(record, nullptr);
  }
  if (hold != nullptr && meant == nullptr) {
    throw Error({quoted_label(kind, reference) + " is not one of the plugins that are locked",
                 hold->said_by.string(), "a plugin that is named there", reference,
                 "run the campaign without --locked: it is planned anew, with what is there"});
  }
  for (const Refusal& refusal : refusals_) {
    if (hold == nullptr && refusal.holds) consider(refusal.record, &refusal.problem);
  }
  if (why_not != nullptr) throw Error(*why_not);
  if (meant == nullptr) fail(kind, asked);
  return *meant;
}

void PluginCatalog::fail(PluginKind kind, const PluginReference& asked) const {
  for (const Refusal& refusal : refusals_) {
    if (may_be_meant(refusal.record, kind, asked)) throw Error(refusal.problem);
  }
  // A file too broken to say who it is has only its file name to go by.
  const std::string stem = std::string("pressroom_") + to_string(kind) + "_" + asked.name;
  for (const Problem& problem : refused_) {
    if (fs::path(problem.where).stem() == stem) throw Error(problem);
  }
  throw Error(unknown(kind, asked));
}

Problem PluginCatalog::unknown(PluginKind kind, const PluginReference& asked) const {
  const std::string word = to_string(kind);
  const std::string& name = asked.name;
  std::vector<std::string> known;
  std::vector<std::string> versions;
  std::string other_kind;
  for (const PluginRecord& record : records_) {
    if (record.kind == kind && record.name == name) versions.push_back(record.version);
    if (record.kind == kind && (known.empty() || known.back() != record.name)) {
      known.push_back(record.name);
    }
    if (record.kind != kind && record.name == name) other_kind = to_string(record.kind);
  }
  const std::string install = "pressroom plugin install " + reference_text(asked);
  if (!versions.empty()) {
    return {quoted_label(kind, name) + " is not there in version " + asked.version, "",
            joined(versions), asked.version, install};
  }
  std::vector<std::string> folders;
  for (const fs::path& folder : folders_) folders.push_back(folder.string());

  const std::string close = closest_match(name, known);
  // The surer the advice, the later: each takes the place of the one before.
  std::string fix = "add its folder with --plugin-dir or PRESSROOM_PLUGIN_PATH";
  if (!folders.empty()) fix += "; looked in " + joined(folders);
  if (!asked.version.empty()) fix = install;
  if (!close.empty()) fix = "did you mean \"" + close + "\"?";
  if (!other_kind.empty()) fix = "use \"" + name + "\" as what it is, a " + other_kind;
  return {"no " + word + " is called \"" + name + '"', "",
          known.empty() ? "an installed " + word : joined(known), name, fix};
}

}  // namespace pressroom
