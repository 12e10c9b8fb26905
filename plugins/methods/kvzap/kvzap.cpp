#include "checkpoint.h"
#include "pressroom/plugin.h"

namespace pressroom {

// Score of an entry: what the layer's scorer predicts from the hidden state it came from.
struct Kvzap final : BirthScorer<Kvzap> {
  std::int64_t n_sink = 0;
  TokensOrFraction recent;
  std::string weights, model_type;
  std::filesystem::path path;        // of the checkpoint in use
  std::vector<KvzapScorer> scorers;  // of each layer

  static Declaration<Kvzap> declare() {
    return Declaration<Kvzap>(
               "keeps the entries a small trained scorer expects a second reading to need")
        .paper(
            "Jegou and Jeblick, KVzap: Fast, Adaptive, and Faithful KV Cache Pruning, 2026, "
            "arXiv 2601.07891")
        .sinks(&Kvzap::n_sink, 0)
        .recents(&Kvzap::recent, 0)
        .parameter(
            &Kvzap::weights,
            optional_path("weights",
                          "directory of the scorer (config.json and model.safetensors), or a "
                          "safetensors file; \"\" for kvzap-<model_type> beside the model"))
        .parameter(&Kvzap::model_type,
                   string("model_type", "linear",
                          "which of the scorers beside the model: linear, or with one hidden layer")
                       .one_of({"linear", "mlp"}))
        .needs(&Needs::attention_input);
  }

  void bind(const ModelContext& context) override {
    const std::filesystem::path folder = context.directory;
    path = weights.empty() ? folder / ("kvzap-" + model_type) : std::filesystem::path(weights);
    scorers = read_scorers(path, context.model);
  }

  std::vector<std::string> files() const override {
    if (std::filesystem::is_regular_file(path)) return {path.string()};
    return {(path / "config.json").string(), (path / "model.safetensors").string()};
  }

  at::Tensor birth_scores(const EntriesView& entries, const PolicyContext& context) const {
    return scorers.at(static_cast<std::size_t>(context.layer)).scores(entries.attention_input());
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Kvzap, "kvzap", "1.0.0")
