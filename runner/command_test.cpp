#include "command.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "campaign/method_checks.h"
#include "config/plugin_use.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

const char* word_of(MethodCheck::Outcome outcome) {
  switch (outcome) {
    case MethodCheck::Outcome::kPassed:
      return "passed";
    case MethodCheck::Outcome::kFailed:
      return "FAILED";
    default:
      return "not tried";
  }
}

void print(const std::vector<MethodCheck>& checks) {
  std::string protocol;
  for (const MethodCheck& check : checks) {
    if (check.protocol != protocol) std::cout << check.protocol << "\n";
    protocol = check.protocol;
    std::cout << "  " << word_of(check.outcome) << ": " << check.claim << "\n";
    std::string indented = check.reason;
    for (std::size_t at = indented.find('\n'); at != std::string::npos;
         at = indented.find('\n', at + 1)) {
      indented.insert(at + 1, "    ");
    }
    if (!indented.empty()) std::cout << "    " << indented << "\n";
  }
}

void print_json(const std::vector<MethodCheck>& checks) {
  auto all = nlohmann::ordered_json::array();
  for (const MethodCheck& check : checks) {
    all.push_back(
        {{"protocol", check.protocol},
         {"claim", check.claim},
         {"outcome",
          check.outcome == MethodCheck::Outcome::kFailed ? "failed" : word_of(check.outcome)},
         {"reason", check.reason}});
  }
  std::cout << json_text(all);
}

}  // namespace

int command_test(const Words& words) {
  const MethodChecksRequest usual;
  po::options_description options("options");
  options.add_options()("model", po::value<std::string>()->default_value(usual.model),
                        "starter, a model directory, a .gguf file, or a hub name");
  options.add_options()("tokens", po::value<std::int64_t>()->default_value(usual.tokens),
                        "of the document, which is drawn at random");
  options.add_options()("sparsity", po::value<double>()->default_value(usual.sparsity),
                        "fraction removed, for methods that take a budget");
  options.add_options()("seed", po::value<std::int64_t>()->default_value(0),
                        "of the document and of methods that draw");
  options.add_options()("json", "print a JSON array");
  const po::variables_map values = parse_words(words, "test METHOD [OPTIONS]", options, {"method"});
  PluginHost host = make_host(values);
  MethodChecksRequest request;
  request.method =
      parse_plugin_use(values["method"].as<std::string>(), PluginKind::kMethod, "the method", host);
  request.model = values["model"].as<std::string>();
  request.tokens = whole_number(values, "tokens", 16, 1 << 20);
  request.seed = static_cast<std::uint64_t>(whole_number(values, "seed", 0, 1LL << 53));
  request.sparsity = values["sparsity"].as<double>();
  if (!(request.sparsity > 0 && request.sparsity < 1)) {
    throw Error({"--sparsity is out of range", "", "a fraction removed, between 0 and 1",
                 std::to_string(request.sparsity), ""});
  }
  watch_signals();
  RunControl control;
  control.stop_requested = stop_was_requested;
  const std::vector<MethodCheck> checks = check_method(request, host, control);
  values.count("json") > 0 ? print_json(checks) : print(checks);
  const auto count = [&](MethodCheck::Outcome outcome) {
    return std::count_if(checks.begin(), checks.end(),
                         [&](const MethodCheck& check) { return check.outcome == outcome; });
  };
  const auto failed = count(MethodCheck::Outcome::kFailed);
  const auto passed = count(MethodCheck::Outcome::kPassed);
  if (values.count("json") == 0) {
    std::cout << passed << " passed, " << failed << " failed, "
              << count(MethodCheck::Outcome::kNotTried) << " not tried\n";
  }
  // A method that could not be tried is not one that has passed.
  return failed == 0 && passed > 0 ? kDone : kCellsFailed;
}

}  // namespace pressroom
