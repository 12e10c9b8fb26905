// One command of the command line: parses its words, calls core, prints.
#pragma once

#include <boost/program_options.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plugin/host.h"
#include "pressroom/model_facts.h"
#include "signals.h"

namespace pressroom {

// Exit codes, relied on by scripts.
enum ExitCode {
  kDone = 0,
  kCellsFailed = 1,
  kNotDownloaded = 1,
  kWrongRequest = 2,
  kInterrupted = 3
};

using Words = std::vector<std::string>;

int command_run(const Words& words);
int command_work(const Words& words);
int command_reproduce(const Words& words);
int command_submit(const Words& words);
int command_check(const Words& words);
int command_list(const Words& words);
int command_list_results(const Words& words);  // list results
int command_show(const Words& words);
int command_score(const Words& words);
int command_generate(const Words& words);
int command_compare(const Words& words);
int command_report(const Words& words);
int command_watch(const Words& words);
int command_bench(const Words& words);
int command_bench_decode(const Words& words);   // bench decode
int command_bench_kernels(const Words& words);  // bench kernels
int command_tokenize(const Words& words);
int command_test(const Words& words);
int command_trace(const Words& words);
int command_train(const Words& words);
int command_train_kvzap(const Words& words);  // train kvzap
int command_pull(const Words& words);
int command_plugin(const Words& words);
int command_plugin_new(const Words& words);    // plugin new
int command_plugin_build(const Words& words);  // plugin build
int command_plugin_test(const Words& words);   // plugin test
int command_plugin_answers(const Words& words);
int command_plugin_pack(const Words& words);
int command_plugin_sign(const Words& words);
int command_plugin_publish(const Words& words);
int command_plugin_search(const Words& words);
int command_plugin_info(const Words& words);
int command_plugin_install(const Words& words);
int command_plugin_update(const Words& words);
int command_plugin_remove(const Words& words);
int command_plugin_rollback(const Words& words);
int command_plugin_list(const Words& words);
int command_plugin_verify(const Words& words);
int command_plugin_fetch(const Words& words);
int command_repo(const Words& words);

// Parses `words` against `options` (to which --help and --plugin-dir are added). `positional` names
// the words without a dash, in order; each must be there, unless its name ends in "?", and is a
// string in the result. The last may end in "..." and is then one or more, as Words; in "...?", and
// is then any number. Prints help
// and throws HelpShown for --help. Throws Error, with a did-you-mean, for words that do not fit.
struct HelpShown {};
boost::program_options::variables_map parse_words(
    const Words& words, const std::string& usage,
    boost::program_options::options_description options,
    const std::vector<std::string>& positional);

// The whole number given for --`name`. Throws Error unless it lies in least .. most.
std::int64_t whole_number(const boost::program_options::variables_map& values,
                          const std::string& name, std::int64_t least, std::int64_t most);

// --budget, and --sparsity, which is in [0, 1): nothing where they are not given. Throw Error.
std::optional<std::int64_t> budget_from(const boost::program_options::variables_map& values);
std::optional<double> sparsity_from(const boost::program_options::variables_map& values);

// "original" or "cache_index", as --positions takes it; throws Error for anything else.
Positions positions_from(const std::string& name);

// Adds --dtype, --kv-dtype and --device: how weights, keys and values are held, and where.
void add_memory_options(boost::program_options::options_description& options);

// A part of a whole, as `option` takes it: "0.01" and "1%" are 0.01. Throws Error, with `expected`,
// unless it is above 0 and below 1.
double part_from(const std::string& word, const std::string& option, const std::string& expected);

// --margin, as `compare` and `report` take it, a part of perplexity. Throws Error as part_from
// does.
double margin_from(const std::string& word);
// "ece=0.02": the number behind the name, above 0. Throws Error.
double metric_margin_from(const std::string& word);

// Throws Error where `directory` has no plan to work on.
void require_plan(const std::filesystem::path& directory);

// The plugin host for --plugin-dir and, after it, `more_folders`; refused files are logged as
// warnings.
PluginHost make_host(const boost::program_options::variables_map& values,
                     const std::vector<std::filesystem::path>& more_folders = {});

// Whether `descriptor` is a terminal that may be coloured (NO_COLOR is respected).
bool is_terminal(int descriptor);
bool may_colour(int descriptor);

}  // namespace pressroom
