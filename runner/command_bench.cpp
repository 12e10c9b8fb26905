#include <unistd.h>

#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/number_text.h"
#include "bench/document_bench.h"
#include "bench_words.h"
#include "command.h"
#include "pressroom/error.h"
#include "progress.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

constexpr const char* kBenchUsage =
    "usage: pressroom bench replay|decode|kernels [OPTIONS]\n\n"
    "  replay   dense, methods by replay and by decoding, taking turns\n"
    "  decode   milliseconds a token and bytes held, by method and length\n"
    "  kernels  attention beside what the machine can copy and multiply\n\n"
    "pressroom bench WHAT --help says more.\n";

po::options_description replay_options() {
  po::options_description options("options");
  const auto text = [] { return po::value<std::string>(); };
  const auto count = [](std::int64_t value, const char* letter) {
    return po::value<std::int64_t>()->default_value(value)->value_name(letter);
  };
  options.add_options()("model", text()->required()->value_name("M"),
                        "starter, a model directory, a .gguf file, or a hub name");
  options.add_options()("ids", text()->value_name("F.json"), "a JSON array of token ids");
  options.add_options()("text", text()->value_name("F"), "a text, encoded without special tokens");
  options.add_options()("tokens", count(1024, "N"), "of each document");
  options.add_options()("documents", count(1, "D"), "cut out of the text one after another");
  options.add_options()("budget", count(256, "B"), "entries a head keeps");
  options.add_options()("methods",
                        text()->default_value("dense,h2o,streaming_llm,knorm")->value_name("Y,..."),
                        "by name or as inline YAML, or all; dense is the baseline in any case");
  options.add_options()("positions", text(),
                        "original or cache_index; default: the method's, and original too");
  options.add_options()("beyond-positions", "run although the model was made for fewer positions");
  options.add_options()("threads", count(0, "T"), "0 for all cores");
  options.add_options()("repeats", count(5, "R"), "timed runs of each");
  options.add_options()("dtype", text()->default_value("float32"),
                        "float32, bfloat16, float16 or stored: how weights are held");
  options.add_options()("json", "print one JSON object");
  return options;
}

BenchRequest request_from(const po::variables_map& values) {
  BenchRequest request;
  request.model = bench_text(values, "model");
  request.ids_file = bench_text(values, "ids");
  request.text_file = bench_text(values, "text");
  require_one_text(request.ids_file, request.text_file);
  request.tokens = whole_number(values, "tokens", 2, 1 << 24);
  request.documents = whole_number(values, "documents", 1, 1 << 16);
  request.budget_tokens = whole_number(values, "budget", 1, 1 << 24);
  request.threads = whole_number(values, "threads", 0, 4096);
  request.dtype = parse_weight_dtype(bench_text(values, "dtype"));
  request.beyond_positions = values.count("beyond-positions") > 0;
  if (values.count("positions") > 0) {
    request.positions = positions_from(bench_text(values, "positions"));
  }
  return request;
}

// Standard error says which run is on, as decoding takes minutes.
void watch(BenchRequest& request, LoadLine& load_line) {
  request.load_progress = [&](std::int64_t done, std::int64_t total) {
    load_line.show(done, total);
  };
  if (!is_terminal(STDERR_FILENO)) return;
  request.on_run = [](std::int64_t done, std::int64_t all, const std::string& name) {
    std::cerr << "\r\033[K" << done + 1 << " of " << all << ": " << name << std::flush;
    if (done + 1 == all) std::cerr << "\r\033[K" << std::flush;
  };
}

std::string milliseconds(const BenchRun& run, double fraction) {
  if (run.step_seconds.empty()) return "-";
  return fixed(1e3 * quantile(run.step_seconds, fraction), 2);
}

