#include "plugin/host.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

#include "base/strings.h"
#include "plugin/loaded_plugin.h"
#include "plugin/plugin_file.h"
#include "plugin/plugin_folders.h"
#include "plugin/trial_load.h"
#include "plugin/unloadable_method.h"
#include "sdk/declaration_json.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// Which plugins there are, known from their manifests alone: no code of theirs has run.
class PluginCatalog {
 public:
  // As PluginHost's constructor. Throws nothing for a bad plugin: it becomes a refusal.
  explicit PluginCatalog(std::vector<fs::path> folders);

  const std::vector<PluginRecord>& records() const { return records_; }  // by kind and name
  const std::vector<Problem>& refused() const { return refused_; }

  // The record of `name`. Throws Error with the reason it was refused, or a did-you-mean.
  const PluginRecord& find(PluginKind kind, const std::string& name) const;

 private:
  using Key = std::pair<PluginKind, std::string>;

  Problem unknown(PluginKind kind, const std::string& name) const;

  std::vector<fs::path> folders_;
  std::vector<PluginRecord> records_;
  std::vector<Problem> refused_;
  std::map<Key, Problem> reasons_;  // why a plugin that could say who it is was refused
};

// What is called *.so in `folder`, sorted by name. What is no file is refused by who reads it.
std::vector<fs::path> shared_objects(const fs::path& folder, std::vector<Problem>& refused) {
  std::vector<fs::path> files;
  std::error_code error;
  if (!fs::is_directory(folder, error)) return files;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == ".so") files.push_back(entry->path());
  }
  if (error) {
    refused.push_back({"the plugin folder cannot be read", folder.string(), "a readable folder", "",
                       "check its permissions"});
  }
  std::sort(files.begin(), files.end());
  return files;
}

// One file, or two with the same content: a plugin that was built and then installed.
bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  if (fs::equivalent(a, b, error) && !error) return true;
  const PluginFile first(a);
  const PluginFile second(b);
  return first.bytes() == second.bytes() && first.sha256() == second.sha256();
}

Problem duplicate(const std::vector<PluginRecord>& offers) {
  std::vector<std::string> files;
  files.reserve(offers.size());
  for (const PluginRecord& offer : offers) files.push_back(offer.file.string());
  return {
      quoted_label(offers.front().kind, offers.front().name) + " is offered by more than one file",
      files.front(), "one file for each name", joined(files),
      "remove all but one, or leave a folder out of the search path"};
}

PluginCatalog::PluginCatalog(std::vector<fs::path> folders) : folders_(std::move(folders)) {
  std::map<Key, std::vector<PluginRecord>> offers;
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
  // A plugin that does not fit still holds its name: taking another file in its place would give
  // an answer to a question nobody asked.
  for (auto& [key, records] : offers) {
    const std::optional<Problem> problem =
        records.size() > 1 ? duplicate(records) : incompatibility(records.front());
    if (!problem) {
      records_.push_back(std::move(records.front()));
      continue;
    }
    reasons_.emplace(key, *problem);
    refused_.push_back(*problem);
  }
}

const PluginRecord& PluginCatalog::find(PluginKind kind, const std::string& name) const {
  const auto found = std::find_if(
      records_.begin(), records_.end(),
      [&](const PluginRecord& record) { return record.kind == kind && record.name == name; });
  if (found != records_.end()) return *found;
  const auto reason = reasons_.find({kind, name});
  if (reason != reasons_.end()) throw Error(reason->second);
  // A file too broken to say who it is has only its file name to go by.
  const std::string stem = std::string("pressroom_") + to_string(kind) + "_" + name;
  for (const Problem& problem : refused_) {
    if (fs::path(problem.where).stem() == stem) throw Error(problem);
  }
  throw Error(unknown(kind, name));
}

