#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/number_text.h"
#include "command.h"
#include "pressroom/error.h"
#include "trace/trace.h"
#include "trace/trace_file.h"
#include "trace/trace_json.h"
#include "weights/weight_source.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

// The number given for --`name`, below `count`; `otherwise` where none is given.
std::int64_t index_from(const po::variables_map& values, const char* name, std::int64_t count,
                        std::int64_t otherwise) {
  if (values.count(name) == 0) return otherwise;
  const auto index = values[name].as<std::int64_t>();
  if (index >= 0 && index < count) return index;
  throw Error({std::string("--") + name + " is out of range", values["file"].as<std::string>(),
               "0 .. " + std::to_string(count - 1), std::to_string(index), ""});
}

TraceSelection selection_from(const po::variables_map& values, const Trace& trace) {
  TraceSelection selection;
  selection.step = index_from(values, "step", trace.steps(), trace.steps() - 1);
  selection.first_layer = index_from(values, "layer", trace.layers(), 0);
  selection.end_layer = values.count("layer") > 0 ? selection.first_layer + 1 : trace.layers();
  selection.first_head = index_from(values, "head", trace.kv_heads(), 0);
  selection.end_head = values.count("head") > 0 ? selection.first_head + 1 : trace.kv_heads();
  selection.evictions = values.count("departures") > 0;
  return selection;
}

void print_run(const Trace& trace) {
  const TraceHeader& header = trace.header;
  std::int64_t left = 0;
  for (std::int64_t l = 0; l < trace.layers(); ++l) left += evictions_of_layer(trace, l).entries;
  const std::int64_t entries = trace.layers() * trace.kv_heads() * trace.tokens();
  const double percent = 100 * static_cast<double>(left) / static_cast<double>(entries);
  std::cout << "model        " << excerpt(header.model) << "\nmethod       "
            << excerpt(header.method) << "\nprotocol     " << excerpt(header.protocol)
            << "\npositions    " << to_string(header.positions) << "\nkv_dtype     "
            << excerpt(header.kv_dtype) << "\nbudget       " << header.budget_tokens
            << " entries a head\ndocument     " << excerpt(header.document) << "\ntokens       "
            << trace.tokens() << " in " << trace.steps() << " steps\nentries      " << entries
            << ", layers x heads x tokens\nleft         " << left << " entries, "
            << fixed(percent, 1) << " %\n";
}

void print_ages(const Trace& trace, const TraceSelection& selection) {
  std::cout << "\nlayer      left  mean age, tokens\n";
  for (std::int64_t l = selection.first_layer; l < selection.end_layer; ++l) {
    const LayerEvictions layer = evictions_of_layer(trace, l);
    const std::string age = layer.entries == 0 ? "-" : fixed(layer.mean_age_tokens, 1);
    std::cout << std::setw(5) << l << std::setw(10) << layer.entries << std::setw(18) << age
              << "\n";
  }
}

void print_kept(const Trace& trace, const TraceSelection& selection) {
  const std::int64_t fed = trace.last_tokens()[selection.step] + 1;
  std::cout << "\nheld after step " << selection.step << ", of " << fed << " tokens\n";
  for (std::int64_t l = selection.first_layer; l < selection.end_layer; ++l) {
    for (std::int64_t g = selection.first_head; g < selection.end_head; ++g) {
      const std::vector<std::int64_t> kept = trace.kept(l, g, selection.step);
      std::cout << "layer " << l << " head " << g << ", " << kept.size()
                << " entries: " << ranges_text(ranges_of(kept)) << "\n";
    }
  }
}

std::string title_of(const Trace& trace) {
  const TraceHeader& header = trace.header;
  const std::string held =
      header.kv_dtype == TraceHeader().kv_dtype ? "" : excerpt(header.kv_dtype) + ", ";
  return excerpt(header.method) + ", " + held + "budget " + std::to_string(header.budget_tokens) +
         ", " + excerpt(header.protocol) + ", " + excerpt(header.model);
}

void print_agreement(const Trace& a, const Trace& b, const TraceAgreement& agreement) {
  std::cout << "first        " << title_of(a) << "\nsecond       " << title_of(b)
            << "\ndocument     " << excerpt(a.header.document) << "\nsteps        "
            << agreement.tokens_fed.size() << "\n\nlayer  mean Jaccard  at the end\n";
  for (std::int64_t l = 0; l < a.layers(); ++l) {
    std::cout << std::setw(5) << l << std::setw(14) << fixed(agreement.mean(l), 3) << std::setw(12)
              << fixed(agreement.jaccard[l].back(), 3) << "\n";
  }
  std::cout << "  all" << std::setw(14) << fixed(agreement.mean(), 3) << "\n";
}

int compare_files(const po::variables_map& values) {
  for (const char* name : {"step", "layer", "head", "departures"}) {
    if (values.count(name) == 0) continue;
    throw Error({std::string("--") + name + " says nothing about two traces", "",
                 "trace FILE OTHER [--json]", std::string("--") + name, "leave it out"});
  }
  const Trace first = read_trace(values["file"].as<std::string>());
  const Trace second = read_trace(values["other"].as<std::string>());
  const TraceAgreement agreement = compare_traces(first, second);
  if (values.count("json") > 0) {
    std::cout << json_line(to_json(first, second, agreement)) << "\n";
  } else {
    print_agreement(first, second, agreement);
  }
  return kDone;
}

}  // namespace

int command_trace(const Words& words) {
  po::options_description options("options");
  const auto index = [](const char* letter) {
    return po::value<std::int64_t>()->value_name(letter);
  };
  options.add_options()("step", index("T"), "who was held after this step; default: the last");
  options.add_options()("layer", index("L"), "this layer alone");
  options.add_options()("head", index("G"), "this KV head alone");
  options.add_options()("json", "print one JSON object");
  options.add_options()("departures", "with --json: when each entry left, and its score then");
  const po::variables_map values =
      parse_words(words, "trace FILE [OTHER] [OPTIONS]", options, {"file", "other?"});
  if (values.count("other") > 0) return compare_files(values);
  if (values.count("departures") > values.count("json")) {
    throw Error({"--departures needs --json", "", "trace FILE --json --departures", "no --json",
                 "add --json"});
  }
  const Trace trace = read_trace(values["file"].as<std::string>());
  const TraceSelection selection = selection_from(values, trace);
  if (values.count("json") > 0) {
    std::cout << json_line(to_json(trace, selection)) << "\n";
    return kDone;
  }
  print_run(trace);
  print_ages(trace, selection);
  print_kept(trace, selection);
  return kDone;
}

}  // namespace pressroom
