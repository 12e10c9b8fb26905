#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/utf8.h"
#include "command.h"
#include "compare/merged_campaigns.h"
#include "compare_margins.h"
#include "compare_pivot.h"
#include "pressroom/error.h"
#include "report/comparison/comparison_formats.h"
#include "results/stored_campaign.h"
#include "stats/interpolate.h"
#include "stats/measure.h"

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

std::string text_of(const ComparisonTables& tables, const std::string& format) {
  return format == "markdown" ? comparison_markdown(tables)
         : format == "latex"  ? comparison_latex(tables)
                              : comparison_text(tables);
}

// Of what is read off a sweep there are nlls and answers alone.
void require_no_own_metric(const po::variables_map& values,
                           const std::vector<CellResult>& results) {
  if (values.count("metric") == 0) return;
  for (const std::string& name : values["metric"].as<Words>()) {
    if (measure_named(results, name).scale != Measure::Scale::kOwn) continue;
    throw Error({"--at-measured interpolates perplexity and answers, and no other metric", "",
                 "--metric nll or exact_match, or none", name,
                 "leave out one of --at-measured and --metric"});
  }
}

std::string text_of(const ComparisonView& view, const std::string& format, bool pairs) {
  if (format == "csv") return comparison_csv(view);
  if (format == "json") return json_text(comparison_json(view));
  return text_of(comparison_tables(view, pairs), format);
}

std::string text_of(const std::vector<ComparisonView>& views, const std::string& format,
                    bool pairs) {
  if (format == "csv") return metrics_csv(views);
  if (format == "json") return json_text(comparison_json(views));
  return text_of(comparison_tables(views, pairs), format);
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
  options.add_options()("margin", po::value<Words>()->composing()->value_name("PART"),
                        "what counts as the same: of perplexity and answers 0.01 (default) or 1%; "
                        "of a metric, in its own unit, NAME=X. May be given several times");
  options.add_options()("metric", po::value<Words>()->composing()->value_name("NAME"),
                        "compare by this metric, in its own unit, instead of by perplexity and "
                        "answers. May be given several times");
  options.add_options()("format", text("FORMAT")->default_value("plain"),
                        "plain, markdown, latex, csv or json");
  options.add_options()("pairs", "every two methods of one sparsity as well");
  options.add_options()("at-measured", text("METHOD"),
                        "interpolate every method to what this one kept");
  options.add_options()("pivot", text("ROWS x COLUMNS"),
                        "one table for a paper: \"method x budget\", \"dataset x method\" ...");
  options.add_options()("delta", "of a pivot: the change from the baseline, not the value");
  options.add_options()("digits", po::value<int>()->value_name("N"),
                        "of a pivot: digits after the point");
  const po::variables_map values =
      parse_words(words, "compare DIR [DIR ...] [OPTIONS]", options, {"DIR..."});
  const auto format = values["format"].as<std::string>();
  check_format(format);
  check_pivot_options(values);
  CompareOptions how;

  const std::vector<StoredCampaign> campaigns = read_all(values["DIR"].as<Words>());
  MergedCampaigns merged = merge_campaigns(campaigns);
  take_margins(values, merged.results, how);
  how.baseline = merged.label_of(values["baseline"].as<std::string>());
  std::vector<std::string> heads = heads_of(campaigns, merged.names);
  // So far the heads are of unfinished campaigns alone; interpolation adds its own.
  how.partial = !heads.empty();
  take_margins_of_configs(campaigns, merged.names, how, heads);
  if (values.count("at-measured") > 0) {
    require_no_own_metric(values, merged.results);
    interpolate(values["at-measured"].as<std::string>(), how.baseline, merged, heads);
  }
  const bool pairs = values.count("pairs") > 0;
  // Whatever is shown, results that contradict themselves are found in the losses.
  const MergedReport comparisons = compare(merged, how);
  const ComparisonView view(merged, comparisons, heads);
  if (values.count("pivot") > 0) {
    MergedReport shown = comparisons;
    if (values.count("metric") > 0) {
      how.metric = values["metric"].as<Words>().front();
      shown = compare(merged, how);
      shown.report.findings = view.report().findings;
    }
    const ComparisonView cells(merged, shown, heads);
    print(pivot_text_of(pivot_table(cells, pivot_options(values, cells, campaigns)), format));
  } else if (values.count("metric") == 0) {
    print(text_of(view, format, pairs));
  } else {
    std::vector<MergedReport> reports;
    for (const std::string& name : values["metric"].as<Words>()) {
      how.metric = name;
      reports.push_back(compare(merged, how));
      reports.back().report.findings = view.report().findings;
    }
    std::vector<ComparisonView> views;
    views.reserve(reports.size());
    for (const MergedReport& report : reports) views.emplace_back(merged, report, heads);
    print(text_of(views, format, pairs));
  }
  for (const Problem& finding : view.report().findings) spdlog::error("{}", finding.text());
  return view.sound() ? kDone : kCellsFailed;
}

}  // namespace pressroom
