#include "plugin/host.h"

#include <mutex>
#include <utility>

#include "plugin/catalog.h"
#include "plugin/loaded_plugin.h"
#include "plugin/manifest.h"
#include "plugin/plugin_file.h"

namespace pressroom {

const char* to_string(PluginKind kind) {
  switch (kind) {
    case PluginKind::kMethod:
      return "method";
    case PluginKind::kDataset:
      return "dataset";
    case PluginKind::kMetric:
      return "metric";
  }
  return "";
}

class PluginHost::Impl {
 public:
  explicit Impl(std::vector<std::filesystem::path> folders) : catalog_(std::move(folders)) {}

  const PluginCatalog& catalog() const { return catalog_; }

  const LoadedPlugin& load(PluginKind kind, const std::string& name) {
    const PluginRecord& record = catalog_.find(kind, name);
    const std::lock_guard<std::mutex> lock(mutex_);
    std::unique_ptr<LoadedPlugin>& plugin = loaded_[&record];
    if (plugin) return *plugin;
    // The code that runs must be the code whose hash goes into the results: the file stays open
    // while it is loaded by its name, and is looked at again afterwards.
    const PluginFile file(record.file);
    const std::string& hash = hash_of(record);
    const auto require = [&](bool same) {
      if (same) return;
      throw Error({quoted_label(kind, name) + " changed while the harness was running",
                   record.file.string(), "the content it had when it was first looked at",
                   "another content", "start again"});
    };
    require(file.sha256() == hash);
    auto loading = std::make_unique<LoadedPlugin>(record);
    require(file.unchanged() && file.sha256() == hash);
    plugin = std::move(loading);
    return *plugin;
  }

  std::string sha256(PluginKind kind, const std::string& name) {
    const PluginRecord& record = catalog_.find(kind, name);
    const std::lock_guard<std::mutex> lock(mutex_);
    return hash_of(record);
  }

  template <typename Kind>
  std::unique_ptr<Kind> make(PluginKind kind, const std::string& name) {
    // create() has checked that the object is of the kind of its record.
    return std::unique_ptr<Kind>(static_cast<Kind*>(load(kind, name).create().release()));
  }

 private:
  const std::string& hash_of(const PluginRecord& record) {
    std::string& hash = hashes_[&record];
    if (hash.empty()) hash = PluginFile(record.file).sha256();
    return hash;
  }

  const PluginCatalog catalog_;  // constant, so that its records have fixed addresses
  std::mutex mutex_;             // guards what follows
  std::map<const PluginRecord*, std::unique_ptr<LoadedPlugin>> loaded_;
  std::map<const PluginRecord*, std::string> hashes_;
};

PluginHost::PluginHost(std::vector<std::filesystem::path> folders)
    : impl_(std::make_unique<Impl>(std::move(folders))) {}

PluginHost::~PluginHost() = default;

PluginHost::PluginHost(PluginHost&&) noexcept = default;

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
  return impl_->load(kind, name).info();
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
