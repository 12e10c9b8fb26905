#include "command.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iostream>

#include "base/foreign_directory.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "installed_plugins.h"
#include "plugin/plugin_folders.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

}  // namespace

po::variables_map parse_words(const Words& words, const std::string& usage,
                              po::options_description options,
                              const std::vector<std::string>& positional) {
  options.add_options()("plugin-dir", po::value<Words>()->composing()->value_name("DIR"),
                        "look for plugins here first; may be given several times")(
      "help,h", "show this help");
  po::options_description all;
  all.add(options);
  po::positional_options_description places;
  for (const std::string& word : positional) {
    const bool optional = word.back() == '?';
    std::string name = optional ? word.substr(0, word.size() - 1) : word;
    const bool is_list = ends_with(name, "...");
    if (is_list) {
      name.resize(name.size() - 3);
      auto* list = po::value<Words>();
      all.add_options()(name.c_str(), optional ? list : list->required());
    } else {
      auto* value = po::value<std::string>();
      all.add_options()(name.c_str(), optional ? value : value->required());
    }
    places.add(name.c_str(), is_list ? -1 : 1);
  }
  po::variables_map values;
  try {
    po::store(po::command_line_parser(words).options(all).positional(places).run(), values);
    po::notify(values);
  } catch (const po::unknown_option& error) {
    std::vector<std::string> names;
    for (const auto& option : options.options()) names.push_back("--" + option->long_name());
    const std::string near = closest_match(error.get_option_name(), names);
    throw Error({"there is no such option", "", usage, error.get_option_name(),
                 near.empty() ? "see --help" : "did you mean \"" + near + "\"?"});
  } catch (const po::required_option& error) {
    // Asked for help, nobody gives the other words.
    if (values.count("help") == 0) {
      const std::string name = error.get_option_name();
      const bool word =
          std::any_of(positional.begin(), positional.end(), [&name](const std::string& place) {
            return place == name.substr(2) || place == name.substr(2) + "...";
          });
      throw Error({"the command line is not complete", "", usage,
                   "no " + (word ? name.substr(2) : name), "see --help"});
    }
  } catch (const po::error& error) {
    if (values.count("help") == 0) {
      throw Error({"the command line cannot be understood", "", usage, error.what(), "see --help"});
    }
  }
  if (values.count("help") > 0) {
    std::cout << "usage: pressroom " << usage << "\n\n" << options;
    throw HelpShown();
  }
  return values;
}

std::int64_t whole_number(const po::variables_map& values, const std::string& name,
                          std::int64_t least, std::int64_t most) {
  const auto value = values[name].as<std::int64_t>();
  if (value >= least && value <= most) return value;
  throw Error({"--" + name + " is out of range", "",
               std::to_string(least) + " .. " + std::to_string(most), std::to_string(value),
               "give one in that range"});
}

std::optional<std::int64_t> budget_from(const po::variables_map& values) {
  if (values.count("budget") == 0) return std::nullopt;
  return whole_number(values, "budget", 1, 1 << 30);
}

std::optional<double> sparsity_from(const po::variables_map& values) {
  if (values.count("sparsity") == 0) return std::nullopt;
  const double sparsity = values["sparsity"].as<double>();
  if (sparsity >= 0 && sparsity < 1) return sparsity;
  throw Error({"--sparsity is out of range", "", "a fraction removed, in [0, 1)",
               std::to_string(sparsity), "at 1.0 nothing would be left"});
}

Positions positions_from(const std::string& name) {
  for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
    if (name == to_string(positions)) return positions;
  }
  throw Error({"--positions cannot be understood", "", "original or cache_index", name,
               "give one of the two"});
}

void add_memory_options(po::options_description& options) {
  const auto text = [] { return po::value<std::string>(); };
  options.add_options()("dtype", text()->default_value("float32"),
                        "float32, bfloat16, float16 or stored: how weights are held");
  options.add_options()("kv-dtype", text(),
                        "float32, bfloat16, float16 or q8: how keys and values are held");
  options.add_options()("device", text()->default_value("cpu"),
                        "cpu, cuda or cuda:N: where the model runs");
}

double part_from(const std::string& word, const std::string& option, const std::string& expected) {
  const bool percent = !word.empty() && word.back() == '%';
  const char* const end = word.data() + word.size() - (percent ? 1 : 0);
  double value = 0;
  const auto read = std::from_chars(word.data(), end, value);
  if (percent) value /= 100;
  if (read.ec == std::errc() && read.ptr == end && value > 0 && value < 1) return value;
  throw Error({option + " cannot be understood", "", expected, word, ""});
}

double margin_from(const std::string& word) {
  return part_from(word, "--margin", "a part of perplexity above 0 and below 1: 0.01, or 1%");
}

double metric_margin_from(const std::string& word) {
  const std::size_t equals = word.find('=');
  double value = 0;
  if (equals != std::string::npos && equals > 0) {
    const char* const end = word.data() + word.size();
    const auto read = std::from_chars(word.data() + equals + 1, end, value);
    if (read.ec == std::errc() && read.ptr == end && value > 0 && std::isfinite(value)) {
      return value;
    }
  }
  throw Error({"--margin of a metric cannot be understood", "",
               "its name and a number above 0 in its own unit: ece=0.02", word, ""});
}

void require_plan(const std::filesystem::path& directory) {
  if (const auto foreign = kept_from_this_user(directory)) throw Error(*foreign);
  if (std::filesystem::exists(directory / "plan.json") &&
      std::filesystem::exists(directory / "config.yaml")) {
    return;
  }
  throw Error({"there is no campaign to work on", directory.string(),
               "the directory of a campaign that `pressroom run` has planned", "no plan.json",
               "give the --out of a run, or results/<name>"});
}

PluginHost make_host(const po::variables_map& values,
                     const std::vector<std::filesystem::path>& more_folders) {
  std::vector<std::filesystem::path> folders;
  if (values.count("plugin-dir") > 0) {
    for (const std::string& folder : values["plugin-dir"].as<Words>()) folders.emplace_back(folder);
  }
  folders.insert(folders.end(), more_folders.begin(), more_folders.end());
  folders = plugin_search_path(folders);
  for (const Problem& problem : writable_by_anyone(folders)) spdlog::warn("{}", problem.text());
  PluginHost host(folders, installed_plugins());
  host.set_trial(Trial::kRefuse);
  for (const Problem& problem : host.refused()) {
    spdlog::warn("a plugin was left out: {}", printable(problem.text()));
  }
  return host;
}

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

bool may_colour(int descriptor) {
  const char* no_colour = std::getenv("NO_COLOR");
  return is_terminal(descriptor) && (no_colour == nullptr || *no_colour == '\0');
}

}  // namespace pressroom
