#include "plugin/host.h"

#include <map>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "plugin/loaded_plugin.h"
#include "plugin/plugin_catalog.h"
#include "plugin/plugin_file.h"
#include "plugin/plugin_folders.h"
#include "plugin/plugin_reference.h"
#include "plugin/trial_load.h"
#include "plugin/unloadable_method.h"
#include "sdk/declaration_json.h"

namespace pressroom {

namespace fs = std::filesystem;

std::string reference_to(const PluginRecord& record) {
  // What a folder offers is what its name means.
  return record.origin ? record.name + '@' + record.version : record.name;
}

class PluginHost::Impl {
 public:
  Impl(std::vector<fs::path> folders, const std::vector<VouchedPlugin>& vouched)
      : catalog_(std::move(folders), vouched) {}

  const PluginCatalog& catalog() const { return catalog_; }

  const PluginRecord& find(PluginKind kind, const std::string& name) const {
    return catalog_.find(kind, name, hold_ ? &*hold_ : nullptr);
  }

  void hold_to(const std::vector<const PluginRecord*>& records, fs::path said_by) {
    hold_.emplace(PluginHold{{records.begin(), records.end()}, std::move(said_by)});
  }

  void set_trial(Trial trial) { trial_ = trial; }
  void on_trial(TrialSink sink) { sink_ = std::move(sink); }

  void note_trial(PluginKind kind, const std::string& name, std::optional<Problem> problem) {
    const PluginRecord& record = find(kind, name);
    const std::lock_guard<std::mutex> lock(mutex_);
    take_verdict(record, std::move(problem));
  }

  const PluginInfo& describe(PluginKind kind, const std::string& name) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const PluginRecord& record = find(kind, name);
    const Broken* const broken = broken_with_declaration(record);
    return broken != nullptr ? *broken->info : load(record).info();
  }

  template <typename Kind>
  std::unique_ptr<Kind> make(PluginKind kind, const std::string& name) {
    const PluginRecord& record = find(kind, name);
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

  std::string sha256(const PluginRecord& record) {
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
    require_vouched(record);
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

  // Of an installed plugin only what was installed is run.
  void require_vouched(const PluginRecord& record) {
    const std::string& expected = record.vouched_sha256;
    if (expected.empty() || hash_of(record) == expected) return;
    throw Error({quoted_label(record.kind, record.name) + ' ' + record.version +
                     " is not what was installed",
                 record.file.string(), "SHA-256 " + expected, "SHA-256 " + hash_of(record),
                 "pressroom plugin verify says what is damaged; pressroom plugin install " +
                     record.name + '@' + record.version + " puts it back"});
  }

  // Tried once. Those that lie in the installation are not: who put them there has tried them.
  const Broken* find_broken(const PluginRecord& record) {
    if (trial_ == Trial::kNone || is_loaded(record)) return nullptr;
    require_vouched(record);  // a trial runs its code, too
    if (broken_.count(&record) == 0) {
      const bool is_tried = !is_installed_plugin(record.file);
      std::optional<Problem> why = is_tried ? trial_load(record) : std::nullopt;
      if (is_tried && sink_) sink_(record.kind, reference_to(record), why);
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
  std::optional<PluginHold> hold_;
  std::mutex mutex_;  // guards what follows
  std::map<const PluginRecord*, std::unique_ptr<LoadedPlugin>> loaded_;
  std::map<const PluginRecord*, std::string> hashes_;
  std::map<const PluginRecord*, std::optional<Broken>> broken_;  // of those that were tried
  Trial trial_ = Trial::kNone;
  TrialSink sink_;
};

PluginHost::PluginHost(std::vector<fs::path> folders, const std::vector<VouchedPlugin>& vouched)
    : impl_(std::make_unique<Impl>(std::move(folders), vouched)) {}

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

void PluginHost::hold_to(const std::vector<const PluginRecord*>& records, fs::path said_by) {
  impl_->hold_to(records, std::move(said_by));
}

std::vector<std::string> PluginHost::names(PluginKind kind) const {
  std::vector<std::string> names;
  for (const PluginRecord& record : plugins()) {
    const bool is_new = names.empty() || names.back() != record.name;
    if (record.kind == kind && is_new) names.push_back(record.name);
  }
  return names;
}

const PluginRecord& PluginHost::find(PluginKind kind, const std::string& name) const {
  return impl_->find(kind, name);
}

const PluginInfo& PluginHost::describe(PluginKind kind, const std::string& name) {
  return impl_->describe(kind, name);
}

std::string PluginHost::sha256(PluginKind kind, const std::string& name) const {
  return impl_->sha256(find(kind, name));
}

std::string PluginHost::sha256(const PluginRecord& record) const { return impl_->sha256(record); }

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
