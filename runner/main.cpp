// pressroom: the command line. Everything it does is in core; here words are parsed and results
// printed.

#include <spdlog/spdlog.h>

#include <cstdio>
#include <exception>
#include <iostream>

#include "command.h"
#include "engine/run.h"
#include "hub/http.h"
#include "pressroom/error.h"
#include "process_setup.h"
#include "subcommands.h"

namespace pressroom {
namespace {

const std::vector<CommandEntry>& commands() {
  static const std::vector<CommandEntry> kCommands = {
      {"run", "run a campaign, or finish one", command_run},
      {"work", "take part in a campaign that was planned", command_work},
      {"submit", "have a scheduler start workers on a campaign", command_submit},
      {"reproduce", "run a campaign again, and compare", command_reproduce},
      {"check", "every mistake in a config, nothing loaded", command_check},
      {"list", "what is installed, and the campaigns in a folder", command_list},
      {"show", "one plugin's parameters, paper, file and hash", command_show},
      {"score", "one document through one method", command_score},
      {"generate", "what a model says after a prompt, under a method", command_generate},
      {"test", "what holds for every method, tried on one", command_test},
      {"trace", "what a method kept, or how far two agree", command_trace},
      {"compare", "which differences of one campaign or several are real", command_compare},
      {"report", "a campaign as a page, with its figures", command_report},
      {"watch", "how far a campaign is, and its results so far", command_watch},
      {"bench", "what replay, decoding and the kernels cost here", command_bench},
      {"tokenize", "text to token ids", command_tokenize},
      {"train", "train the starter model, or a scorer for kvzap", command_train},
      {"plugin", "write, share and install plugins", command_plugin},
      {"repo", "the repositories that plugins come from", command_repo},
      {"pull", "download a model from the hub", command_pull},
  };
  return kCommands;
}

void print_usage(std::ostream& out) {
  out << "pressroom " PRESSROOM_VERSION
         " - a laboratory for KV-cache eviction\n\n"
         "usage: pressroom COMMAND [ARGUMENTS]\n\n";
  print_entries(out, commands());
  out << "\npressroom COMMAND --help says more. Exit codes: 0 done, 1 some cells failed or\n"
         "a download broke off, 2 the request was wrong, 3 interrupted and resumable.\n";
}

int end_interrupted() {
  spdlog::warn("interrupted; run the same command again to finish");
  return kInterrupted;
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
  return run_entry(commands(), words, "pressroom");
}

}  // namespace
}  // namespace pressroom

int main(int argc, char** argv) {
  // First of all: a file opened before could get the number of a closed standard stream.
  pressroom::hold_standard_descriptors();
  pressroom::set_up_signals();
  pressroom::set_up_log();
  int code = pressroom::kDone;
  try {
    code = pressroom::dispatch(pressroom::Words(argv + 1, argv + argc));
  } catch (const pressroom::HelpShown&) {
  } catch (const pressroom::Interrupted&) {
    return pressroom::end_interrupted();
  } catch (const pressroom::TransferStopped&) {  // on the way from a repository, or to one
    return pressroom::end_interrupted();
  } catch (...) {
    for (const pressroom::Problem& problem : pressroom::problems_of(std::current_exception())) {
      spdlog::error("{}", problem.text());  // the log escapes it
    }
    return pressroom::kWrongRequest;
  }
  if (!std::cout.flush()) {
    spdlog::error("what was printed did not arrive: {}",
                  pressroom::Problem{"standard output is full or closed", "", "", "",
                                     "send it elsewhere; what was written to files is there"}
                      .text());
    return pressroom::kWrongRequest;
  }
  // Nothing can be said where what is said does not arrive, and it may have been an error.
  return std::ferror(stderr) != 0 ? pressroom::kWrongRequest : code;
}
