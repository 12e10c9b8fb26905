#include <spdlog/spdlog.h>

#include <iostream>

#include "command.h"
#include "engine/run.h"
#include "pressroom/error.h"
#include "train/kvzap/kvzap_trainer.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

constexpr const char* kTrainKvzapUsage = "train kvzap --model M --data FILE [OPTIONS]";

po::options_description train_options() {
  const TrainKvzapOptions defaults;
  po::options_description options("options");
  const auto text = [] { return po::value<std::string>(); };
  const auto count = [](std::int64_t value, const char* letter) {
    return po::value<std::int64_t>()->default_value(value)->value_name(letter);
  };
  options.add_options()("model", text()->required()->value_name("M"),
                        "starter, a model directory, a .gguf file, or a hub name");
  options.add_options()("data", text()->required()->value_name("FILE"),
                        "YAML: datasets as in a campaign, and context, the tokens of a window");
  options.add_options()("kind", text()->default_value("linear"), "linear, mlp or both");
  options.add_options()("out", text()->value_name("DIR"),
                        "receives kvzap-linear and kvzap-mlp; default: beside the model's weights, "
                        "where the method looks for them");
  options.add_options()("tokens", count(defaults.tokens, "N"), "of text read, about");
  options.add_options()("rows", count(defaults.rows_per_window, "R"),
                        "tokens of each window that are learned from, at most");
  options.add_options()("hidden", count(0, "M"),
                        "hidden units of mlp; 0: an eighth of the hidden size, at least 16");
  options.add_options()("epochs", count(defaults.mlp.epochs, "E"), "of mlp, at most");
  options.add_options()("rate", po::value<double>()->default_value(defaults.mlp.rate),
                        "learning rate of mlp");
  options.add_options()("seed", po::value<std::uint64_t>()->default_value(defaults.seed), "seed");
  options.add_options()("threads", count(0, "T"), "0 for all cores");
  options.add_options()("keep-data", "leave what was learned from in DIR/kvzap-rows");
  return options;
}

std::vector<KvzapKind> kinds_from(const std::string& name) {
  if (name == "linear") return {KvzapKind::kLinear};
  if (name == "mlp") return {KvzapKind::kMlp};
  if (name == "both") return {KvzapKind::kLinear, KvzapKind::kMlp};
  const std::string near = closest_match(name, {"linear", "mlp", "both"});
  throw Error({"there is no such kind of scorer", "--kind", "linear, mlp or both", name,
               near.empty() ? "" : "did you mean \"" + near + "\"?"});
}

TrainKvzapOptions options_from(const po::variables_map& values) {
  TrainKvzapOptions options;
  options.model = values["model"].as<std::string>();
  options.data = values["data"].as<std::string>();
  options.kinds = kinds_from(values["kind"].as<std::string>());
  if (values.count("out") > 0) options.out = values["out"].as<std::string>();
  options.tokens = whole_number(values, "tokens", 1, std::int64_t{1} << 40);
  options.rows_per_window = whole_number(values, "rows", 1, 1 << 24);
  options.mlp.hidden = whole_number(values, "hidden", 0, 1 << 20);
  options.mlp.epochs = whole_number(values, "epochs", 1, 1 << 20);
  options.mlp.rate = values["rate"].as<double>();
  options.seed = values["seed"].as<std::uint64_t>();
  options.threads = whole_number(values, "threads", 0, 4096);
  options.keep_data = values.count("keep-data") > 0;
  if (!(options.mlp.rate > 0)) {
    throw Error({"a learning rate is above 0", "--rate", "a number above 0",
                 std::to_string(options.mlp.rate), ""});
  }
  return options;
}

}  // namespace

int command_train_kvzap(const Words& words) {
  const po::variables_map values = parse_words(words, kTrainKvzapUsage, train_options(), {});
  PluginHost host = make_host(values);
  const TrainKvzapOptions options = options_from(values);
  TrainKvzapControl control;
  // Until it is asked there is nothing to be removed, and a signal ends the program at once.
  control.stop_requested = [] {
    static const bool watches = (watch_signals(), true);
    return watches && stop_was_requested();
  };
  control.on_line = [](const std::string& line) { spdlog::info("{}", line); };
  for (const KvzapResult& result : train_kvzap(options, host, control)) {
    std::cout << result.directory.string() << "  mean R2 " << result.mean_r2 << "\n";
  }
  return kDone;
}

}  // namespace pressroom
