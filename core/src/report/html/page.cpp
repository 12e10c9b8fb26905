#include "report/html/page.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/number_text.h"
#include "base/sha256.h"
#include "base/whole_file.h"
#include "report/figures/figure_style.h"
#include "report/html/assets.h"
#include "report/html/html_text.h"
#include "report/table/summary.h"
#include "report/table/table_cells.h"
#include "results/unsigned_plugins.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostListItems = 100;  // failed cells with their reasons

std::string list_of(const std::vector<std::string>& lines) {
  std::string markup = "<ul>";
  for (std::size_t i = 0; i < lines.size() && i < kMostListItems; ++i) {
    markup += element("li", lines[i]);
  }
  if (lines.size() > kMostListItems) {
    markup += element("li", "and " + std::to_string(lines.size() - kMostListItems) + " more");
  }
  return markup + "</ul>";
}

// The values of `json` with the keys that lead to them, a row each.
void add_rows(const Json& json, const std::string& path, std::string& rows) {
  const bool of_values = json.is_array() && (json.empty() || json.front().is_primitive());
  if (json.is_structured() && !of_values) {
    for (const auto& item : json.items()) {
      add_rows(item.value(), path.empty() ? item.key() : path + " / " + item.key(), rows);
    }
    return;
  }
  std::string text;
  if (json.is_string()) {
    text = json.get<std::string>();
  } else if (of_values) {
    for (const Json& word : json) {
      text +=
          (text.empty() ? "" : " ") + (word.is_string() ? word.get<std::string>() : word.dump());
    }
  } else {
    text = json_line(json);
  }
  rows += "<tr>" + element("th", path, "scope=\"row\" class=\"l\"") +
          element("td", text, "class=\"l\"") + "</tr>";
}

std::string state_of(const CellResult& result) {
  if (result.error.empty()) return "run";
  return result.error == kNotRun ? "not run" : "failed";
}

std::string cells_table(const StoredCampaign& campaign) {
  std::string markup =
      "<details><summary>Cells and their files</summary><div class=\"box\" tabindex=\"0\"><table>"
      "<caption>Relative to the campaign's directory</caption><thead><tr><th scope=\"col\" "
      "class=\"l\">file</th><th scope=\"col\" class=\"l\">state</th><th scope=\"col\">seconds</th>"
      "</tr></thead><tbody>";
  for (const CellResult& result : campaign.results) {
    const std::string file =
        campaign.cell_file(result.cell).lexically_relative(campaign.directory).generic_string();
    const bool was_run = result.error.empty();
    markup += "<tr>" + element("th", file, "scope=\"row\" class=\"l\"") +
              element("td", state_of(result), "class=\"l\"") +
              element("td", was_run ? significant(result.seconds, 3) : "") + "</tr>";
  }
  return markup + "</tbody></table></div></details>";
}

std::string config_text(const StoredCampaign& campaign) {
  const std::string text = text_of_file(campaign.directory / "config.yaml");
  return text.empty() ? campaign.config.dump(2, ' ', false, Json::error_handler_t::replace) : text;
}

std::string how_to_repeat(const StoredCampaign& campaign) {
  return "<p>Save the config below as <code>config.yaml</code>, then, with the same version, model "
         "and data:</p><pre><code>pressroom run config.yaml --out " +
         html_escaped("results/" + slug(campaign.name)) +
         "</code></pre><p>Results are the same where the engine, device and number type are; "
         "speeds "
         "are not. Cells are reused only where everything they depend on is unchanged.</p>";
}

}  // namespace

std::string alerts_section(const ReportContent& content) {
  const CellCounts counts = count_cells(content.campaign.results);
  std::vector<std::string> findings;
  const std::vector<std::string> failures =
      failures_of(group_cells(content.campaign.results, content.report.baseline), false);
  for (const Problem& finding : content.report.findings) findings.push_back(finding.text());
  std::string markup;
  const std::vector<std::string> strangers = unsigned_plugins(content.campaign.provenance);
  if (!strangers.empty()) {
    markup +=
        "<h3>Plugins without a signature</h3>" + element("p", unsigned_alert(strangers) + ".");
  }
  if (!findings.empty()) {
    markup += "<h3>Results that contradict themselves</h3>" + list_of(findings);
  }
  if (!failures.empty()) markup += "<h3>Failed cells</h3>" + list_of(failures);
  if (counts.waiting > 0) {
    const std::string running = content.campaign.running ? " The campaign is running." : "";
    markup += "<h3>Not finished</h3>" +
              element("p", std::to_string(counts.planned - counts.waiting) + " of " +
                               counted(counts.planned, "cell") +
                               ". What is shown is of those alone: intervals and p will change, "
                               "and p does not allow for looking before the end." +
                               running);
  }
  if (markup.empty()) return "";
  return "<section class=\"alerts\" aria-labelledby=\"alerts-h\"><h2 id=\"alerts-h\">Read this "
         "first"
         "</h2>" +
         markup + "</section>\n";
}