Problem PluginCatalog::unknown(PluginKind kind, const std::string& name) const {
  const std::string word = to_string(kind);
  std::vector<std::string> known;
  std::string other_kind;
  for (const PluginRecord& record : records_) {
    if (record.kind == kind) known.push_back(record.name);
    if (record.kind != kind && record.name == name) other_kind = to_string(record.kind);
  }
  std::vector<std::string> folders;
  for (const fs::path& folder : folders_) folders.push_back(folder.string());

  const std::string close = closest_match(name, known);
  // The surer the advice, the later: each takes the place of the one before.
  std::string fix = "add its folder with --plugin-dir or PRESSROOM_PLUGIN_PATH";
  if (!folders.empty()) fix += "; looked in " + joined(folders);
  if (!close.empty()) fix = "did you mean \"" + close + "\"?";
  if (!other_kind.empty()) fix = "use \"" + name + "\" as what it is, a " + other_kind;
  return {"no " + word + " is called \"" + name + '"', "",
          known.empty() ? "an installed " + word : joined(known), name, fix};
}

}  // namespace

class PluginHost::Impl {
 public:
  explicit Impl(std::vector<fs::path> folders) : catalog_(std::move(folders)) {}

  const PluginCatalog& catalog() const { return catalog_; }

  void set_trial(Trial trial) { trial_ = trial; }
  void on_trial(TrialSink sink) { sink_ = std::move(sink); }

  void note_trial(PluginKind kind, const std::string& name, std::optional<Problem> problem) {
    const PluginRecord& record = catalog_.find(kind, name);
    const std::lock_guard<std::mutex> lock(mutex_);
    take_verdict(record, std::move(problem));
  }

  const PluginInfo& describe(PluginKind kind, const std::string& name) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const PluginRecord& record = catalog_.find(kind, name);
    const Broken* const broken = broken_with_declaration(record);
    return broken != nullptr ? *broken->info : load(record).info();
  }

  template <typename Kind>
  std::unique_ptr<Kind> make(PluginKind kind, const std::string& name) {
    const PluginRecord& record = catalog_.find(kind, name);
    const LoadedPlugin* plugin = nullptr;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if constexpr (std::is_same_v<Kind, Method>) {
        if (const Broken* const broken = broken_with_declaration(record)) {
          return std::make_unique<UnloadableMethod>(*broken->info, plan_from(record.description),
                                                    broken->why);
        }
      }
      plugin = &load(record);
    }
    // create() has checked that the object is of the kind of its record.
    return std::unique_ptr<Kind>(static_cast<Kind*>(plugin->create().release()));
  }

  std::string sha256(PluginKind kind, const std::string& name) {
    const PluginRecord& record = catalog_.find(kind, name);
    const std::lock_guard<std::mutex> lock(mutex_);
    return hash_of(record);
  }

 private:
  // A plugin that does not survive being loaded, and what its file says it takes.
  struct Broken {
    Problem why;
    std::optional<PluginInfo> info;
  };

  const LoadedPlugin& load(const PluginRecord& record) {
    std::unique_ptr<LoadedPlugin>& plugin = loaded_[&record];
    if (plugin) return *plugin;
    if (const Broken* const broken = find_broken(record)) throw Error(broken->why);
    // The code that runs must be the code whose hash goes into the results: the file stays open
    // while it is loaded by its name, and is looked at again afterwards.
    const PluginFile file(record.file);
    const std::string& hash = hash_of(record);
    const auto require = [&](bool same) {
      if (same) return;
      throw Error(
          {quoted_label(record.kind, record.name) + " changed while the harness was running",
           record.file.string(), "the content it had when it was first looked at",
           "another content", "start again"});
    };
    require(file.sha256() == hash);
    auto loading = std::make_unique<LoadedPlugin>(record);
    require(file.unchanged() && file.sha256() == hash);
    plugin = std::move(loading);
    return *plugin;
  }

  bool is_loaded(const PluginRecord& record) const {
    const auto found = loaded_.find(&record);
    return found != loaded_.end() && found->second;
  }

  // Tried once. Those that lie in the installation are not: who put them there has tried them.
  const Broken* find_broken(const PluginRecord& record) {
    if (trial_ == Trial::kNone || is_loaded(record)) return nullptr;
    if (broken_.count(&record) == 0) {
      const bool is_tried = !is_installed_plugin(record.file);
      std::optional<Problem> why = is_tried ? trial_load(record) : std::nullopt;
      if (is_tried && sink_) sink_(record.kind, record.name, why);
      take_verdict(record, std::move(why));
    }
    const std::optional<Broken>& broken = broken_[&record];
    return broken ? &*broken : nullptr;
  }

  void take_verdict(const PluginRecord& record, std::optional<Problem> why) {
    std::optional<Broken>& broken = broken_[&record];
    if (why) broken.emplace(Broken{std::move(*why), declared(record)});
  }

  // Where a method may go on without being loaded.
  const Broken* broken_with_declaration(const PluginRecord& record) {
    if (trial_ != Trial::kStandIn || record.kind != PluginKind::kMethod) return nullptr;
    const Broken* const broken = find_broken(record);
    return broken != nullptr && broken->info ? broken : nullptr;
  }

  static std::optional<PluginInfo> declared(const PluginRecord& record) {
    const auto found = record.description.find("declaration");
    if (found == record.description.end()) return std::nullopt;
    std::optional<PluginInfo> info = declaration_from_text(found->second);
    const std::string label = quoted_label(record.kind, record.name);
    if (info && !declaration_problems(*info, label, record.file.string()).empty()) info.reset();
    return info;
  }

  const std::string& hash_of(const PluginRecord& record) {
    std::string& hash = hashes_[&record];
    if (hash.empty()) hash = PluginFile(record.file).sha256();
    return hash;
  }

  const PluginCatalog catalog_;  // constant, so that its records have fixed addresses
  std::mutex mutex_;             // guards what follows
  std::map<const PluginRecord*, std::unique_ptr<LoadedPlugin>> loaded_;
  std::map<const PluginRecord*, std::string> hashes_;
  std::map<const PluginRecord*, std::optional<Broken>> broken_;  // of those that were tried
  Trial trial_ = Trial::kNone;
  TrialSink sink_;
};

