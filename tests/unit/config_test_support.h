// What the tests of the config layer share: plugins that exist only as declarations, and files.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "plugin/plugin_reference.h"
#include "scratch_folder.h"
#include "text_search.h"

namespace pressroom::config_test {

class FakeCatalog : public ConfigCatalog {
 public:
  FakeCatalog() {
    const auto protection = [](std::int64_t sinks, double recent) {
      return std::vector<ParameterSpec>{
          integer("n_sink", sinks, "").at_least(0).alias("sinks").alias("start_size"),
          tokens_or_fraction("recent", recent, "").alias("recent_size")};
    };
    add(PluginKind::kMethod, "dense", {});
    add(PluginKind::kMethod, "h2o", protection(0, 0.5));
    add(PluginKind::kMethod, "knorm", protection(0, 0));
    add(PluginKind::kMethod, "random", protection(0, 0));
    add(PluginKind::kMethod, "streaming_llm",
        {integer("n_sink", 4, "").at_least(0).alias("sinks").alias("start_size")});
    add(PluginKind::kMethod, "window",
        {required("threshold", ParameterType::kNumber, "a score").at_least(-10).at_most(10),
         boolean("per_head", false, ""), string("pooling", "mean", "").one_of({"mean", "max"}),
         string("note", "", ""), integer_list("layers", {0, 1}, "").at_least(0),
         string_list("tags", {"a b", "true"}, ""), required_path("weights", ""),
         inner_method("inner", "")});
    add(PluginKind::kDataset, "text",
        {required("path", ParameterType::kPath, "a text file, or a directory of .txt")});
    for (const char* name : {"perplexity", "cache", "throughput", "memory"}) {
      add(PluginKind::kMetric, name, {});
    }
  }

  const PluginInfo& describe(PluginKind kind, const std::string& name) override {
    const auto found = plugins_.find({kind, plain_name(name)});
    if (found != plugins_.end()) return found->second;
    std::vector<std::string> known;
    std::string listed;
    for (const auto& [key, info] : plugins_) {
      if (key.first != kind) continue;
      known.push_back(key.second);
      listed += (listed.empty() ? "" : ", ") + key.second;
    }
    const std::string close = closest_match(name, known);
    throw Error({std::string("no ") + to_string(kind) + " is called \"" + name + '"', "", listed,
                 name, close.empty() ? "install it" : "did you mean \"" + close + "\"?"});
  }

 private:
  static ParameterSpec required_path(std::string name, std::string default_value) {
    ParameterSpec spec = required(std::move(name), ParameterType::kPath, "");
    spec.default_value = std::move(default_value);
    return spec;
  }

  void add(PluginKind kind, const std::string& name, std::vector<ParameterSpec> parameters) {
    plugins_[{kind, name}] = {"", "", std::move(parameters)};
  }

  std::map<std::pair<PluginKind, std::string>, PluginInfo> plugins_;
};

// A folder of its own for each test, gone when the test is over.
class ConfigFolder {
 public:
  const std::filesystem::path& path() const { return folder_.path(); }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    write_file(path() / name, text);
    return path() / name;
  }
  CampaignConfig load(const std::string& text, const std::vector<Override>& flags = {}) const {
    FakeCatalog catalog;
    return load_config(write("a.yaml", text), flags, catalog);
  }
  // The message that loading `text` ends with, without the path of the folder.
  std::string error_of(const std::string& text, const std::vector<Override>& flags = {}) const;

 private:
  ScratchFolder folder_;
};

inline std::string ConfigFolder::error_of(const std::string& text,
                                          const std::vector<Override>& flags) const {
  try {
    load(text, flags);
  } catch (const Error& error) {
    return replaced(error.what(), path().string() + '/', "");
  }
  ADD_FAILURE() << "no Error was thrown for:\n" << text;
  return "";
}

inline Override set(const std::string& path, const std::string& yaml) {
  return {path, yaml, "--set " + path + "=" + yaml};
}

using Labels = std::vector<std::string>;

inline Labels labels(const std::vector<PluginUse>& uses) {
  Labels all;
  for (const PluginUse& use : uses) all.push_back(use.label);
  return all;
}

// A campaign that is right but for the sparsity, and one that is right.
inline const char* const kGoodConfig =
    "name: a\n"
    "model: starter\n"
    "protocol: {context: 64, documents: 2}\n"
    "datasets: {reader: text, path: a.txt}\n"
    "methods: [streaming_llm, {name: h2o, recent: 0.2}]\n";
inline const std::string kGood = std::string(kGoodConfig) + "sparsity: [0.5, 0.9]\n";

}  // namespace pressroom::config_test
