#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/number_text.h"
#include "bench/decode_figures.h"
#include "bench/decode_study.h"
#include "bench_words.h"
#include "command.h"
#include "model/few_rows.h"
#include "pressroom/error.h"
#include "print_decode_study.h"
#include "progress.h"
#include "report/figures/draw_figures.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

constexpr std::int64_t kMostTokens = 1 << 24;
// Measured tokens from which on times are told by stretches, and how long these are, unless --every
// says so.
constexpr std::int64_t kManyTokens = 2000;
constexpr std::int64_t kUsualStretch = 1000;

po::options_description study_options() {
  po::options_description options("options");
  const auto text = [] { return po::value<std::string>(); };
  const auto usual = [](const std::string& value) {
    return po::value<std::string>()->default_value(value);
  };
  const auto count = [](std::int64_t value, const char* letter) {
    return po::value<std::int64_t>()->default_value(value)->value_name(letter);
  };
  const DecodeStudyRequest request;
  options.add_options()("model", text()->required()->value_name("M"),
                        "starter, a model directory, a .gguf file, or a hub name");
  options.add_options()("ids", text()->value_name("F.json"), "a JSON array of token ids");
  options.add_options()("text", text()->value_name("F"), "a text, encoded without special tokens");
  options.add_options()("methods", usual("dense,h2o,streaming_llm,knorm")->value_name("Y,..."),
                        "by name or as inline YAML; dense is the baseline in any case");
  options.add_options()(
      "lengths", text()->value_name("L,..."),
      "of prompts, in tokens; default: of 256, 512, 1024 and 2048 those that text "
      "and model have room for");
  options.add_options()("tokens", count(request.tokens, "N"),
                        "fed one by one after the prompt, and timed");
  options.add_options()("warmup", count(request.warmup_tokens, "W"),
                        "fed before those and not timed");
  options.add_options()("budget", count(request.budget_tokens, "B"), "entries a head keeps");
  options.add_options()("sequences", usual("1")->value_name("S,..."),
                        "decoded at once, each of a text of its own; up to 8");
  options.add_options()("repeats", count(request.most_repeats, "R"), "at most, of each run");
  options.add_options()("precision", usual("2%")->value_name("P"),
                        "no more repeats where half of the 95 % interval of the mean is so much of "
                        "it");
  options.add_options()("every", po::value<std::int64_t>()->value_name("K"),
                        "times and sizes of every K tokens; default: 1000 from 2000 tokens on");
  options.add_options()("seed", count(0, "S"), "of the order of runs, and of methods that draw");
  options.add_options()("positions", text(), "original or cache_index; default: the method's");
  options.add_options()("beyond-positions", "run although the model was made for fewer positions");
  options.add_options()("threads", count(0, "T"), "0 for all cores");
  options.add_options()("dtype", usual("float32"), "how weights are held");
  options.add_options()("kv-dtype", usual("float32"), "how keys and values are held");
  options.add_options()("fastest-of", usual("all")->value_name("DTYPE,..."),
                        "dense is run with weights held so as well, to find its fastest; all of "
                        "them lie in memory");
  options.add_options()("figures", text()->value_name("DIR"),
                        "draw milliseconds and bytes against length there");
  options.add_options()("json", "print one JSON object");
  return options;
}

// "256,512": different whole numbers in 1 .. most.
std::vector<std::int64_t> numbers_from(const std::string& text, const std::string& option,
                                       std::int64_t most) {
  std::vector<std::int64_t> numbers;
  for (const std::string& part : parts_of_list(text)) {
    std::int64_t value = 0;
    const char* const end = part.data() + part.size();
    const auto read = std::from_chars(part.data(), end, value);
    const bool is_number = read.ec == std::errc() && read.ptr == end;
    const bool is_new = std::find(numbers.begin(), numbers.end(), value) == numbers.end();
    if (!is_number || !is_new || value < 1 || value > most) {
      throw Error({option + " cannot be understood", "",
                   "different numbers in 1 .. " + std::to_string(most) + ", as in 1,2", text, ""});
    }
    numbers.push_back(value);
  }
  return numbers;
}

