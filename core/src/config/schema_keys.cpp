// The table of the keys of a campaign file.
#include <utility>

#include "config/schema.h"
#include "model/weight_loader.h"
#include "protocol/kv_dtype.h"

namespace pressroom {
namespace {

// Far above any model's positions: sums of a few cannot overflow.
constexpr std::int64_t kMostPositions = std::int64_t{1} << 31;

ParameterSpec text(const char* name, const char* help) {
  return required(name, ParameterType::kString, help);
}
ParameterSpec whole(const char* name, const char* help) {
  return required(name, ParameterType::kInteger, help);
}

ParameterSpec kv_dtype(const char* help) { return text("kv_dtype", help).one_of(kv_dtype_names()); }

ParameterSpec positions(const char* help) {
  return text("positions", help)
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

// The constraints of a server, of a protocol or of one method.
std::vector<ConfigKey> constraint_keys(const char* section) {
  return {
      optional(key(section, whole("evict_in_blocks",
                                  "entries leave in whole pages of so many consecutive tokens, by "
                                  "the mean of their scores; 1: one by one")
                                .at_least(1)
                                .at_most(kMostPositions))),
      optional(key(section, text("heads",
                                 "`together`: the KV heads of a layer hold the same entries, by "
                                 "the mean of their scores; `apart`: each its own")
                                .one_of({"apart", "together"}))),
      optional(key(section, required("append_only", ParameterType::kBool,
                                     "nothing held is moved or rewritten, and memory is freed by "
                                     "the page, of `evict_in_blocks` tokens or 16"))),
      optional(key(section, required("keep_prompt", ParameterType::kBool,
                                     "prefill with hold: the prompt's entries never leave; "
                                     "sparsity is of all tokens"))),
  };
}

ConfigKey version_key(const char* section, const char* name) {
  const std::string help = std::string("1, 1.2 or 1.2.0: the highest that begins so, of those ") +
                           "installed; as much as `" + name + ": NAME@1.2`";
  return optional(key(section, text("version", help.c_str())));
}

ConfigKey group_key(const char* section, const char* what) {
  const std::string help =
      std::string("heading under which tables put the ") + what + " that share it";
  return optional(key(section, text("group", help.c_str())));
}

std::vector<ConfigKey> campaign_keys() {
  ConfigKey sparsity =
      optional(key("",
                   required("sparsity", ParameterType::kNumber,
                            "fraction of the cache removed: 0.9 keeps a tenth of the context")
                       .at_least(0)
                       .alias("compression_ratio"),
                   KeyShape::kList));
  sparsity.below = 1;
  return {
      key("", text("name", "names the campaign and the folder of its results")),
      key("", text("model",
                   "`starter` or `starter-tasks`, which are built in; a model directory; a .gguf "
                   "file; or a name in the local hub cache")),
      key("", text("protocol", "how tokens are fed and which are scored"), KeyShape::kSection),
      key("", text("datasets", "what is read, by reader"), KeyShape::kPlugins),
      key("", text("methods", "what evicts; `dense`, the baseline, is added when missing"),
          KeyShape::kPlugins),
      std::move(sparsity),
      optional(key("", whole("budget", "tokens a head keeps, instead of a sparsity").at_least(1),
                   KeyShape::kList)),
      optional(key("",
                   text("match",
                        "budgets at which methods keep as much as one that decides "
                        "by itself, instead of a sparsity"),
                   KeyShape::kSection)),
      by_default(key("", whole("seeds", "one set of windows and random draws each").at_least(0),
                     KeyShape::kList),
                 "[42]"),
      by_default(key("", text("metrics", "what is computed"), KeyShape::kPlugins),
                 "[perplexity, cache, throughput, memory]"),
      optional(key("", positions("where RoPE sees a token after evictions, for methods that "
                                 "do not say; left out: each method's own choice"))),
      by_default(key("", text("engine",
                              "what runs it: `replay`, layer by layer, `decode`, token by token "
                              "as a server does; `auto` replays what can be replayed")
                             .one_of({"auto", "replay", "decode"})),
                 "auto"),
      by_default(key("", text("device", "where the model runs; `cuda` needs a libtorch that has it")
                             .one_of({"cpu", "cuda"})),
                 "cpu"),
      by_default(key("", text("dtype", "how weights are held in memory; arithmetic is float32")
                             .one_of(weight_dtype_names())),
                 "float32"),
      by_default(key("", kv_dtype("how a cache holds keys and values, rounded once when a token "
                                  "enters; arithmetic is float32. `q8`: 8 bits, with a scale for "
                                  "each 32 channels")),
                 "float32"),
      by_default(key("", whole("threads", "CPU threads; 0: all cores").at_least(0).at_most(4096)),
                 "0"),
      by_default(key("", required("beyond_positions", ParameterType::kBool,
                                  "run, with a warning, what uses more positions than the model "
                                  "was made for")),
                 "false"),
      by_default(key("", required("traces", ParameterType::kBool,
                                  "write an eviction trace of each document beside the result of "
                                  "its cell; not under `window`")),
                 "false"),
      optional(key(
          "",
          text("answers", "where the answers come from that metrics judge; one word is its `from`"),
          KeyShape::kSection)),
      optional(key("", text("limits", "what a cell may take before its worker ends it"),
                   KeyShape::kSection)),
      by_default(key("", whole("retries",
                               "times a cell is run again whose worker was ended from outside or "
                               "ran out of memory")
                             .at_least(0)
                             .at_most(100)),
                 "1"),
      optional(key("",
                   text("outputs", "files of the studies, beside those that every campaign leaves")
                       .one_of(study_outputs()),
                   KeyShape::kList)),
      optional(key("", text("notes", "free text for those who read the report"))),
      optional(
          key("", text("tags", "words by which `list results` finds campaigns"), KeyShape::kList)),
      optional(key("",
                   text("columns",
                        "metric values that the results table shows, in this order; left out: "
                        "those that tell most on the kind of dataset"),
                   KeyShape::kList)),
      optional(key("",
                   required("margins", ParameterType::kNumber,
                            "by metric value, in its unit: what counts as the same, of the tests "
                            "of equivalence")
                       .at_least(0),
                   KeyShape::kNumbers)),
      optional(key("", text("report", "what the report shows"), KeyShape::kSection)),
      optional(key(
          "", text("plugin_dirs", "folders in which plugins are looked for, as by --plugin-dir"),
          KeyShape::kList)),
      optional(key("", text("on_end",
                            "command that `run` has /bin/sh run when it ends, with a summary in "
                            "JSON on its standard input"))),
      optional(key("",
                   text("when_model",
                        "values that hold in place of the file's for one model: "
                        "`starter: {protocol.context: 512}`; flags override them"),
                   KeyShape::kOverrides)),
  };
}

std::vector<ConfigKey> section_keys() {
  return {
      by_default(
          key("protocol", text("kind",
                               "`stream`: token by token from an empty cache; `chunked`: in "
                               "chunks; `prefill`: a prompt, one compression, the rest token "
                               "by token; `questions`: a context, one compression, and each of "
                               "its questions token by token over what is left; `window`: nothing "
                               "carried over, a baseline")
                              .one_of({"stream", "chunked", "prefill", "questions", "window"})),
          "stream"),
      optional(key(
          "protocol",
          whole("chunk_size", "chunked: tokens fed together").at_least(1).at_most(kMostPositions))),
      optional(key("protocol", whole("prefill_tokens",
                                     "prefill: the prompt; "
                                     "sparsity is of these")
                                   .at_least(1)
                                   .at_most(kMostPositions))),
      optional(
          key("protocol", text("continuation",
                               "prefill, questions: what is fed after the prompt stays on top of "
                               "the budget (`grow`, the default), or is evicted back to it "
                               "(`hold`)")
                              .one_of({"grow", "hold"}))),
      optional(key("protocol",
                   text("query",
                        "questions: the context is compressed before a question is known (`after`, "
                        "the default), or once for each, with the question (`inside`)")
                       .one_of({"after", "inside"}))),
      optional(key("protocol",
                   text("asked",
                        "questions: each of the same compressed context (`independent`, the "
                        "default), or one after the other with the answers between (`turns`)")
                       .one_of({"independent", "turns"}))),
      optional(key("protocol", whole("window", "window: tokens from one empty cache")
                                   .at_least(2)
                                   .at_most(kMostPositions))),
      optional(key("protocol", whole("stride",
                                     "window: tokens from one window's start to the next's; "
                                     "default: the window, so that none overlap")
                                   .at_least(1)
                                   .at_most(kMostPositions))),
      key("protocol",
          whole("context", "tokens of a document; one group of cells for each")
              .at_least(2)
              .at_most(kMostPositions),
          KeyShape::kList),
      key("protocol", whole("documents", "documents of that length for each dataset and seed")
                          .at_least(1)
                          .at_most(kMostPositions)),
      key("match", text("to", "label of a method that decides by itself how much it keeps")),
      by_default(key("match", text("by",
                                   "what is made equal, as measured: `measured_ratio`, the "
                                   "fraction of the entries held at the end; `mean_held`, "
                                   "entries held on average over the steps")
                                  .one_of({"measured_ratio", "mean_held"})),
                 "measured_ratio"),
      by_default(key("match", whole("documents",
                                    "documents that it is measured on, for each dataset and "
                                    "context; none that the campaign scores")
                                  .at_least(1)
                                  .at_most(kMostPositions)),
                 "4"),
      by_default(key("match", required("tolerance", ParameterType::kNumber,
                                       "largest difference of the fractions that is taken for "
                                       "equal; 0: the closest budget there is")
                                  .at_least(0)
                                  .at_most(0.5)),
                 "0.01"),
      by_default(
          key("answers", text("from",
                              "`forced`: what greedy decoding gives is read off the answers in the "
                              "text; `generated`: it is decoded, which more metrics can judge; "
                              "under `questions`")
                             .one_of({"forced", "generated"})),
          "forced"),
      by_default(
          key("answers", whole("most_tokens", "generated for an answer; datasets may say otherwise")
                             .at_least(1)
                             .at_most(kMostPositions)),
          "64"),
      optional(key("answers", text("stop", "texts that an answer ends before"), KeyShape::kList)),
      by_default(key("limits", whole("seconds", "of a cell; 0: no limit").at_least(0)), "0"),
      by_default(key("limits", whole("stall_seconds",
                                     "without a token fed or a call of a plugin ended; 0: no limit")
                                   .at_least(0)),
                 "1800"),
      by_default(
          key("limits", whole("memory_mb", "that a worker holds in RAM; 0: no limit").at_least(0)),
          "0"),
      optional(key("report", text("figures", "figures as files"), KeyShape::kSection)),
      optional(key("report.figures",
                   text("without",
                        "labels of methods that are left out: one that loses far more "
                        "than the others, say"),
                   KeyShape::kList)),
      by_default(
          key("report.figures", text("formats", "of the files").one_of({"svg", "pdf", "png"}),
              KeyShape::kList),
          "[svg, pdf]"),
      key("datasets[]", text("reader", "the dataset reader")),
      version_key("datasets[]", "reader"),
      optional(key("datasets[]", text("as", "label in results; default: the reader"))),
      group_key("datasets[]", "datasets"),
      key("methods[]", text("name", "the method")),
      version_key("methods[]", "name"),
      optional(key("methods[]", text("as", "label in results; default: the name"))),
      group_key("methods[]", "methods"),
      optional(key("methods[]", positions("overrides the campaign's"))),
      optional(key("methods[]", kv_dtype("overrides the campaign's, and stands in the label where "
                                         "there is no `as`: `{name: dense, kv_dtype: q8}` is "
                                         "`dense_q8`, beside the baseline"))),
      key("metrics[]", text("name", "the metric")),
      version_key("metrics[]", "name"),
      optional(key("metrics[]", text("as", "label; default: the name"))),
  };
}

}  // namespace

const std::vector<ConfigKey>& config_keys() {
  static const std::vector<ConfigKey> keys = [] {
    std::vector<ConfigKey> all = campaign_keys();
    for (ConfigKey& each : section_keys()) all.push_back(std::move(each));
    for (const char* section : {"protocol", "methods[]"}) {
      for (ConfigKey& each : constraint_keys(section)) all.push_back(std::move(each));
    }
    return all;
  }();
  return keys;
}

}  // namespace pressroom
