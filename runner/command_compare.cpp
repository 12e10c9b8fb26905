#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/utf8.h"
#include "command.h"
#include "compare/merged_campaigns.h"
#include "pressroom/error.h"
#include "report/comparison/comparison_formats.h"
#include "results/stored_campaign.h"
#include "stats/interpolate.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

void check_format(const std::string& format) {
  const std::vector<std::string> formats = {"plain", "markdown", "latex", "csv", "json"};
  std::string known;
  for (const std::string& name : formats) {
    if (format == name) return;
    known += (known.empty() ? "" : ", ") + name;
  }
  const std::string near = closest_match(format, formats);
  throw Error({"--format is not known", "", known, format,
               near.empty() ? "" : "did you mean \"" + near + "\"?"});
}

std::vector<StoredCampaign> read_all(const Words& directories) {
  std::vector<StoredCampaign> campaigns;
  std::vector<Problem> problems;
  for (const std::string& directory : directories) {
    try {
      campaigns.push_back(read_campaign(directory));
      require_results(campaigns.back());
    } catch (const Error& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  if (!problems.empty()) throw Error(problems);
  return campaigns;
}

// What has to be said before any number.
std::vector<std::string> heads_of(const std::vector<StoredCampaign>& campaigns,
                                  const std::vector<std::string>& names) {
  std::vector<std::string> heads;
  for (std::size_t i = 0; i < campaigns.size(); ++i) {
    const StoredCampaign& campaign = campaigns[i];
    if (campaign.complete()) continue;
    heads.push_back((campaigns.size() > 1 ? names[i] + " is " : "") +
                    "half-finished: " + std::to_string(campaign.finished()) + " of " +
                    std::to_string(campaign.results.size()) + " cells" +
                    (campaign.running ? ", and running." : "."));
  }
  return heads;
}

// Puts results at the measured compression of `word` in the place of all others.
void interpolate(const std::string& word, const std::string& baseline, MergedCampaigns& merged,
                 std::vector<std::string>& heads) {
  const std::string to = merged.label_of(word);
  Interpolated at = interpolated_at(merged.results, baseline, to);
  const bool any = std::any_of(at.results.begin(), at.results.end(), [&](const CellResult& result) {
    return result.cell.method != baseline && result.cell.method != to;
  });
  heads.push_back(any ? "interpolated, not measured: every method below but " + baseline + " and " +
                            to + " is read off its own sweep at what " + to + " kept."
                      : "nothing is interpolated: no method but " + baseline + " and " + to +
                            " could be read off its own sweep at what " + to + " kept.");
  for (const NotBracketed& gap : at.not_bracketed) {
    heads.push_back("not interpolated: " + gap.text() + ".");
  }
  merged.results = std::move(at.results);
}

std::string text_of(const ComparisonView& view, const std::string& format, bool pairs) {
  if (format == "csv") return comparison_csv(view);
  if (format == "json") return json_text(comparison_json(view));
  const ComparisonTables tables = comparison_tables(view, pairs);
  return format == "markdown" ? comparison_markdown(tables)
         : format == "latex"  ? comparison_latex(tables)
                              : comparison_text(tables);
}

// A program that reads the output gets every byte; a terminal nothing that could steer it.
void print(const std::string& text) {
  std::cout << (is_terminal(STDOUT_FILENO) ? printable(text) : text);
}

}  // namespace

int command_compare(const Words& words) {
  po::options_description options("options");
  const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
  options.add_options()("baseline", text("METHOD")->default_value("dense"),
                        "what methods are compared with");
  options.add_options()("margin", text("PART")->default_value("0.01"),
                        "of perplexity, what counts as the same: 0.01 or 1%");
  options.add_options()("format", text("FORMAT")->default_value("plain"),
                        "plain, markdown, latex, csv or json");
  options.add_options()("pairs", "every two methods of one sparsity as well");
  options.add_options()("at-measured", text("METHOD"),
                        "interpolate every method to what this one kept");
  const po::variables_map values =
      parse_words(words, "compare DIR [DIR ...] [OPTIONS]", options, {"DIR..."});
  const auto format = values["format"].as<std::string>();
  check_format(format);
  CompareOptions how;
  how.margin = margin_from(values["margin"].as<std::string>());

  const std::vector<StoredCampaign> campaigns = read_all(values["DIR"].as<Words>());
  MergedCampaigns merged = merge_campaigns(campaigns);
  how.baseline = merged.label_of(values["baseline"].as<std::string>());
  std::vector<std::string> heads = heads_of(campaigns, merged.names);
  // So far the heads are of unfinished campaigns alone; interpolation adds its own.
  how.partial = !heads.empty();
  if (values.count("at-measured") > 0) {
    interpolate(values["at-measured"].as<std::string>(), how.baseline, merged, heads);
  }
  const MergedReport comparisons = compare(merged, how);
  const ComparisonView view(merged, comparisons, heads);
  print(text_of(view, format, values.count("pairs") > 0));
  for (const Problem& finding : view.report().findings) spdlog::error("{}", finding.text());
  return view.sound() ? kDone : kCellsFailed;
}

}  // namespace pressroom
