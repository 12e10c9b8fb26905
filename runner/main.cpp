// pressroom: the command line. Everything it does is in core; here words are parsed and results
// printed.

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <iostream>
#include <memory>

#include "command.h"
#include "engine/run.h"
#include "pressroom/error.h"
#include "text/terminal_text.h"

namespace pressroom {
namespace {

// What is logged may come out of anybody's file: it is made printable here, whoever logs it.
class PrintableMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    const std::string text = printable({message.payload.data(), message.payload.size()});
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PrintableMessage>();
  }
};

struct Command {
  const char* name;
  const char* summary;
  int (*run)(const Words&);
};

constexpr Command kCommands[] = {
    {"run", "run a campaign, or finish one", command_run},
    {"check", "every mistake in a config, nothing loaded", command_check},
    {"list", "what is installed: methods, datasets, metrics, models", command_list},
    {"show", "one plugin's parameters, paper, file and hash", command_show},
    {"score", "one document through one method", command_score},
    {"trace", "what a method kept, or how far two agree", command_trace},
    {"compare", "which differences of one campaign or several are real", command_compare},
    {"report", "a campaign as a page, with its figures", command_report},
    {"watch", "how far a campaign is, and its results so far", command_watch},
    {"bench", "what replay, decoding and the kernels cost here", command_bench},
    {"tokenize", "text to token ids", command_tokenize},
    {"train", "train the starter model, or a scorer for kvzap", command_train},
    {"pull", "download a model from the hub", command_pull},
};

void print_usage(std::ostream& out) {
  out << "pressroom " PRESSROOM_VERSION
         " - a laboratory for KV-cache eviction\n\n"
         "usage: pressroom COMMAND [ARGUMENTS]\n\n";
  for (const Command& command : kCommands) {
    out << "  " << command.name << std::string(12 - std::string(command.name).size(), ' ')
        << command.summary << "\n";
  }
  out << "\npressroom COMMAND --help says more. Exit codes: 0 done, 1 some cells failed or\n"
         "a download broke off, 2 the request was wrong, 3 interrupted and resumable.\n";
}

int dispatch(const Words& words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print_usage(words.empty() ? std::cerr : std::cout);
    return words.empty() ? kWrongRequest : kDone;
  }
  if (words[0] == "--version") {
    std::cout << PRESSROOM_VERSION << "\n";
    return kDone;
  }
  std::vector<std::string> names;
  for (const Command& command : kCommands) {
    if (words[0] == command.name) return command.run(Words(words.begin() + 1, words.end()));
    names.emplace_back(command.name);
  }
  std::string known;
  for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
  const std::string near = closest_match(words[0], names);
  throw Error({"there is no such command", "", known, words[0],
               near.empty() ? "pressroom --help" : "did you mean \"" + near + "\"?"});
}

}  // namespace
}  // namespace pressroom

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("pressroom"));
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<pressroom::PrintableMessage>('*').set_pattern("%^%l%$: %*");
  spdlog::set_formatter(std::move(formatter));
  // A file that may not grow, and a reader that has gone, are errors with a message, not a sudden
  // death.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const int code = pressroom::dispatch(pressroom::Words(argv + 1, argv + argc));
    if (std::cout.flush()) return code;
    spdlog::error("what was printed did not arrive: standard output is full or closed");
    return pressroom::kWrongRequest;
  } catch (const pressroom::HelpShown&) {
    return pressroom::kDone;
  } catch (const pressroom::Interrupted&) {
    spdlog::warn("interrupted; run the same command again to finish");
    return pressroom::kInterrupted;
  } catch (const pressroom::Error& error) {
    for (const pressroom::Problem& problem : error.problems()) spdlog::error("{}", problem.text());
    return pressroom::kWrongRequest;
  } catch (const std::exception& error) {
    spdlog::error("{}", error.what());
    return pressroom::kWrongRequest;
  } catch (...) {
    spdlog::error("something was thrown that is no exception");
    return pressroom::kWrongRequest;
  }
}
