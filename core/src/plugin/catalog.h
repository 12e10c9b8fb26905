// Which plugins there are, known from their manifests alone: no code of theirs has run.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plugin/host.h"

namespace pressroom {

class PluginCatalog {
 public:
  // As PluginHost's constructor. Throws nothing for a bad plugin: it becomes a refusal.
  explicit PluginCatalog(std::vector<std::filesystem::path> folders);

  const std::vector<PluginRecord>& records() const { return records_; }  // by kind and name
  const std::vector<Problem>& refused() const { return refused_; }

  // The record of `name`. Throws Error with the reason it was refused, or a did-you-mean.
  const PluginRecord& find(PluginKind kind, const std::string& name) const;

 private:
  using Key = std::pair<PluginKind, std::string>;

  Problem unknown(PluginKind kind, const std::string& name) const;

  std::vector<std::filesystem::path> folders_;
  std::vector<PluginRecord> records_;
  std::vector<Problem> refused_;
  std::map<Key, Problem> reasons_;  // why a plugin that could say who it is was refused
};

}  // namespace pressroom