std::vector<WeightDtype> dtypes_from(const std::string& text) {
  const std::vector<std::string> names = text == "all" ? weight_dtype_names() : parts_of_list(text);
  std::vector<WeightDtype> dtypes;
  for (const std::string& name : names) {
    dtypes.push_back(parse_weight_dtype(name));
    if (std::count(dtypes.begin(), dtypes.end(), dtypes.back()) == 1) continue;
    throw Error({"a dtype is given twice", "--fastest-of", "each once", text, "leave one out"});
  }
  return dtypes;
}

DecodeStudyRequest study_request(const po::variables_map& values, PluginHost& host) {
  DecodeStudyRequest request;
  request.model = bench_text(values, "model");
  request.ids_file = bench_text(values, "ids");
  request.text_file = bench_text(values, "text");
  require_one_text(request.ids_file, request.text_file);
  request.methods = methods_from_list(bench_text(values, "methods"), "--methods", host);
  const std::string lengths = bench_text(values, "lengths");
  if (!lengths.empty()) request.lengths = numbers_from(lengths, "--lengths", kMostTokens);
  request.sequences = numbers_from(bench_text(values, "sequences"), "--sequences", kMostFewRows);
  request.tokens = whole_number(values, "tokens", 2, kMostTokens);
  request.warmup_tokens = whole_number(values, "warmup", 0, kMostTokens);
  request.every = request.tokens >= kManyTokens ? kUsualStretch : 0;
  if (values.count("every") > 0) request.every = whole_number(values, "every", 1, kMostTokens);
  request.budget_tokens = whole_number(values, "budget", 1, kMostTokens);
  request.most_repeats = whole_number(values, "repeats", 1, 10000);
  request.precision = part_from(bench_text(values, "precision"), "--precision",
                                "a part of the mean above 0 and below 1: 0.02, or 2%");
  request.seed = static_cast<std::uint64_t>(whole_number(values, "seed", 0, INT64_MAX));
  request.threads = whole_number(values, "threads", 0, 4096);
  request.dtype = parse_weight_dtype(bench_text(values, "dtype"));
  request.kv_dtype = parse_kv_dtype(bench_text(values, "kv-dtype"));
  request.rival_dtypes = dtypes_from(bench_text(values, "fastest-of"));
  request.beyond_positions = values.count("beyond-positions") > 0;
  if (values.count("positions") > 0) {
    request.positions = positions_from(bench_text(values, "positions"));
  }
  return request;
}

void watch_study(DecodeStudyRequest& request, LoadLine& load_line) {
  request.load_progress = [&](std::int64_t done, std::int64_t total) {
    load_line.show(done, total);
  };
  if (!is_terminal(STDERR_FILENO)) return;
  request.on_run = [](std::int64_t round, std::size_t done, std::size_t all,
                      const std::string& name) {
    std::cerr << "\r\033[Kround " << round << ", " << done + 1 << " of " << all << ": " << name
              << std::flush;
  };
}

void draw_study(const DecodeStudy& study, const std::string& folder) {
  std::vector<std::string> names;
  for (const StudiedRun& run : study.runs) names.push_back(run.method.label);
  const DrawnFigures drawn = draw_figures(decode_figures(study), folder, {"svg"}, names);
  if (!drawn.note.empty()) std::cerr << "warning: " << drawn.note << "\n";
}

}  // namespace

int command_bench_decode(const Words& words) {
  const po::variables_map values = parse_words(
      words, "bench decode --model M (--ids F.json | --text F) [OPTIONS]", study_options(), {});
  PluginHost host = make_host(values);
  DecodeStudyRequest request = study_request(values, host);
  watch_signals();
  RunControl control;
  control.stop_requested = stop_was_requested;
  LoadLine load_line;
  watch_study(request, load_line);
  const DecodeStudy study = study_decoding(request, host, control);
  if (is_terminal(STDERR_FILENO)) std::cerr << "\r\033[K" << std::flush;
  if (values.count("json") > 0) {
    std::cout << json_line(to_json(study)) << "\n";
  } else {
    print_decode_study(std::cout, study);
  }
  const std::string figures = bench_text(values, "figures");
  if (!figures.empty()) draw_study(study, figures);
  return kDone;
}

}  // namespace pressroom
