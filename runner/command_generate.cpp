#include <spdlog/spdlog.h>

#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/number_text.h"
#include "base/strings.h"
#include "command.h"
#include "generate/generation.h"
#include "generated_output.h"
#include "input_text.h"
#include "pressroom/error.h"
#include "progress.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

constexpr const char* kGenerateUsage =
    "generate --model M (--prompt TEXT | --prompt-file F | -) [OPTIONS]";

po::options_description generate_options() {
  po::options_description options("options");
  const auto text = [] { return po::value<std::string>(); };
  const auto number = [](double value) {
    return po::value<double>()->default_value(value, exact(value));
  };
  const auto count = [](std::int64_t value) {
    return po::value<std::int64_t>()->default_value(value);
  };
  options.add_options()("model", text()->required()->value_name("M"),
                        "starter, a model directory, a .gguf file, or a hub name");
  options.add_options()("prompt", text()->value_name("TEXT"), "what is asked or begun");
  options.add_options()("prompt-file", text()->value_name("F"), "the same, in a file");
  options.add_options()("raw", "feed the prompt as it is, without a chat template");
  options.add_options()("template", text()->value_name("NAME"),
                        "the chat template of this family instead of the model's");
  options.add_options()("system", text()->value_name("TEXT"), "how the model is to answer");
  options.add_options()("method", text()->default_value("dense")->value_name("Y"),
                        "a name or inline YAML: {name: h2o, recent: 48}");
  options.add_options()("budget", po::value<std::int64_t>()->value_name("B"),
                        "entries a head keeps");
  options.add_options()("sparsity", po::value<double>()->value_name("S"),
                        "fraction removed of the prompt");
  options.add_options()("evict", text()->default_value("both")->value_name("WHEN"),
                        "prompt, after or both: what of the text is evicted from");
  options.add_options()("positions", text(), "original or cache_index; default: the method's");
  options.add_options()("tokens", po::value<std::int64_t>()->value_name("N"),
                        "most tokens to generate (256, or what the model has positions for)");
  options.add_options()("stop", po::value<Words>()->composing()->value_name("S"),
                        "end before this text; may be given several times");
  options.add_options()("ignore-eos", "go on after a token that ends an answer");
  options.add_options()("temperature", number(0), "0 takes the most probable token");
  options.add_options()("top-k", count(0), "draw from the k most probable; 0: all");
  options.add_options()("top-p", number(1), "draw from the most probable that make up p");
  options.add_options()("min-p", number(0), "draw from those of p times the largest probability");
  options.add_options()("repetition-penalty", number(1), "of tokens that are in the text");
  options.add_options()("seed", count(0), "of the draws, and of methods that draw");
  options.add_options()("threads", count(0), "0 for all cores");
  add_memory_options(options);
  options.add_options()("beyond-positions", "go on behind the positions the model was made for");
  options.add_options()("save-cache", text()->value_name("F"),
                        "keep the cache after the prompt in this file");
  options.add_options()("load-cache", text()->value_name("F"),
                        "take up the cache of the prompt, or of its beginning, from this file");
  options.add_options()("ids", "print token ids instead of text");
  options.add_options()("stats", "say on standard error what it took");
  options.add_options()("json", "print one JSON object at the end");
  return options;
}

std::string prompt_from(const po::variables_map& values) {
  const bool is_piped = values.count("input") > 0;
  const auto given = values.count("prompt") + values.count("prompt-file") + (is_piped ? 1 : 0);
  if (given != 1 || (is_piped && values["input"].as<std::string>() != "-")) {
    throw Error({"generate needs one prompt", "",
                 "--prompt TEXT, --prompt-file F or -, one of them",
                 given == 0   ? "none"
                 : given == 1 ? values["input"].as<std::string>()
                              : std::to_string(given),
                 ""});
  }
  if (values.count("prompt") > 0) return values["prompt"].as<std::string>();
  return input_text(is_piped ? "-" : values["prompt-file"].as<std::string>(), "the prompt");
}

SamplingSettings sampling_from(const po::variables_map& values) {
  SamplingSettings sampling;
  sampling.temperature = values["temperature"].as<double>();
  sampling.top_k = values["top-k"].as<std::int64_t>();
  sampling.top_p = values["top-p"].as<double>();
  sampling.min_p = values["min-p"].as<double>();
  sampling.repetition_penalty = values["repetition-penalty"].as<double>();
  return sampling;
}

GenerationRequest generation_request_from(const po::variables_map& values, PluginHost& host) {
  const auto text = [&](const char* name) {
    return values.count(name) > 0 ? values[name].as<std::string>() : std::string();
  };
  GenerationRequest request;
  request.model = text("model");
  request.prompt.raw = values.count("raw") > 0;
  request.prompt.chat_template = text("template");
  if (values.count("system") > 0) request.prompt.system = text("system");
  request.method = parse_plugin_use(text("method"), PluginKind::kMethod, "--method", host);
  request.budget_tokens = budget_from(values);
  request.sparsity = sparsity_from(values);
  request.evict = parse_evict_when(text("evict"));
  if (values.count("positions") > 0) request.positions = positions_from(text("positions"));
  if (values.count("tokens") > 0) request.most_tokens = whole_number(values, "tokens", 1, 1 << 30);
  if (values.count("stop") > 0) request.stops = values["stop"].as<Words>();
  request.ignore_end = values.count("ignore-eos") > 0;
  request.sampling = sampling_from(values);
  request.seed = static_cast<std::uint64_t>(
      whole_number(values, "seed", 0, std::numeric_limits<std::int64_t>::max()));
  request.threads = whole_number(values, "threads", 0, 4096);
  request.dtype = parse_weight_dtype(text("dtype"));
  if (values.count("kv-dtype") > 0) request.kv_dtype = parse_kv_dtype(text("kv-dtype"));
  request.device = text("device");
  request.load_cache = text("load-cache");
  request.save_cache = text("save-cache");
  request.beyond_positions = values.count("beyond-positions") > 0;
  request.measure_bandwidth = values.count("stats") + values.count("json") > 0;
  if (values.count("prompt-file") > 0) request.prompt_file = text("prompt-file");
  // Standard input is read when all else of the command line is right.
  request.prompt.text = prompt_from(values);
  return request;
}

}  // namespace

int command_generate(const Words& words) {
  const po::variables_map values =
      parse_words(words, kGenerateUsage, generate_options(), {"input?"});
  PluginHost host = make_host(values);
  GenerationRequest request = generation_request_from(values, host);
  LoadLine load_line;
  request.load_progress = [&](std::int64_t done, std::int64_t total) {
    load_line.show(done, total);
  };
  const Generation generation(std::move(request), host);
  if (generation.is_beyond_training()) {
    spdlog::warn("the text may go beyond the positions the model was made for");
  }
  watch_signals();
  GenerationResult result;
  bool reader_is_gone = false;
  if (values.count("json") > 0) {
    GenerationControl control;
    control.stop_requested = stop_was_requested;
    result = generation.run(control);
    std::cout << json_line(to_json(generation, result)) << std::endl;
  } else {
    result = generate_streamed(generation, values.count("ids") > 0, reader_is_gone);
  }
  const auto tokens = static_cast<std::int64_t>(result.ids.size());
  if (values.count("stats") > 0) print_stats(result.stats, tokens, std::cerr);
  if (result.end != EndReason::kInterrupted || reader_is_gone) return kDone;
  spdlog::warn("interrupted after {}", counted(tokens, "token", "tokens"));
  return kInterrupted;
}

}  // namespace pressroom
