// `pressroom report`: a campaign's directory made readable.
//
//   const WrittenReport written = write_report("results/quickstart", {});
//   written.html;   // results/quickstart/report.html
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pressroom {

struct ReportOptions {
  double margin = 0.01;       // of perplexity, of the equivalence tests
  bool figures = true;        // also as files, by gnuplot
  std::filesystem::path out;  // the HTML file; "": report.html in the directory
};

struct WrittenReport {
  std::filesystem::path html;
  std::filesystem::path figures;   // their folder; "" when there are none
  std::vector<std::string> notes;  // "57 of 80 cells have been run", "gnuplot is not installed"
};

// Reads the campaign in `directory`, writes the page and, beside it, the folder figures/. A
// campaign that is not finished gives a report of what there is, and says so. The campaign's own
// files are only read. Throws Error where read_campaign or compare do, where no cell has been run,
// and where the page cannot be written.
WrittenReport write_report(const std::filesystem::path& directory, const ReportOptions& options);

}  // namespace pressroom
