// `pressroom report`: a campaign's directory made readable.
//
//   const WrittenReport written = write_report("results/quickstart", {});
//   written.html;   // results/quickstart/report.html
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "results/stored_campaign.h"

namespace pressroom {

struct ReportOptions {
  // Of perplexity and of answers, of the equivalence tests; absent: as the config says, else 0.01.
  std::optional<double> margin;
  bool figures = true;        // also as files, by gnuplot
  std::filesystem::path out;  // .html or .htm; "": report.html in the directory
};

struct WrittenReport {
  std::filesystem::path html;
  std::filesystem::path figures;   // their folder; "" when there are none
  bool figures_failed = false;     // there is a gnuplot, and it did not draw them
  std::vector<std::string> notes;  // "57 of 80 cells have been run", "gnuplot is not installed"
};

// Writes the page of `campaign` and, beside it, the folder figures/ - <name>-figures/ beside
// <name>.html - and overwrites nothing but a report. A campaign that is not
// finished gives a report of what there is, and says so. Results are those that `campaign` holds,
// whatever has been done to their files since; none of the campaign's files is changed. Throws
// Error where compare does, where no cell has been run, and where the page cannot be written or is
// another file.
WrittenReport write_report(const StoredCampaign& campaign, const ReportOptions& options);

// Of the campaign that is read from `directory` first. Throws Error where read_campaign does too.
WrittenReport write_report(const std::filesystem::path& directory, const ReportOptions& options);

}  // namespace pressroom