std::string summary_section(const ReportContent& content) {
  std::string text;
  for (const std::string& sentence :
       summary_sentences(content.campaign.results, content.rows, content.report)) {
    text += (text.empty() ? "" : " ") + sentence;
  }
  return "<section aria-labelledby=\"summary-h\"><h2 id=\"summary-h\">Summary</h2>" +
         element("p", text, "class=\"lead\"") + "</section>\n";
}

std::string provenance_section(const ReportContent& content) {
  const StoredCampaign& campaign = content.campaign;
  std::string rows;
  add_rows(campaign.provenance, "", rows);
  return "<section aria-labelledby=\"provenance-h\"><h2 id=\"provenance-h\">Where the numbers come "
         "from</h2><h3>To repeat it</h3>" +
         how_to_repeat(campaign) + "<details><summary>Config</summary><pre tabindex=\"0\"><code>" +
         html_escaped(config_text(campaign)) +
         "</code></pre></details><details><summary>Versions, machine, hashes</summary><div "
         "class=\"box\" tabindex=\"0\"><table class=\"record\"><caption>provenance.json, of the "
         "latest run</caption><tbody>" +
         rows + "</tbody></table></div></details>" + cells_table(campaign) + "</section>\n";
}

namespace {

constexpr const char* kScripts[] = {kReportJs, kAnswersJs, kTracesJs};

std::string policy() {
  std::string text =
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
      "form-action 'none'; script-src";
  for (const char* script : kScripts) {
    // By hash, so that no text of a campaign can come to run as a script of the page.
    text += " 'sha256-" + base64(bytes_of_hex(sha256_hex(script))) + "'";
  }
  return text;
}

std::string head(const std::string& title) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
         policy() +
         "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n" +
         element("title", title) + "\n<style>" + figure_css() + kReportCss + "</style>\n</head>\n";
}

// Links to the sections that are there, by the ids of their headings.
std::string contents(const std::string& main) {
  static constexpr struct {
    const char* id;
    const char* name;
  } kSections[] = {{"results-h", "Results"},      {"methods-h", "Methods"},
                   {"figures-h", "Figures"},      {"significance-h", "Significance"},
                   {"answers-h", "Answers"},      {"kept-h", "Kept"},
                   {"traces-h", "Evicted"},       {"configs-h", "Configs"},
                   {"provenance-h", "Provenance"}};
  std::string markup = "<nav aria-label=\"sections\"><ul>";
  for (const auto& section : kSections) {
    const std::string id = section.id;
    if (main.find("<h2 id=\"" + id + "\"") == std::string::npos) continue;
    markup += "<li><a href=\"#" + id + "\">" + section.name + "</a></li>";
  }
  return markup + "</ul></nav>";
}

}  // namespace

std::string report_page(const ReportContent& content, const TraceView& traces) {
  const std::string main =
      alerts_section(content) + summary_section(content) + results_section(content) +
      method_summary_section(content) + figures_section(content) + significance_section(content) +
      answers_section(content) + kept_section(content) + traces_section(traces) +
      configs_section(content) + provenance_section(content);
  std::string scripts;
  for (const char* script : kScripts) scripts += std::string("<script>") + script + "</script>\n";
  const std::string name = content.campaign.name;
  return head(name + " - Pressroom") +
         "<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header><p>Pressroom "
         "report</p>" +
         element("h1", name) + labels_of_head(content.campaign) + contents(main) +
         "</header>\n<main id=\"main\">\n" + main + "</main>\n" + scripts + "</body>\n</html>\n";
}

}  // namespace pressroom
