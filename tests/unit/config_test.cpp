#include "config/config.h"

#include "config/schema.h"
#include "config_test_support.h"
#include "test_folders.h"

namespace pressroom::config_test {
namespace {

using namespace config_test;

TEST(Config, FillsInDefaultsAndPutsDenseFirst) {
  const CampaignConfig config = ConfigFolder().load(kGood);
  EXPECT_EQ(config.name, "a");
  EXPECT_EQ(config.model, "starter");
  EXPECT_EQ(config.protocol.how.text(), "stream");
  EXPECT_EQ(config.protocol.context, (std::vector<std::int64_t>{64}));
  EXPECT_EQ(config.protocol.documents, 2);
  EXPECT_EQ(labels(config.methods), (Labels{"dense", "streaming_llm", "h2o"}));
  EXPECT_EQ(config.sparsity, (std::vector<double>{0.5, 0.9}));
  EXPECT_TRUE(config.budget.empty());
  EXPECT_EQ(config.seeds, (std::vector<std::uint64_t>{42}));
  EXPECT_EQ(labels(config.metrics), (Labels{"perplexity", "cache", "throughput", "memory"}));
  EXPECT_FALSE(config.positions);
  EXPECT_EQ(config.engine, "auto");
  EXPECT_EQ(config.device, "cpu");
  EXPECT_EQ(config.threads, 0);
}

TEST(Config, LeavesDenseWhereItIsWritten) {
  const CampaignConfig config =
      ConfigFolder().load(replaced(kGood, "{name: h2o, recent: 0.2}", "dense"));
  EXPECT_EQ(labels(config.methods), (Labels{"streaming_llm", "dense"}));
}

TEST(Config, NeedsNoSparsityForDenseAlone) {
  const CampaignConfig config = ConfigFolder().load(
      replaced(kGoodConfig, "[streaming_llm, {name: h2o, recent: 0.2}]", "dense"));
  EXPECT_EQ(config.sparsity, (std::vector<double>{0}));
}

TEST(Config, ReadsWhatMethodsAreMatchedTo) {
  const ConfigFolder folder;
  const CampaignConfig config = folder.load(std::string(kGoodConfig) + "match: {to: h2o}\n");
  ASSERT_TRUE(config.match);
  EXPECT_EQ(config.match->to, "h2o");
  EXPECT_EQ(config.match->by, "measured_ratio");
  EXPECT_EQ(config.match->documents, 4);
  EXPECT_EQ(config.match->tolerance, 0.01);
  EXPECT_TRUE(config.sparsity.empty() && config.budget.empty());
  const std::string frozen = to_yaml(config);
  EXPECT_EQ(to_yaml(folder.load(frozen)), frozen);
  EXPECT_NE(frozen.find("match:\n  to: h2o\n  by: measured_ratio\n"), std::string::npos);
}

TEST(Config, ReadsWhichFilesOfStudiesAreWanted) {
  const ConfigFolder folder;
  EXPECT_TRUE(folder.load(kGood).outputs.empty());
  const CampaignConfig config =
      folder.load(kGood + "outputs: [comparison_summary, press_folders]\n");
  EXPECT_EQ(config.outputs, (std::vector<std::string>{"comparison_summary", "press_folders"}));
  EXPECT_EQ(folder.load(to_yaml(config)).outputs, config.outputs);
}

TEST(Config, AcceptsTheOtherSpellings) {
  const CampaignConfig config =
      ConfigFolder().load(replaced(kGoodConfig, "recent: 0.2", "recent_size: 8, start_size: 2") +
                          "compression_ratio: 0.25\n");
  EXPECT_EQ(config.sparsity, (std::vector<double>{0.25}));
  EXPECT_EQ(config.methods.at(2).values.at("recent"), ParameterValue(TokensOrFraction{8}));
  EXPECT_EQ(config.methods.at(2).values.at("n_sink"), ParameterValue(std::int64_t{2}));
}

TEST(Config, CompletesParametersOfPluginsAndOfWhatTheyWrap) {
  const CampaignConfig config =
      ConfigFolder().load(std::string(kGoodConfig) + "  \nbudget: 16\npositions: cache_index\n",
                          {set("methods.2",
                               "{name: window, as: w, threshold: -7, layers: 3, "
                               "weights: w.bin, positions: original, inner: {name: window, "
                               "threshold: 1, inner: h2o}}")});
  const PluginUse& outer = config.methods.at(3);
  EXPECT_EQ(outer.label, "w");
  EXPECT_EQ(outer.positions, Positions::kOriginal);
  EXPECT_EQ(config.positions, Positions::kCacheIndex);
  EXPECT_EQ(outer.values.at("threshold"), ParameterValue(-7.0));
  EXPECT_EQ(outer.values.at("pooling"), ParameterValue(std::string("mean")));
  EXPECT_EQ(outer.values.at("layers"), ParameterValue(std::vector<std::int64_t>{3}));
  EXPECT_EQ(outer.values.count("inner"), 0U);
  const PluginUse& wrapped = *outer.inner.at("inner")->inner.at("inner");
  EXPECT_EQ(wrapped.name, "h2o");
  EXPECT_EQ(wrapped.values.at("recent"), ParameterValue(TokensOrFraction{0.5}));
}

TEST(Config, ResolvesPathsFromTheFileAndFromTheCurrentFolder) {
  const ConfigFolder folder;
  const auto path = [](const CampaignConfig& config) {
    return std::get<std::string>(config.datasets.at(0).values.at("path"));
  };
  EXPECT_EQ(path(folder.load(kGood)), (folder.path() / "a.txt").string());
  EXPECT_EQ(path(folder.load(replaced(kGood, "a.txt", "../b/./c.txt"))),
            (folder.path().parent_path() / "b/c.txt").string());
  EXPECT_EQ(path(folder.load(replaced(kGood, "a.txt", "/x/y.txt"))), "/x/y.txt");
  EXPECT_EQ(path(folder.load(kGood, {set("datasets.text.path", "z.txt")})),
            (std::filesystem::current_path() / "z.txt").string());
}

TEST(Config, TakesAModelDirectoryRelativeToTheFile) {
  const ConfigFolder folder;
  folder.write("models/m/config.json", "{}");
  EXPECT_EQ(folder.load(replaced(kGood, "starter", "models/m")).model,
            (folder.path() / "models/m").string());
}

TEST(Config, IsTheSameAfterItWasFrozenAndLoadedAgain) {
  const ConfigFolder folder;
  folder.write("models/my m/config.json", "{}");
  const std::string text =
      "name: \"007\"\nmodel: models/my m\nprotocol: {context: [64, 128], documents: 2}\n"
      "datasets: [{reader: text, path: 'a: b, c.txt'}, {reader: text, as: b, path: b}]\n"
      "methods:\n  - random\n  - {name: h2o, recent: 0.1, as: true_}\n"
      "  - {name: window, threshold: 1e-9, note: 'yes', inner: {name: knorm, recent: 48},\n"
      "     positions: cache_index, tags: [null_, 'null', \"a\\tb\"], weights: w, per_head: true}\n"
      "sparsity: [0.1, 0.30000000000000004, 0]\nseeds: [9223372036854775807, 0]\n"
      "metrics: cache\npositions: original\nthreads: 3\nengine: decode\n";
  const CampaignConfig config = folder.load(text);
  const std::string frozen = to_yaml(config);
  // Another folder: a frozen config must not depend on where it lies.
  const CampaignConfig again = ConfigFolder().load(frozen);
  EXPECT_EQ(to_yaml(again), frozen);
  EXPECT_EQ(again.sparsity, config.sparsity);
  EXPECT_EQ(again.seeds, (std::vector<std::uint64_t>{INT64_MAX, 0}));
  EXPECT_EQ(again.model, (folder.path() / "models/my m").string());
  EXPECT_EQ(again.positions, Positions::kOriginal);
  EXPECT_EQ(labels(again.methods), (Labels{"dense", "random", "true_", "window"}));
  for (std::size_t i = 0; i < config.methods.size(); ++i) {
    EXPECT_EQ(again.methods[i].values, config.methods[i].values);
    EXPECT_EQ(again.methods[i].positions, config.methods[i].positions);
  }
  EXPECT_EQ(again.methods[3].inner.at("inner")->values,
            config.methods[3].inner.at("inner")->values);
  EXPECT_EQ(again.datasets[0].values, config.datasets[0].values);
  EXPECT_EQ(again.threads, 3);
  EXPECT_EQ(again.engine, "decode");
}

TEST(PluginUse, IsReadFromTheCommandLine) {
  FakeCatalog catalog;
  const auto parse = [&](const std::string& yaml) {
    return parse_plugin_use(yaml, PluginKind::kMethod, "--method", catalog);
  };
  EXPECT_EQ(parse("h2o").values.at("recent"), ParameterValue(TokensOrFraction{0.5}));
  EXPECT_EQ(parse("{name: h2o, recent: 48}").values.at("recent"),
            ParameterValue(TokensOrFraction{48}));
  EXPECT_EQ(parse("dense").label, "dense");
  const std::pair<const char*, const char*> cases[] = {
      {"h20", "--method: no method is called \"h20\""},
      {"{name: h2o, recnt: 1}", "--method: unknown key \"recnt\" of h2o"},
      {"{name: h2o", "--method: a bracket is never closed"},
      {"", "--method: the value is empty"},
      {"[h2o]", "--method: this does not name a method"},
      {"{name: h2o, name: knorm}", "--method: the key \"name\" is given twice"}};
  for (const auto& [yaml, first_line] : cases) {
    try {
      parse(yaml);
      ADD_FAILURE() << yaml << " was accepted";
    } catch (const Error& error) {
      const std::string text = error.what();
      EXPECT_EQ(text.substr(0, text.find("\n  ")), first_line);
    }
  }
}

TEST(ConfigReference, HasARowForEveryKey) {
  const std::string text = config_reference();
  for (const char* row :
       {"| `name` | string | required |",
        "| `context` | integer from 2 to 2147483648, or a list of them | required |",
        "| `sparsity` or `compression_ratio` | number >= 0 and below 1, or a list of them | - |",
        "| `seeds` | integer >= 0, or a list of them | `[42]` |",
        "| `engine` | string, one of auto, replay, decode | `auto` |",
        "| `reader` | string | required | the dataset reader |",
        "| `positions` | string, one of original, cache_index | - |"}) {
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

TEST(MakeConfigured, GivesPluginsTheirParameters) {
  PluginHost host({plugin_dir()});
  const auto h2o = make_configured_method(
      parse_plugin_use("{name: h2o, recent: 0.25, sinks: 3}", PluginKind::kMethod, "", host), host);
  EXPECT_EQ(h2o->plan(100).recents, 25);
  EXPECT_EQ(h2o->plan(100).sinks, 3);
  const auto metric =
      make_configured_metric(parse_plugin_use("perplexity", PluginKind::kMetric, "", host), host);
  EXPECT_NE(metric, nullptr);
}

TEST(MakeConfigured, NamesThePluginThatRefusesItsParameters) {
  PluginHost host({plugin_dir()});
  const PluginUse use =
      parse_plugin_use("{reader: text, path: /no/such.txt}", PluginKind::kDataset, "", host);
  try {
    make_configured_dataset(use, host);
    FAIL() << "a text that is not there was accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("dataset \"text\""), std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find("/no/such.txt"), std::string::npos) << error.what();
  }
}

// Each key took a look at all before it, and each place a look at the whole line.
TEST(Config, ListsAHundredMistakesOfAHundredThousandAndCountsTheRest) {
  std::string text = kGood + "match: {";
  for (int i = 0; i < 100000; ++i) text += "key_" + std::to_string(i) + ": 1, ";
  const std::string error = ConfigFolder().error_of(text + "to: h2o}\n");
  std::size_t listed = 0;
  for (std::size_t at = 0; (at = error.find("unknown key", at)) != std::string::npos; ++at) {
    ++listed;
  }
  EXPECT_EQ(listed, 100U);
  // And sparsity and match are both given.
  EXPECT_NE(error.find("\n99901 more mistakes are not listed\n  do: "), std::string::npos)
      << error.substr(error.size() - 300);
  EXPECT_NE(error.find("a.yaml:7:19: unknown key \"key_1\""), std::string::npos)
      << error.substr(0, 1000);
}

TEST(Config, TakesAListOfAHundredThousandSeeds) {
  std::string seeds = "0";
  for (int i = 1; i < 100000; ++i) seeds += ", " + std::to_string(i);
  EXPECT_EQ(ConfigFolder().load(kGood + "seeds: [" + seeds + "]\n").seeds.size(), 100000U);
}

TEST(Quickstart, IsACampaignThatLoads) {
  FakeCatalog catalog;
  const std::filesystem::path source = test_dir().parent_path();
  const CampaignConfig config = load_config(source / "configs/quickstart.yaml", {}, catalog);
  EXPECT_EQ(labels(config.methods), (Labels{"dense", "streaming_llm", "h2o", "knorm", "random"}));
  EXPECT_EQ(config.protocol.context, (std::vector<std::int64_t>{1024}));
  const std::string path = std::get<std::string>(config.datasets.at(0).values.at("path"));
  EXPECT_EQ(path.rfind((source / "datasets/text/").string(), 0), 0U) << path;
}

// A method in two dtypes is two methods, and dense in another than the campaign's no baseline.
TEST(Config, HoldsKeysAndValuesAsTheCampaignOrTheMethodSays) {
  const std::string text =
      replaced(kGood, "methods: [streaming_llm, {name: h2o, recent: 0.2}]",
               "methods: [{name: dense, kv_dtype: q8}, {name: h2o, kv_dtype: float32}, "
               "{name: h2o, kv_dtype: q8, as: small}, h2o]\nkv_dtype: bfloat16");
  const CampaignConfig config = ConfigFolder().load(text);
  EXPECT_EQ(config.kv_dtype, KvDtype::kBfloat16);
  EXPECT_EQ(labels(config.methods), (Labels{"dense", "dense_q8", "h2o_float32", "small", "h2o"}));
  EXPECT_FALSE(config.methods[0].kv_dtype);
  EXPECT_EQ(config.methods[1].kv_dtype, KvDtype::kQ8);
  EXPECT_EQ(config.methods[2].kv_dtype, KvDtype::kFloat32);
  EXPECT_EQ(config.methods[3].kv_dtype, KvDtype::kQ8);
  const std::string frozen = to_yaml(config);
  const CampaignConfig again = ConfigFolder().load(frozen);
  EXPECT_EQ(to_yaml(again), frozen);
  EXPECT_EQ(again.kv_dtype, KvDtype::kBfloat16);
  EXPECT_EQ(labels(again.methods), labels(config.methods));
  EXPECT_EQ(again.methods[1].kv_dtype, KvDtype::kQ8);
}

TEST(Config, RefusesTwoMethodsOfOneLabelAlsoWhereAKvDtypeMakesIt) {
  const struct {
    const char* methods;
    const char* label;  // "": all differ
  } cases[] = {{"[{name: h2o, kv_dtype: q8}, {name: h2o, kv_dtype: q8, recent: 8}]", "h2o_q8"},
               {"[{name: h2o, kv_dtype: q8}, {name: streaming_llm, as: h2o_q8}]", "h2o_q8"},
               {"[{name: dense, kv_dtype: q8}, {name: dense, kv_dtype: q8}]", "dense_q8"},
               {"[{name: h2o, kv_dtype: q8, as: h2o}, h2o]", "h2o"},
               {"[h2o, {name: h2o, kv_dtype: q8}, {name: h2o, kv_dtype: float32}]", ""}};
  for (const auto& example : cases) {
    const std::string text =
        replaced(kGood, "[streaming_llm, {name: h2o, recent: 0.2}]", example.methods);
    if (*example.label == '\0') {
      EXPECT_EQ(ConfigFolder().load(text).methods.size(), 4U);  // and dense
      continue;
    }
    const std::string error = ConfigFolder().error_of(text);
    EXPECT_NE(error.find(std::string("two methods are called \"") + example.label + '"'),
              std::string::npos)
        << error;
  }
}

TEST(Config, SaysNothingOfKeysAndValuesInFloat32) {
  const CampaignConfig config = ConfigFolder().load(kGood);
  EXPECT_EQ(config.kv_dtype, KvDtype::kFloat32);
  EXPECT_EQ(to_yaml(config).find("kv_dtype"), std::string::npos);
}

}  // namespace
}  // namespace pressroom::config_test
