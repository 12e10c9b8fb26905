#include <ATen/ATen.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "pressroom/protection.h"
#include "pressroom/tensor_file.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// y = W2 gelu(W1 x + b1) + b2, or W2 x + b2 where there is no hidden layer.
struct Scorer {
  at::Tensor hidden_weight, hidden_bias;  // [m,D], [m], or undefined
  at::Tensor weight, bias;                // [G,m] or [G,D], [G]
};

// What a checkpoint's config.json says of its shape.
struct ScorerShape {
  std::int64_t inputs = 0;
  std::int64_t hidden = 0;  // 0: linear
  std::int64_t outputs = 0;
  std::int64_t modules = 0;
};

ScorerShape read_shape(const fs::path& file) {
  std::ifstream in(file);
  if (!in) {
    throw Error({"there are no weights for kvzap", file.string(),
                 "a checkpoint: config.json and model.safetensors", "no such file",
                 "make one with `pressroom train kvzap`, or name one with `weights`"});
  }
  try {
    const nlohmann::json config = nlohmann::json::parse(in);
    const nlohmann::json hidden = config.value("hidden_dim", nlohmann::json());
    return {config.at("input_dim"), hidden.is_null() ? 0 : hidden.get<std::int64_t>(),
            config.at("output_dim"), config.at("n_modules")};
  } catch (const nlohmann::json::exception& error) {
    throw Error({"this is not the config.json of a kvzap checkpoint", file.string(),
                 "input_dim, output_dim, n_modules and hidden_dim", error.what(),
                 "check `weights`"});
  }
}

// The shape of a checkpoint that came without a config.json.
ScorerShape shape_of(const NamedTensors& tensors) {
  ScorerShape shape;
  const auto first = tensors.find("layers.0.weight");
  const auto hidden = tensors.find("layers.0.0.weight");
  const auto last = tensors.find("layers.0.2.weight");
  if (first != tensors.end() && first->second.dim() == 2) {
    shape.inputs = first->second.size(1);
    shape.outputs = first->second.size(0);
  } else if (hidden != tensors.end() && last != tensors.end() && hidden->second.dim() == 2) {
    shape.inputs = hidden->second.size(1);
    shape.hidden = hidden->second.size(0);
    shape.outputs = last->second.size(0);
  }
  const std::string end = shape.hidden > 0 ? ".2.weight" : ".weight";
  while (tensors.count("layers." + std::to_string(shape.modules) + end) > 0) ++shape.modules;
  return shape;
}

void check_fit(const ScorerShape& shape, const ModelFacts& model, const std::string& where) {
  const auto text = [](std::int64_t inputs, std::int64_t outputs, std::int64_t modules) {
    return "input_dim " + std::to_string(inputs) + ", output_dim " + std::to_string(outputs) +
           ", n_modules " + std::to_string(modules);
  };
  const std::string needed = text(model.hidden_size, model.kv_heads, model.layers);
  const std::string found = text(shape.inputs, shape.outputs, shape.modules);
  if (needed == found) return;
  throw Error({"the kvzap checkpoint does not fit", where, needed + " for " + model.name, found,
               "name a checkpoint made for this model, or make one: pressroom train kvzap"});
}

// `path`: a checkpoint's directory, or its safetensors file alone.
std::vector<Scorer> read_scorers(const fs::path& path, const ModelFacts& model) {
  const bool is_file = fs::is_regular_file(path);
  const fs::path file = is_file ? path : path / "model.safetensors";
  ScorerShape shape;
  if (!is_file) shape = read_shape(path / "config.json");
  const NamedTensors tensors = read_tensors(file);
  if (is_file) shape = shape_of(tensors);
  check_fit(shape, model, path.string());
  const bool is_mlp = shape.hidden > 0;
  std::vector<Scorer> scorers(static_cast<std::size_t>(shape.modules));
  for (std::size_t layer = 0; layer < scorers.size(); ++layer) {
    const std::string name = "layers." + std::to_string(layer) + ".";
    const std::string last = is_mlp ? name + "2." : name;
    const auto take = [&](const std::string& tensor, const std::vector<std::int64_t>& of_shape) {
      return take_tensor(tensors, tensor, of_shape, file);
    };
    Scorer& scorer = scorers[layer];
    if (is_mlp) {
      scorer.hidden_weight = take(name + "0.weight", {shape.hidden, shape.inputs});
      scorer.hidden_bias = take(name + "0.bias", {shape.hidden});
    }
    scorer.weight = take(last + "weight", {shape.outputs, is_mlp ? shape.hidden : shape.inputs});
    scorer.bias = take(last + "bias", {shape.outputs});
  }
  return scorers;
}

}  // namespace

// Score of an entry: what the layer's scorer predicts from the hidden state it came from.
struct KvzapPolicy final : Policy {
  const Scorer& scorer;
  explicit KvzapPolicy(const Scorer& s) : scorer(s) {}

  at::Tensor birth_scores(const EntriesView& entries) override {
    at::Tensor x = entries.attention_input();
    if (scorer.hidden_weight.defined()) {
      x = at::gelu(at::addmm(scorer.hidden_bias, x, scorer.hidden_weight.t()));
    }
    return at::addmm(scorer.bias, x, scorer.weight.t()).t();
  }
};

class Kvzap final : public Method {
 public:
  PluginInfo describe() const override {
    std::vector<ParameterSpec> parameters = Protection::parameters(0, 0);
    ParameterSpec weights = string("weights", "")
                                .help(
                                    "directory of the scorer (config.json and "
                                    "model.safetensors), or a safetensors file; \"\" for "
                                    "kvzap-<model_type> beside the model");
    weights.type = ParameterType::kPath;
    parameters.push_back(weights);
    parameters.push_back(
        string("model_type", "linear")
            .one_of({"linear", "mlp"})
            .help("which of the scorers beside the model: linear, or with one hidden layer"));
    return {"keeps the entries a small trained scorer expects a second reading to need",
            "Jegou and Jeblick, KVzap: Fast, Adaptive, and Faithful KV Cache Pruning, 2026, "
            "arXiv 2601.07891",
            parameters};
  }

  void configure(const Parameters& parameters) override {
    protection_.configure(parameters);
    weights_ = parameters.string("weights");
    model_type_ = parameters.string("model_type");
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = protection_.plan(budget_tokens);
    plan.ranking = Ranking::kBirthScore;
    plan.needs.attention_input = true;
    return plan;
  }

  void bind(const ModelContext& context) override {
    const fs::path beside = fs::path(context.directory) / ("kvzap-" + model_type_);
    path_ = weights_.empty() ? beside : fs::path(weights_);
    scorers_ = read_scorers(path_, context.model);
  }

  std::vector<std::string> files() const override {
    if (fs::is_regular_file(path_)) return {path_.string()};
    return {(path_ / "config.json").string(), (path_ / "model.safetensors").string()};
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<KvzapPolicy>(scorers_.at(static_cast<std::size_t>(context.layer)));
  }

 private:
  Protection protection_;
  std::string weights_, model_type_;
  std::filesystem::path path_;   // of the checkpoint in use
  std::vector<Scorer> scorers_;  // of each layer
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Kvzap, "kvzap", "1.0.0")
