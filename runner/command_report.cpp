#include <spdlog/spdlog.h>

#include <iostream>

#include "base/utf8.h"
#include "command.h"
#include "report/write_report.h"

namespace pressroom {

namespace po = boost::program_options;

int command_report(const Words& words) {
  po::options_description options("options");
  options.add_options()("out", po::value<std::string>()->value_name("FILE"),
                        "the page, .html; default: report.html in DIR. Figures lie beside it");
  options.add_options()("margin",
                        po::value<std::string>()->default_value("0.01")->value_name("PART"),
                        "of perplexity, what counts as the same: 0.01 or 1%");
  options.add_options()("no-figures", "no figures as files");
  const po::variables_map values = parse_words(words, "report DIR [OPTIONS]", options, {"DIR"});

  ReportOptions how;
  if (!values["margin"].defaulted()) how.margin = margin_from(values["margin"].as<std::string>());
  how.figures = values.count("no-figures") == 0;
  if (values.count("out") > 0) how.out = values["out"].as<std::string>();
  const WrittenReport written = write_report(values["DIR"].as<std::string>(), how);
  for (const std::string& note : written.notes) spdlog::warn("{}", printable(note));
  std::cout << written.html.string() << "\n";
  if (!written.figures.empty()) std::cout << written.figures.string() << "\n";
  return written.figures_failed ? kWrongRequest : kDone;
}

}  // namespace pressroom
