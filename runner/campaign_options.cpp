#include "campaign_options.h"

#include <cmath>
#include <exception>
#include <string>
#include <utility>

#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

// Shortcut flags and the config key each stands for. Several words make a list.
constexpr struct {
  const char* flag;
  const char* key;
  const char* help;
} kShortcuts[] = {
    {"methods", "methods", "methods, by name or as inline YAML"},
    {"datasets", "datasets", "datasets, as inline YAML"},
    {"sparsity", "sparsity", "fractions removed"},
    {"context", "protocol.context", "window lengths in tokens"},
    {"documents", "protocol.documents", "windows per dataset and seed"},
    {"seeds", "seeds", "campaign seeds"},
    {"model", "model", "starter, a model directory, a .gguf file, or a hub name"},
    {"engine", "engine", "auto, replay or decode"},
    {"device", "device", "cpu or cuda: where the model runs"},
    {"dtype", "dtype", "float32, bfloat16, float16 or stored: how weights are held"},
    {"kv-dtype", "kv_dtype", "float32, bfloat16, float16 or q8: how keys and values are held"},
    {"threads", "threads", "threads to use; 0 for all cores"},
    {"limit-seconds", "limits.seconds", "most seconds of a cell; 0: no limit"},
    {"limit-stall-seconds", "limits.stall_seconds",
     "most seconds without a sign of progress; 0: no limit"},
    {"limit-memory-mb", "limits.memory_mb", "most MB that a worker holds in RAM; 0: no limit"},
    {"retries", "retries", "times a cell is run again whose worker was killed"}};

// Words of the command line as messages repeat them.
std::string quoted(const std::string& words) {
  constexpr std::size_t kMostBytes = 200;
  return words.size() <= kMostBytes ? words : words.substr(0, kMostBytes) + "...";
}

std::string as_yaml(const Words& words) {
  // Not bracketed: it may be a YAML list, or one value of a key that takes no list.
  if (words.size() == 1) return words[0];
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "[" : ", ") + word;
  return list + "]";
}

std::int64_t seconds_of(const std::string& words) {
  const auto refuse = [&]() -> Error {
    return Error({"--time is no length of time", "", "a number of seconds, or 90s, 30m, 12h", words,
                  "write it like one of these"});
  };
  std::size_t end = 0;
  double value = 0;
  try {
    value = std::stod(words, &end);
  } catch (const std::exception&) {
    throw refuse();
  }
  const std::string unit = words.substr(end);
  const double scale = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  if (scale == 0 || !(value > 0) || value * scale > 1e9) throw refuse();
  return static_cast<std::int64_t>(std::ceil(value * scale));
}

}  // namespace

std::vector<Override> overrides_from(const po::variables_map& values) {
  std::vector<Override> overrides;
  for (const auto& shortcut : kShortcuts) {
    if (values.count(shortcut.flag) == 0) continue;
    const std::string yaml = as_yaml(values[shortcut.flag].as<Words>());
    overrides.push_back(
        {shortcut.key, yaml, std::string("--") + shortcut.flag + " " + quoted(yaml)});
  }
  for (Override& override : set_overrides_from(values)) overrides.push_back(std::move(override));
  return overrides;
}

std::vector<Override> set_overrides_from(const po::variables_map& values) {
  std::vector<Override> overrides;
  if (values.count("set") == 0) return overrides;
  for (const std::string& word : values["set"].as<Words>()) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      throw Error({"--set needs a key and a value", "", "--set a.b=value", word,
                   "write it as one word, as --set protocol.context=512"});
    }
    overrides.push_back({word.substr(0, equals), word.substr(equals + 1), "--set " + quoted(word)});
  }
  return overrides;
}

void add_set_option(po::options_description& options) {
  options.add_options()("set", po::value<Words>()->composing()->value_name("KEY=VALUE"),
                        "set any key of the config, e.g. protocol.context=512");
}

po::options_description config_options() {
  po::options_description options("options");
  add_set_option(options);
  for (const auto& shortcut : kShortcuts) {
    options.add_options()(shortcut.flag, po::value<Words>()->multitoken(), shortcut.help);
  }
  return options;
}

void add_worker_options(po::options_description& options) {
  options.add_options()("workers", po::value<std::int64_t>()->default_value(1)->value_name("N"),
                        "processes that run cells; the cores are shared among them")(
      "time", po::value<std::string>()->value_name("LIMIT"),
      "begin no cell after this long (90s, 30m, 12h), and end with exit code 3");
}

std::int64_t most_seconds_from(const po::variables_map& values) {
  return values.count("time") > 0 ? seconds_of(values["time"].as<std::string>()) : 0;
}

}  // namespace pressroom
