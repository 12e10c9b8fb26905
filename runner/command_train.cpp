#include <spdlog/spdlog.h>

#include <iostream>
#include <utility>

#include "command.h"
#include "pressroom/error.h"
#include "train/starter/train_starter.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

constexpr const char* kTrainUsage =
    "usage: pressroom train starter|kvzap [OPTIONS]\n\n"
    "  starter   the small model that comes with pressroom\n"
    "  kvzap     scorers for the method kvzap, for any model\n\n"
    "pressroom train WHAT --help says more.\n";

void report(const TrainProgress& progress) {
  std::string line =
      fmt::format("step {}/{}  {} tokens  {:.0f} s  loss {:.4f}", progress.step, progress.steps,
                  progress.tokens, progress.seconds, progress.train_loss);
  if (progress.is_evaluated) {
    line += fmt::format("  held-out {:.4f} bits/byte  recall", progress.evaluation.bits_per_byte);
    for (std::size_t i = 0; i < progress.evaluation.lengths.size(); ++i) {
      line +=
          fmt::format(" {:.3f}@{}", progress.evaluation.recall[i], progress.evaluation.lengths[i]);
    }
  }
  for (const TaskScore& task : progress.evaluation.tasks) {
    line += fmt::format("\n  {:<16}", task.name);
    for (std::size_t i = 0; i < task.lengths.size(); ++i) {
      line += fmt::format(" {:.3f}@{}", task.right[i], task.lengths[i]);
    }
  }
  spdlog::info("{}", line);
}

Diet diet_called(const std::string& name) {
  if (name == "text") return Diet::kText;
  if (name == "tasks") return Diet::kTasks;
  throw Error({"there is no such diet", "--diet", "text or tasks", name, ""});
}

int command_train_starter(const Words& words) {
  TrainStarterOptions defaults;
  po::options_description options("options");
  options.add_options()("texts", po::value<std::string>()->required()->value_name("DIR"),
                        "folder of .txt files to learn from (scripts/starter-text writes one)");
  options.add_options()("held-out", po::value<std::string>()->required()->value_name("FILE"),
                        "a text that nothing is learned from");
  options.add_options()("out", po::value<std::string>()->required()->value_name("DIR"),
                        "receives the model; a run that was killed goes on from here");
  options.add_options()("begin-from", po::value<std::string>()->value_name("DIR"),
                        "a starter model to go on from instead of random weights");
  options.add_options()("diet", po::value<std::string>()->default_value("text")->value_name("D"),
                        "text, or tasks: the shapes of RULER besides");
  options.add_options()("layers", po::value<std::int64_t>()->default_value(defaults.layers),
                        "layers; may be more than --begin-from has");
  options.add_options()("steps", po::value<std::int64_t>()->default_value(defaults.steps),
                        "updates");
  options.add_options()("seed", po::value<std::uint64_t>()->default_value(defaults.seed), "seed");
  options.add_options()("threads", po::value<int>()->default_value(defaults.threads), "threads");
  const po::variables_map values = parse_words(
      words, "train starter --texts DIR --held-out FILE --out DIR [OPTIONS]", options, {});
  TrainStarterOptions train;
  train.texts = values["texts"].as<std::string>();
  train.held_out = values["held-out"].as<std::string>();
  train.out = values["out"].as<std::string>();
  if (values.count("begin-from") > 0) train.begin_from = values["begin-from"].as<std::string>();
  train.diet = diet_called(values["diet"].as<std::string>());
  train.layers = values["layers"].as<std::int64_t>();
  train.steps = values["steps"].as<std::int64_t>();
  train.seed = values["seed"].as<std::uint64_t>();
  train.threads = values["threads"].as<int>();
  // Until the first step there is nothing to be saved, and a signal ends it at once.
  train.stop_requested = [watches = false]() mutable {
    if (!std::exchange(watches, true)) watch_signals();
    return stop_was_requested();
  };
  train_starter(train, report);
  return kDone;
}

}  // namespace

int command_train(const Words& words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h") {
    (words.empty() ? std::cerr : std::cout) << kTrainUsage;
    return words.empty() ? kWrongRequest : kDone;
  }
  const Words rest(words.begin() + 1, words.end());
  if (words[0] == "starter") return command_train_starter(rest);
  if (words[0] == "kvzap") return command_train_kvzap(rest);
  const std::string near = closest_match(words[0], {"starter", "kvzap"});
  throw Error({"there is no such trainer", "", "starter or kvzap", words[0],
               near.empty() ? "" : "did you mean \"" + near + "\"?"});
}

}  // namespace pressroom