PluginHost::PluginHost(std::vector<fs::path> folders)
    : impl_(std::make_unique<Impl>(std::move(folders))) {}

PluginHost::~PluginHost() = default;

PluginHost::PluginHost(PluginHost&&) noexcept = default;

void PluginHost::set_trial(Trial trial) { impl_->set_trial(trial); }

void PluginHost::on_trial(TrialSink sink) { impl_->on_trial(std::move(sink)); }

void PluginHost::note_trial(PluginKind kind, const std::string& name,
                            std::optional<Problem> problem) {
  impl_->note_trial(kind, name, std::move(problem));
}

const std::vector<PluginRecord>& PluginHost::plugins() const { return impl_->catalog().records(); }

const std::vector<Problem>& PluginHost::refused() const { return impl_->catalog().refused(); }

std::vector<std::string> PluginHost::names(PluginKind kind) const {
  std::vector<std::string> names;
  for (const PluginRecord& record : plugins()) {
    if (record.kind == kind) names.push_back(record.name);
  }
  return names;
}

const PluginRecord& PluginHost::find(PluginKind kind, const std::string& name) const {
  return impl_->catalog().find(kind, name);
}

const PluginInfo& PluginHost::describe(PluginKind kind, const std::string& name) {
  return impl_->describe(kind, name);
}

std::string PluginHost::sha256(PluginKind kind, const std::string& name) const {
  return impl_->sha256(kind, name);
}

std::unique_ptr<Method> PluginHost::make_method(const std::string& name) {
  return impl_->make<Method>(PluginKind::kMethod, name);
}

std::unique_ptr<DatasetReader> PluginHost::make_dataset(const std::string& name) {
  return impl_->make<DatasetReader>(PluginKind::kDataset, name);
}

std::unique_ptr<Metric> PluginHost::make_metric(const std::string& name) {
  return impl_->make<Metric>(PluginKind::kMetric, name);
}

}  // namespace pressroom
