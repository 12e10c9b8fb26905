// A campaign as the user wrote it, checked and complete.
//
// Loading is strict at every level: unknown and duplicate keys, wrong types and impossible values
// are problems with file:line:column, what was expected and a did-you-mean, and all of them are
// reported at once, before a model or a document is touched.
//
//   const CampaignConfig config = load_config("campaign.yaml", {}, host);
//   for (const PluginUse& use : config.methods) make_configured_method(use, host);
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugin/host.h"
#include "pressroom/model_facts.h"
#include "pressroom/parameters.h"
#include "protocol/kv_dtype.h"
#include "protocol/protocol.h"

namespace pressroom {

// One plugin as a config uses it, with a value for every declared parameter.
struct PluginUse {
  std::string name;  // as the plugin is asked for: "h2o", or "my_press@1.2" with its version
  // `as:`, else the plain name, with the kv_dtype and the constraints behind it that are given:
  // "h2o_q8", "h2o_blocks16". Unique within its list.
  std::string label;
  std::map<std::string, ParameterValue> values;
  // Inner methods by parameter name (shared: the type is recursive).
  std::map<std::string, std::shared_ptr<const PluginUse>> inner;
  std::optional<Positions> positions;  // methods only: overrides the config and the method
  std::optional<KvDtype> kv_dtype;     // methods only: overrides the config
  std::string group{};                 // datasets and methods: rows stand together by it; "": none
  ConstraintChoice server{};           // methods only: overrides the protocol

  // The name without a version: "my_press".
  std::string plain_name() const;
  // As inline YAML, every parameter with its value.
  std::string text() const;
};

struct ProtocolConfig {
  Protocol how;
  std::vector<std::int64_t> context;  // document lengths in tokens, one group of cells each
  std::int64_t documents = 0;         // documents per dataset and seed
};

// Budgets that make methods keep as much as one of them, measured on windows of their own.
struct MatchConfig {
  std::string to;              // label of the method that sets the measure
  std::string by;              // "measured_ratio" or "mean_held"
  std::int64_t documents = 0;  // calibration windows, none of them scored in the campaign
  double tolerance = 0;        // of the fraction: within this it is met

  bool by_mean() const { return by == "mean_held"; }
};

// Where the answers come from that metrics judge (docs/tasks.md).
struct AnswersConfig {
  // Greedily, by decoding; else answers are forced, and what greedy decoding would have said is
  // known of right ones alone.
  bool are_generated = false;
  std::int64_t most_tokens = 64;  // of one answer, where the dataset does not say
  std::vector<std::string> stop;  // an answer ends before any of these
};

// What a cell may take before the worker that runs it is ended, and the cell fails.
struct CellLimits {
  std::int64_t seconds = 0;           // wall time; 0: no limit
  std::int64_t stall_seconds = 1800;  // without a sign of progress; 0: no limit
  std::int64_t memory_mb = 0;         // resident, of the worker; 0: no limit

  bool operator!=(const CellLimits& other) const {
    return seconds != other.seconds || stall_seconds != other.stall_seconds ||
           memory_mb != other.memory_mb;
  }
};

// What is said of a campaign and how it is shown. No result depends on it: it may change from run
// to run.
struct CampaignDescription {
  std::string notes;                      // free text, several lines perhaps
  std::vector<std::string> tags;          // words that lists of campaigns are filtered by
  std::vector<std::string> columns;       // metric values that tables show; empty: by default
  std::map<std::string, double> margins;  // by metric value, in its unit: what counts as the same
  std::vector<std::string> without;       // labels of methods left out of exported figures
  std::vector<std::string> formats;       // of exported figures: svg, pdf, png
};

struct CampaignConfig {
  std::string name;
  std::string model;  // as find_model takes it; paths are absolute
  ProtocolConfig protocol;
  std::vector<PluginUse> datasets;
  std::vector<PluginUse> methods;    // dense is put first when it is missing
  std::vector<double> sparsity;      // fractions removed, in [0, 1)
  std::vector<std::int64_t> budget;  // or budgets in tokens; exactly one of the three is given
  std::optional<MatchConfig> match;  // or budgets found by calibration
  std::vector<std::uint64_t> seeds;
  std::vector<PluginUse> metrics;
  AnswersConfig answers;
  std::optional<Positions> positions;    // for methods that do not say otherwise
  KvDtype kv_dtype = KvDtype::kFloat32;  // of methods that do not say otherwise
  std::string engine = "auto";           // auto | replay | decode
  std::string device = "cpu";
  std::string dtype = "float32";     // how weights are held: a name of weight_dtype_names()
  std::int64_t threads = 0;          // 0: all cores
  bool beyond_positions = false;     // run contexts longer than the model was made for
  std::vector<std::string> outputs;  // files of a study beside the common ones: study_outputs()
  bool traces = false;               // write an eviction trace of each window of each cell
  CellLimits limits;                 // how cells are looked after: no part of what they are
  std::int64_t retries = 1;          // of a cell whose worker was ended by what may pass by
  CampaignDescription description;
  std::vector<std::string> plugin_dirs;  // folders with more plugins, absolute, that are there
  std::string on_end;                    // command run when a run has ended; "": none
};

// One `--set a.b=c` or shortcut flag: `path` "protocol.context", `yaml` "1024" or "[0.5, 0.9]",
// `origin` the words of the command line, for messages.
struct Override {
  std::string path;
  std::string yaml;
  std::string origin;
};

// What checking a config asks of the plugins: `PluginHost` answers in the program, a table in
// tests.
class ConfigCatalog {
 public:
  virtual ~ConfigCatalog() = default;
  // What the plugin says of itself; valid as long as the catalog. `name` may have a version behind
  // it, NAME@VERSION. Error, with the nearest name or
  // the reason, when there is no such plugin that can be used; the place in the config is put to it
  // by the caller.
  virtual const PluginInfo& describe(PluginKind kind, const std::string& name) = 0;
};

// Reads and checks `file` with `overrides` applied. Throws Error with every problem found.
CampaignConfig load_config(const std::filesystem::path& file,
                           const std::vector<Override>& overrides, PluginHost& host);
CampaignConfig load_config(const std::filesystem::path& file,
                           const std::vector<Override>& overrides, ConfigCatalog& catalog);

// A name or inline YAML - `h2o`, `my_press@1.2`, `{name: h2o, recent: 48}` - as the command line
// takes it.
PluginUse parse_plugin_use(const std::string& yaml, PluginKind kind, const std::string& origin,
                           PluginHost& host);
PluginUse parse_plugin_use(const std::string& yaml, PluginKind kind, const std::string& origin,
                           ConfigCatalog& catalog);

// A protocol as the command line takes it: `stream`, or `{kind: chunked, chunk_size: 16}`. Throws
// Error with everything that is wrong with it.
Protocol parse_protocol(const std::string& yaml, const std::string& origin);

// `config` in full, every default filled in: loading it again gives the same config.
std::string to_yaml(const CampaignConfig& config);

// Objects made by name and configured, inner methods first.
std::unique_ptr<Method> make_configured_method(const PluginUse& use, PluginHost& host);
std::unique_ptr<DatasetReader> make_configured_dataset(const PluginUse& use, PluginHost& host);
std::unique_ptr<Metric> make_configured_metric(const PluginUse& use, PluginHost& host);

}  // namespace pressroom