void print_report(std::ostream& out, const BenchReport& report) {
  out << "model      " << report.model << ", "
      << fixed(static_cast<double>(report.weight_bytes) / 1e6, 0) << " MB of weights, "
      << to_string(report.dtype) << "\ndocuments  " << report.documents << " of " << report.tokens
      << " tokens, budget " << report.budget_tokens << " entries a head\nmachine    "
      << report.threads << " threads, " << report.blas
      << "\n\nmethod                engine  positions    tokens    min s median s    max s"
         "  tokens/s  x dense  p50 ms  p95 ms  peak MB\n";
  for (const BenchRun& run : report.runs) {
    const Spread spread = spread_of(run.seconds);
    out << std::left << std::setw(22) << run.method.label << std::setw(8) << to_string(run.engine)
        << std::setw(12) << to_string(run.positions) << std::right << std::setw(7) << run.tokens
        << std::setw(9) << fixed(spread.least, 3) << std::setw(9) << fixed(spread.median, 3)
        << std::setw(9) << fixed(spread.most, 3) << std::setw(10)
        << fixed(report.tokens_per_second(run), 1) << std::setw(9)
        << fixed(report.ratio_to_baseline(run), 2) << std::setw(8) << milliseconds(run, 0.5)
        << std::setw(8) << milliseconds(run, 0.95) << std::setw(9)
        << (run.peak_bytes ? fixed(static_cast<double>(*run.peak_bytes) / 1e6, 0) : "-") << "\n";
  }
  out << "\nx dense: time for a token over that of the first row, of medians. p50 and p95: of "
         "a step.\npeak MB: most memory in the first run above what the process held with the "
         "model loaded.\n";
}

int bench_and_print(BenchRequest& request, PluginHost& host, const po::variables_map& values) {
  watch_signals();
  RunControl control;
  control.stop_requested = stop_was_requested;
  LoadLine load_line;
  watch(request, load_line);
  const BenchReport report = bench_documents(request, host, control);
  if (values.count("json") > 0) {
    std::cout << json_line(to_json(report)) << "\n";
  } else {
    print_report(std::cout, report);
  }
  return kDone;
}

int bench_replay(const Words& words) {
  po::options_description options = replay_options();
  options.add_options()("decode", po::value<std::string>()->value_name("Y,..."),
                        "decode these as well");
  options.add_options()("decode-tokens", po::value<std::int64_t>()->value_name("K"),
                        "decode the first K of each document alone");
  options.add_options()("decode-repeats", po::value<std::int64_t>()->default_value(1),
                        "timed runs of each that is decoded");
  const po::variables_map values =
      parse_words(words, "bench replay --model M (--ids F.json | --text F) [OPTIONS]", options, {});
  PluginHost host = make_host(values);
  BenchRequest request = request_from(values);
  request.repeats = whole_number(values, "repeats", 1, 10000);
  if (bench_text(values, "methods") == "all") {
    const AllMethods all = all_methods(request, host);
    request.methods = all.uses;
    for (const auto& [name, why] : all.left_out) {
      std::cerr << "left out: " << name << ": " << why << "\n";
    }
  } else {
    request.methods = methods_from_list(bench_text(values, "methods"), "--methods", host);
  }
  request.decode_repeats = whole_number(values, "decode-repeats", 1, 10000);
  if (values.count("decode") > 0) {
    request.decoded = methods_from_list(bench_text(values, "decode"), "--decode", host);
  }
  if (values.count("decode-tokens") > 0) {
    request.decode_tokens = whole_number(values, "decode-tokens", 2, request.tokens);
  }
  return bench_and_print(request, host, values);
}

}  // namespace

int command_bench(const Words& words) {
  const Words rest(words.empty() ? words.end() : words.begin() + 1, words.end());
  if (words.empty() || words[0] == "--help" || words[0] == "-h") {
    (words.empty() ? std::cerr : std::cout) << kBenchUsage;
    return words.empty() ? kWrongRequest : kDone;
  }
  if (words[0] == "replay") return bench_replay(rest);
  if (words[0] == "decode") return command_bench_decode(rest);
  if (words[0] == "kernels") return command_bench_kernels(rest);
  const std::string near = closest_match(words[0], {"replay", "decode", "kernels"});
  throw Error({"there is nothing of that name to measure", "", "replay, decode or kernels",
               words[0], near.empty() ? "" : "did you mean \"" + near + "\"?"});
}

}  // namespace pressroom
