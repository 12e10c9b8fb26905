// The table of the keys of a campaign file.
#include <utility>

#include "config/schema.h"
#include "model/weight_loader.h"

namespace pressroom {
namespace {

// Far above any model's positions: sums of a few cannot overflow.
constexpr std::int64_t kMostPositions = std::int64_t{1} << 31;

ParameterSpec text(const char* name) { return required(name, ParameterType::kString); }
ParameterSpec whole(const char* name) { return required(name, ParameterType::kInteger); }

ParameterSpec positions() {
  return text("positions")
      .one_of({to_string(Positions::kOriginal), to_string(Positions::kCacheIndex)});
}

ConfigKey key(std::string section, ParameterSpec spec, KeyShape shape = KeyShape::kValue) {
  ConfigKey made;
  made.section = std::move(section);
  made.spec = std::move(spec);
  made.shape = shape;
  return made;
}

ConfigKey by_default(ConfigKey made, std::string yaml) {
  made.default_yaml = std::move(yaml);
  return made;
}

ConfigKey optional(ConfigKey made) {
  made.optional = true;
  return made;
}

std::vector<ConfigKey> campaign_keys() {
  ConfigKey sparsity =
      optional(key("",
                   required("sparsity", ParameterType::kNumber)
                       .at_least(0)
                       .alias("compression_ratio")
                       .help("fraction of the cache removed: 0.9 keeps a tenth of the context"),
                   KeyShape::kList));
  sparsity.below = 1;
  return {
      key("", text("name").help("names the campaign and the folder of its results")),
      key("",
          text("model").help("`starter`, the built-in model; a model directory; a .gguf file; or a "
                             "name in the local hub cache")),
      key("", text("protocol").help("how tokens are fed and which are scored"), KeyShape::kSection),
      key("", text("datasets").help("what is read, by reader"), KeyShape::kPlugins),
      key("", text("methods").help("what evicts; `dense`, the baseline, is added when missing"),
          KeyShape::kPlugins),
      std::move(sparsity),
      optional(key("",
                   whole("budget").at_least(1).help("tokens a head keeps, instead of a sparsity"),
                   KeyShape::kList)),
      optional(key("",
                   text("match").help("budgets at which methods keep as much as one that decides "
                                      "by itself, instead of a sparsity"),
                   KeyShape::kSection)),
      by_default(
          key("", whole("seeds").at_least(0).help("one set of windows and random draws each"),
              KeyShape::kList),
          "[42]"),
      by_default(key("", text("metrics").help("what is computed"), KeyShape::kPlugins),
                 "[perplexity, cache, throughput, memory]"),
      optional(key("", positions().help("where RoPE sees a token after evictions, for methods that "
                                        "do not say; left out: each method's own choice"))),
      by_default(
          key("", text("engine")
                      .one_of({"auto", "replay", "decode"})
                      .help("what runs it: `replay`, layer by layer, `decode`, token by token "
                            "as a server does; `auto` replays what can be replayed")),
          "auto"),
      by_default(key("", text("device")
                             .one_of({"cpu", "cuda"})
                             .help("where the model runs; `cuda` needs a libtorch that has it")),
                 "cpu"),
      by_default(key("", text("dtype")
                             .one_of(weight_dtype_names())
                             .help("how weights are held in memory; arithmetic is float32")),
                 "float32"),
      by_default(
          key("", whole("threads").at_least(0).at_most(4096).help("CPU threads; 0: all cores")),
          "0"),
      by_default(key("", required("beyond_positions", ParameterType::kBool)
                             .help("run, with a warning, what uses more positions than the model "
                                   "was made for")),
                 "false"),
      by_default(key("", required("traces", ParameterType::kBool)
                             .help("write an eviction trace of each document beside the result of "
                                   "its cell; not under `window`")),
                 "false"),
      optional(key("",
                   text("outputs")
                       .one_of(study_outputs())
                       .help("files of the studies, beside those that every campaign leaves"),
                   KeyShape::kList)),
      optional(key("",
                   text("when_model")
                       .help("values that hold in place of the file's for one model: "
                             "`starter: {protocol.context: 512}`; flags override them"),
                   KeyShape::kOverrides)),
  };
}

std::vector<ConfigKey> section_keys() {
  return {
      by_default(
          key("protocol", text("kind")
                              .one_of({"stream", "chunked", "prefill", "window"})
                              .help("`stream`: token by token from an empty cache; `chunked`: in "
                                    "chunks; `prefill`: a prompt, one compression, the rest token "
                                    "by token; `window`: nothing carried over, a baseline")),
          "stream"),
      optional(key("protocol", whole("chunk_size")
                                   .at_least(1)
                                   .at_most(kMostPositions)
                                   .help("chunked: tokens fed together"))),
      optional(key("protocol", whole("prefill_tokens")
                                   .at_least(1)
                                   .at_most(kMostPositions)
                                   .help("prefill: the prompt; "
                                         "sparsity is of these"))),
      optional(key("protocol",
                   text("continuation")
                       .one_of({"grow", "hold"})
                       .help("prefill: what is fed after the prompt stays on top of the budget "
                             "(`grow`, the default), or is evicted back to it (`hold`)"))),
      optional(key("protocol", whole("window")
                                   .at_least(2)
                                   .at_most(kMostPositions)
                                   .help("window: tokens from one empty cache"))),
      optional(key("protocol", whole("stride")
                                   .at_least(1)
                                   .at_most(kMostPositions)
                                   .help("window: tokens from one window's start to the next's; "
                                         "default: the window, so that none overlap"))),
      key("protocol",
          whole("context")
              .at_least(2)
              .at_most(kMostPositions)
              .help("tokens of a document; one group of cells for each"),
          KeyShape::kList),
      key("protocol", whole("documents")
                          .at_least(1)
                          .at_most(kMostPositions)
                          .help("documents of that length for each dataset and seed")),
      key("match", text("to").help("label of a method that decides by itself how much it keeps")),
      by_default(key("match", text("by")
                                  .one_of({"measured_ratio", "mean_held"})
                                  .help("what is made equal, as measured: `measured_ratio`, the "
                                        "fraction of the entries held at the end; `mean_held`, "
                                        "entries held on average over the steps")),
                 "measured_ratio"),
      by_default(key("match", whole("documents")
                                  .at_least(1)
                                  .at_most(kMostPositions)
                                  .help("documents that it is measured on, for each dataset and "
                                        "context; none that the campaign scores")),
                 "4"),
      by_default(key("match", required("tolerance", ParameterType::kNumber)
                                  .at_least(0)
                                  .at_most(0.5)
                                  .help("largest difference of the fractions that is taken for "
                                        "equal; 0: the closest budget there is")),
                 "0.01"),
      key("datasets[]", text("reader").help("the dataset reader")),
      optional(key("datasets[]", text("as").help("label in results; default: the reader"))),
      key("methods[]", text("name").help("the method")),
      optional(key("methods[]", text("as").help("label in results; default: the name"))),
      optional(key("methods[]", positions().help("overrides the campaign's"))),
      key("metrics[]", text("name").help("the metric")),
      optional(key("metrics[]", text("as").help("label; default: the name"))),
  };
}

}  // namespace

const std::vector<ConfigKey>& config_keys() {
  static const std::vector<ConfigKey> keys = [] {
    std::vector<ConfigKey> all = campaign_keys();
    for (ConfigKey& each : section_keys()) all.push_back(std::move(each));
    return all;
  }();
  return keys;
}

}  // namespace pressroom
