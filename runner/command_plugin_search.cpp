#include <algorithm>
#include <cctype>
#include <iostream>

#include "base/strings.h"
#include "base/utf8.h"
#include "bundle/variant.h"
#include "command.h"
#include "installed_plugins.h"
#include "offers.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool is_about(const IndexedBundle& bundle, const std::string& word) {
  return lower_case(bundle.name + " " + bundle.summary + " " + joined(bundle.authors) + " " +
                    bundle.paper)
             .find(lower_case(word)) != std::string::npos;
}

// How it would get here.
std::string fit_of(const IndexedBundle& bundle) {
  if (!bundle.sdk.holds(this_sdk())) return "for another plugin SDK";
  const bool is_built = std::find(bundle.variants.begin(), bundle.variants.end(), variant_name()) !=
                        bundle.variants.end();
  return is_built ? "built for this harness" : "to be built here from its source";
}

void print(const FoundBundle& found) {
  const IndexedBundle& bundle = found.bundle;
  const std::string name = found.repository->known().name;
  std::cout << bundle.name << " " << bundle.version.text() << " (" << to_string(bundle.kind)
            << "), repository " << name << ": " << fit_of(bundle) << "\n"
            << "  " << printable(bundle.summary) << "\n"
            << "  authors: " << printable(joined(bundle.authors))
            << "; licence: " << printable(bundle.licence) << "\n";
  if (!bundle.paper.empty()) std::cout << "  paper: " << printable(bundle.paper) << "\n";
  std::cout << "  SDK " << bundle.sdk.minimum.text() << " to below " << bundle.sdk.below.text()
            << "; built for: "
            << (bundle.variants.empty() ? "nothing, source alone" : joined(bundle.variants)) << "\n"
            << "  " << bundle.bytes << " bytes, SHA-256 " << bundle.sha256 << "\n";
}

// By name, the newest of each: one line.
void print_matches(const std::string& name, const RepositoryIndex& index, const std::string& word) {
  std::string last;
  for (const IndexedBundle& bundle : index.bundles) {
    const IndexedBundle& newest = *index.find(bundle.name);
    if (bundle.name == last || !is_about(newest, word)) continue;
    last = bundle.name;
    std::cout << newest.name << " " << newest.version.text() << " (" << to_string(newest.kind)
              << "), repository " << name << ": " << printable(newest.summary) << "\n";
  }
}

}  // namespace

int command_plugin_search(const Words& words) {
  po::options_description options("options");
  add_home_option(options);
  const po::variables_map values =
      parse_words(words, "plugin search [WORD] [OPTIONS]", options, {"word?"});
  const std::string word = values.count("word") > 0 ? values["word"].as<std::string>() : "";
  watch_signals();
  Repositories repositories(home_from(values), stop_was_requested);
  std::vector<Problem> problems;
  for (const KnownRepository& known : repositories.known()) {
    try {
      print_matches(known.name, repositories.open(known.name).index(), word);
    } catch (const Error& error) {  // the others are looked through all the same
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  if (repositories.known().empty()) {
    std::cout << "no repository is known: pressroom repo add NAME FOLDER_OR_ADDRESS --key KEY\n";
  }
  if (!problems.empty()) throw Error(std::move(problems));
  return kDone;
}

int command_plugin_info(const Words& words) {
  po::options_description options("options");
  add_home_option(options);
  const po::variables_map values =
      parse_words(words, "plugin info NAME[@VERSION] [OPTIONS]", options, {"plugin"});
  watch_signals();
  Repositories repositories(home_from(values), stop_was_requested);
  const std::string reference = values["plugin"].as<std::string>();
  const std::vector<FoundBundle> all = repositories.find_all(reference);
  if (all.empty()) {
    throw Error({"no repository has " + reference, "", "a plugin of a known repository", "",
                 "pressroom plugin search lists what there is"});
  }
  for (const FoundBundle& found : all) print(found);
  return kDone;
}

}  // namespace pressroom
