#include "train/kvzap/kvzap_data.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "campaign/sampling.h"
#include "config/config.h"
#include "config/host_catalog.h"
#include "config/plugin_use.h"
#include "config/values.h"
#include "pressroom/error.h"
#include "pressroom/random.h"

namespace pressroom {
namespace {

constexpr std::int64_t kFewestWindows = 6;

// What a campaign would say of its protocol, said of this file.
Error in_words_of_training(const Error& error, const std::string& dataset) {
  std::vector<Problem> problems = error.problems();
  for (Problem& problem : problems) {
    if (problem.where.empty()) problem.where = "dataset " + dataset;
    if (problem.fix.find("protocol.") == std::string::npos) continue;
    problem.what = "the dataset is too short";
    problem.fix = "lower --tokens or `context`, or give more text";
  }
  return Error(problems);
}

}  // namespace

std::int64_t KvzapWindows::row_count(std::int64_t count, std::int64_t most) const {
  std::int64_t rows = 0;
  for (std::int64_t i = 0; i < count; ++i) rows += std::min<std::int64_t>(most, all[i].ids.size());
  return rows;
}

KvzapDataConfig load_kvzap_data(const std::filesystem::path& file, PluginHost& host) {
  ProblemList problems;
  const ReadContext context{problems, std::filesystem::absolute(file).parent_path(),
                            std::filesystem::current_path()};
  const YamlNode root = parse_yaml(YamlText::read(file), problems);
  const std::string expected = "datasets: [...] and, perhaps, context: TOKENS";
  if (root.kind != YamlKind::kMap) {
    throw Error({"this does not say what to learn from", root.place.text(), expected,
                 describe(root), "see docs/kvzap.md"});
  }
  KvzapDataConfig config;
  const ParameterSpec datasets =
      required("datasets", ParameterType::kStringList, "what is learnt from");
  const ParameterSpec tokens =
      integer("context", config.context_tokens, "tokens of a window").at_least(16);
  refuse_unknown_keys(root, {&datasets, &tokens}, "the training data", {}, problems,
                      "see docs/kvzap.md");
  HostCatalog catalog(host);
  if (const YamlEntry* entry = root.find("datasets")) {
    config.datasets =
        PluginUseReader(catalog, context).read_list(entry->value, PluginKind::kDataset);
  } else {
    problems.add(root.place, "there are no datasets", expected, "none", "see docs/kvzap.md");
  }
  if (const YamlEntry* entry = root.find("context")) {
    const auto value =
        read_value("\"context\"", tokens, entry->value, context, "", "see docs/kvzap.md");
    if (value) config.context_tokens = std::get<std::int64_t>(*value);
  }
  problems.throw_if_any();
  return config;
}

KvzapWindows draw_kvzap_windows(const KvzapDataConfig& config, std::int64_t tokens,
                                std::uint64_t seed, const Tokenizer& tokenizer, PluginHost& host) {
  const std::int64_t a_window =
      config.context_tokens * static_cast<std::int64_t>(config.datasets.size());
  const std::int64_t of_each = std::max<std::int64_t>((tokens + a_window / 2) / a_window, 1);
  using Draw = std::pair<std::uint64_t, TokenDocument>;
  std::vector<Draw> draws;
  for (const PluginUse& use : config.datasets) {
    const auto reader = make_configured_dataset(use, host);
    try {
      for (Window& window :
           sample_windows(*reader, tokenizer, config.context_tokens, of_each, seed)) {
        window.tokens.id = use.label + ": " + window.tokens.id;
        const RandomKey key = RandomKey(seed).with("part").with(window.tokens.id);
        draws.emplace_back(key.bits(), std::move(window.tokens));
      }
    } catch (const Error& error) {
      throw in_words_of_training(error, use.label);
    }
  }
  const auto count = static_cast<std::int64_t>(draws.size());
  if (count < kFewestWindows) {
    throw Error({"there are too few windows to learn from and to be tested on", "",
                 std::to_string(kFewestWindows) + " windows or more", std::to_string(count),
                 "raise --tokens, or lower `context`"});
  }
  // By hash: the first of them are the tests and validations, whatever the order of the datasets.
  std::sort(draws.begin(), draws.end(), [](const Draw& a, const Draw& b) {
    return std::tie(a.first, a.second.id) < std::tie(b.first, b.second.id);
  });
  KvzapWindows windows;
  windows.tests = std::max<std::int64_t>(count / 20, 2);
  windows.validations = std::max<std::int64_t>(count / 20, 1);
  for (Draw& draw : draws) windows.all.push_back(std::move(draw.second));
  return windows;
}

}  // namespace pressroom
