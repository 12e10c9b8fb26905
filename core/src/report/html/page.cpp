#include "report/html/page.h"

#include "base/sha256.h"
#include "report/html/assets.h"
#include "report/html/base64.h"
#include "report/html/html_text.h"

namespace pressroom {
namespace {

constexpr const char* kScripts[] = {kReportJs, kTracesJs};

std::string policy() {
  std::string text =
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
      "form-action 'none'; script-src";
  for (const char* script : kScripts) {
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
         element("title", title) + "\n<style>" + kReportCss + "</style>\n</head>\n";
}

// Links to the sections that are there, by the ids of their headings.
std::string contents(const std::string& main) {
  static constexpr struct {
    const char* id;
    const char* name;
  } kSections[] = {
      {"results-h", "Results"},           {"figures-h", "Figures"}, {"methods-h", "Methods"},
      {"significance-h", "Significance"}, {"kept-h", "Kept"},       {"traces-h", "Evicted"},
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
      kept_section(content) + traces_section(traces) + provenance_section(content);
  std::string scripts;
  for (const char* script : kScripts) scripts += std::string("<script>") + script + "</script>\n";
  const std::string name = content.campaign.name;
  return head(name + " - Pressroom") +
         "<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header><p>Pressroom "
         "report</p>" +
         element("h1", name) + contents(main) + "</header>\n<main id=\"main\">\n" + main +
         "</main>\n" + scripts + "</body>\n</html>\n";
}

}  // namespace pressroom
