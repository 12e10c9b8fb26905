#include <string>

#include "config/config.h"
#include "config/schema.h"

namespace pressroom {
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
