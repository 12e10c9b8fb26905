#include "config/schema.h"

#include <algorithm>
#include <utility>

#include "pressroom/error.h"

namespace pressroom {

std::string ConfigKey::path() const {
  return section.empty() ? spec.name : section + '.' + spec.name;
}

std::string ConfigKey::accepts() const {
  if (shape == KeyShape::kSection) {
    std::string words;
    for (const ConfigKey* key : config_keys(path())) {
      words += (words.empty() ? "mapping with " : ", ") + key->spec.name;
    }
    return words;
  }
  if (shape == KeyShape::kNumbers) return "mapping from names to a " + item_accepts() + " each";
  if (shape == KeyShape::kOverrides) return "mapping from names of models to {KEY: VALUE, ...}";
  if (shape == KeyShape::kPlugins) {
    const std::string first = config_keys(spec.name + "[]").front()->spec.name;
    return "list of names, or of {" + first + ": ..., parameters}";
  }
  return item_accepts() + (shape == KeyShape::kList ? ", or a list of them" : "");
}

std::string ConfigKey::item_accepts() const {
  return spec.accepts() + (below ? " and below " + to_string(ParameterValue(*below)) : "");
}

std::vector<const ConfigKey*> config_keys(const std::string& section) {
  std::vector<const ConfigKey*> found;
  for (const ConfigKey& each : config_keys()) {
    if (each.section == section) found.push_back(&each);
  }
  return found;
}

const ConfigKey& config_key(const std::string& section, const std::string& name) {
  for (const ConfigKey& each : config_keys()) {
    if (each.section == section && each.spec.name == name) return each;
  }
  assertion_failed(("key \"" + name + "\" in the schema").c_str(), __FILE__, __LINE__);
}

Positions positions_named(const std::string& name) {
  const bool original = name == to_string(Positions::kOriginal);
  return original ? Positions::kOriginal : Positions::kCacheIndex;
}

std::vector<std::vector<std::string>> exclusive_config_keys() {
  std::vector<std::string> amount = {"budget", "match", "sparsity"};
  for (const std::string& alias : config_key("", "sparsity").spec.aliases) amount.push_back(alias);
  return {std::move(amount)};
}

namespace {

// What stands beside labels: a prefix, an amount, a context, an ending, and that of a file which is
// being written.
constexpr std::size_t kAroundLabels = 64;

}  // namespace

const std::vector<std::string>& study_outputs() {
  static const std::vector<std::string> names = {"perplexity_sweeps", "comparison_summary",
                                                 "press_folders",     "ppl_results",
                                                 "speed_results",     "generation_summary"};
  return names;
}

std::size_t study_name_bytes(const std::vector<std::string>& outputs, const std::string& model,
                             const std::string& dataset, const std::string& method) {
  const auto has = [&](const char* name) {
    return std::find(outputs.begin(), outputs.end(), name) != outputs.end();
  };
  const std::size_t labels = kAroundLabels + dataset.size() + method.size();
  // Folders go by the model as well, a path by its last part.
  const bool is_path = !model.empty() && model.front() == '/';
  const std::string model_name = is_path ? model.substr(model.rfind('/') + 1) : model;
  if (has("press_folders")) return labels + model_name.size();
  return has("speed_results") || has("ppl_results") ? labels : 0;
}

namespace {

struct Section {
  const char* name;
  const char* heading;
  const char* text;
};

constexpr Section kSections[] = {
    {"", "Top level", "A campaign is one YAML mapping."},
    {"protocol", "protocol", "A mapping."},
    {"match", "match",
     "A mapping, instead of `sparsity`: docs/matching.md says what is measured, and how budgets\n"
     "are found."},
    {"limits", "limits",
     "A mapping. Limits and `retries` say how cells are looked after and not what they are: they\n"
     "may change from run to run, and the directory's `config.yaml` does not have them."},
    {"report", "report",
     "A mapping. Like `notes`, `tags`, `columns` and `margins` it changes no result, and may "
     "change\n"
     "from run to run."},
    {"report.figures", "report.figures",
     "A mapping, of the figures that `report` writes as files. The page shows every method."},
    {"datasets[]", "datasets, each item",
     "A bare name, or a mapping with these keys and the reader's parameters."},
    {"methods[]", "methods, each item",
     "A bare name, or a mapping with these keys and the method's parameters. A method that wraps\n"
     "another takes it as a parameter: `inner: {name: ..., parameters}`."},
    {"metrics[]", "metrics, each item",
     "A bare name, or a mapping with these keys and the metric's parameters."},
};

constexpr const char* kWhenModel =
    "\n## when_model\n\n"
    "One file for several models: what holds for one of them only. The names are those that\n"
    "`model` takes, letter for letter; under each stand the paths of `--set` with their values.\n\n"
    "```yaml\n"
    "model: Qwen/Qwen2.5-7B-Instruct\n"
    "when_model:\n"
    "  starter:                       # pressroom run FILE --model starter\n"
    "    protocol.context: 512\n"
    "    datasets: [{reader: text, path: books}]\n"
    "```\n\n"
    "The file comes first, then the block of the model, `--model` included, then the other flags.\n"
    "Relative paths start at the folder of the file. A block can set every key but `model` and\n"
    "`when_model`; blocks of other models are only checked for keys that do not exist. The\n"
    "`config.yaml` of a campaign has the block applied and no `when_model`.\n";

std::string default_words(const ConfigKey& key) {
  if (key.default_yaml) return '`' + *key.default_yaml + '`';
  return key.optional ? "-" : "required";
}

std::string key_words(const ConfigKey& key) {
  std::string text = '`' + key.spec.name + '`';
  for (const std::string& alias : key.spec.aliases) text += " or `" + alias + '`';
  return text;
}

}  // namespace

std::string config_reference() {
  std::string text =
      "# Campaign file reference\n\n"
      "Where a list is meant, one value serves as a list of one, and no value may be repeated.\n"
      "Truth values are `true` and `false`, numbers plain decimals. Relative paths start at the\n"
      "folder of the file; in `--set` flags, at the current folder. `--set a.b=c` replaces any\n"
      "value: `protocol.context=512`, `seeds=[1, 2]`, `methods.1.recent=0.3` (an index from 0) or\n"
      "`methods.h2o.recent=0.3` (a name or label). Exactly one of `sparsity`, `budget` and\n"
      "`match` is given; a flag that sets one takes the place of the other in the file.\n";
  for (const Section& section : kSections) {
    text += std::string("\n## ") + section.heading + "\n\n" + section.text + "\n\n";
    text += "| key | value | default | meaning |\n|---|---|---|---|\n";
    for (const ConfigKey* key : config_keys(section.name)) {
      text += "| " + key_words(*key) + " | " + key->accepts() + " | " + default_words(*key) +
              " | " + key->spec.help_text + " |\n";
    }
  }
  return text + kWhenModel;
}

}  // namespace pressroom
