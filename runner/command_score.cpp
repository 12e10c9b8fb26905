#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "campaign/score.h"
#include "command.h"
#include "pressroom/error.h"
#include "progress.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

ScoreRequest request_from(const po::variables_map& values, PluginHost& host) {
  const auto text = [&](const char* name) {
    return values.count(name) > 0 ? values[name].as<std::string>() : std::string();
  };
  ScoreRequest request;
  request.model = text("model");
  request.ids_file = text("ids");
  request.text_file = text("text");
  if (request.ids_file.empty() == request.text_file.empty()) {
    throw Error({"score needs one document", "", "--ids F.json or --text F, not both",
                 request.ids_file.empty() ? "neither" : "both", ""});
  }
  request.protocol = parse_protocol(text("protocol"), "--protocol");
  request.method = parse_plugin_use(text("method"), PluginKind::kMethod, "--method", host);
  request.budget_tokens = budget_from(values);
  request.sparsity = sparsity_from(values);
  if (values.count("positions") > 0) request.positions = positions_from(text("positions"));
  request.engine = text("engine");
  const Words engines = {"auto", "replay", "decode", "both"};
  if (std::find(engines.begin(), engines.end(), request.engine) == engines.end()) {
    throw Error({"--engine cannot be understood", "", "auto, replay, decode or both",
                 request.engine, closest_match(request.engine, engines)});
  }
  request.seed = static_cast<std::uint64_t>(
      whole_number(values, "seed", 0, std::numeric_limits<std::int64_t>::max()));
  request.threads = whole_number(values, "threads", 0, 4096);
  request.dtype = parse_weight_dtype(text("dtype"));
  if (values.count("kv-dtype") > 0) request.kv_dtype = parse_kv_dtype(text("kv-dtype"));
  request.device = text("device");
  request.fidelity = values.count("fidelity") > 0;
  request.allow_inert = values.count("allow-inert") > 0;
  request.check_views = values.count("check-views") > 0;
  request.beyond_positions = values.count("beyond-positions") > 0;
  request.trace_file = text("trace");
  return request;
}

void print_summary(const ScoreResult& result) {
  std::cout << "model        " << result.model << "\nprotocol     " << result.protocol.text()
            << "\nmethod       " << result.method << "\npositions    "
            << to_string(result.positions) << "\nbudget       " << result.budget_tokens
            << " entries a head\ntargets      " << result.run.targets.size() << "\nmean nll     "
            << result.mean_nll() << " nats/token\nperplexity   " << std::exp(result.mean_nll())
            << "\nKV held      " << result.kv_bytes << " bytes\ntime         " << result.seconds
            << " s\n";
  if (result.fidelity) {
    std::cout << "KL to dense  mean " << result.fidelity->mean_kl() << ", 99 % below "
              << result.fidelity->kl_percentile(990) << " nats/token\nsame top 1   "
              << result.fidelity->top1_agreement() << " of the targets\n";
  }
  if (!result.decoded) return;
  std::cout << "replay and decode: largest nll difference " << result.largest_difference() << ", "
            << (result.same_kept() ? "same" : "NOT the same") << " entries kept\n";
  if (result.parting) std::cout << text(*result.parting, "replay", "decode");
}

}  // namespace

int command_score(const Words& words) {
  po::options_description options("options");
  const auto text = [] { return po::value<std::string>(); };
  options.add_options()("model", text()->required()->value_name("M"),
                        "starter, a model directory, a .gguf file, or a hub name");
  options.add_options()("ids", text()->value_name("F.json"), "a JSON array of token ids");
  options.add_options()("text", text()->value_name("F"), "a text, encoded without special tokens");
  options.add_options()("protocol", text()->default_value("stream")->value_name("P"),
                        "stream, or inline YAML: {kind: prefill, prefill_tokens: 320}");
  options.add_options()("method", text()->required()->value_name("Y"),
                        "a name or inline YAML: {name: h2o, recent: 48}");
  options.add_options()("budget", po::value<std::int64_t>()->value_name("B"),
                        "entries a head keeps");
  options.add_options()("sparsity", po::value<double>()->value_name("S"), "fraction removed");
  options.add_options()("positions", text(), "original or cache_index; default: the method's");
  options.add_options()("engine", text()->default_value("auto"),
                        "auto, replay, decode, or both: replay, and compared with decode");
  options.add_options()("seed", po::value<std::int64_t>()->default_value(0),
                        "for methods that draw random numbers");
  options.add_options()("threads", po::value<std::int64_t>()->default_value(0), "0 for all cores");
  add_memory_options(options);
  options.add_options()("allow-inert", "run although nothing can be evicted in time");
  options.add_options()("beyond-positions", "run although the model was made for fewer positions");
  options.add_options()("check-views", "fail a method that writes to what it is shown");
  options.add_options()("trace", text()->value_name("FILE"), "write an eviction trace");
  options.add_options()("fidelity", "run dense too: KL(dense || method), top-1 agreement");
  options.add_options()("logits", "with --json: last_logits, [V], after the last token");
  options.add_options()("json", "print one JSON object");
  const po::variables_map values = parse_words(
      words, "score --model M (--ids F.json | --text F) --method Y [OPTIONS]", options, {});
  PluginHost host = make_host(values);
  watch_signals();
  RunControl control;
  control.stop_requested = stop_was_requested;
  ScoreRequest request = request_from(values, host);
  LoadLine load_line;
  request.load_progress = [&](std::int64_t done, std::int64_t total) {
    load_line.show(done, total);
  };
  const ScoreResult result = score_document(request, host, control);
  if (result.beyond_training) {
    spdlog::warn("the run goes beyond the positions the model was made for");
  }
  if (values.count("json") > 0) {
    nlohmann::ordered_json json = to_json(result);
    if (values.count("logits") > 0) json["last_logits"] = result.run.last_logits;
    std::cout << json_line(json) << "\n";
  } else {
    print_summary(result);
  }
  if (result.decoded && !result.engines_agree()) {
    spdlog::warn("replay and decode differ by more than rounding{}",
                 result.parting ? ": " + one_line(*result.parting) : "");
    return kCellsFailed;
  }
  return kDone;
}

}  // namespace pressroom
