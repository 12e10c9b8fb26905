#include <nlohmann/json.hpp>

#include "report/html/html_text.h"
#include "report/html/trace_view.h"

namespace pressroom {
namespace {

nlohmann::ordered_json json_of(const TraceView& view) {
  nlohmann::ordered_json json = {{"documents", nlohmann::ordered_json::array()},
                                 {"runs", nlohmann::ordered_json::array()}};
  for (const TracedDocument& document : view.documents) {
    json["documents"].push_back(
        {{"id", document.id}, {"count", document.count}, {"tokens", document.tokens}});
  }
  for (const TracedRun& run : view.runs) {
    json["runs"].push_back({{"name", run.method + ", " + run.told},
                            {"document", run.document},
                            {"layers", run.layers},
                            {"heads", run.kv_heads},
                            {"averaged", run.averaged},
                            {"lifetimes", run.lifetimes}});
  }
  return json;
}

std::string chooser(const TraceView& view) {
  std::string markup = "<label>method <select id=\"trace-run\">";
  for (std::size_t i = 0; i < view.runs.size(); ++i) {
    const TracedRun& run = view.runs[i];
    markup +=
        element("option", run.method + ", " + run.told, "value=\"" + std::to_string(i) + "\"");
  }
  return markup +
         "</select></label><label>layer <select id=\"trace-layer\"><option value=\"\">mean"
         "</option></select></label><label>KV head <select id=\"trace-head\"><option value=\"\">"
         "mean</option></select></label>";
}

}  // namespace

std::string traces_section(const TraceView& view) {
  if (view.runs.empty() && view.notes.empty()) return "";
  std::string markup =
      "<section id=\"traces\" aria-labelledby=\"traces-h\"><h2 id=\"traces-h\">What was evicted"
      "</h2>";
  if (!view.runs.empty()) {
    const TracedRun& first = view.runs.front();
    markup += element("p",
                      "One window of " + first.dataset + ", context " +
                          std::to_string(first.context_tokens) +
                          ", for each method at its lowest and highest sparsity" +
                          (first.told.front() == 'b' ? " (largest and smallest budget)" : "") +
                          ". The colour of a "
                          "token is how long its entry stayed in the cache, in tokens fed after "
                          "it; framed: held at the end.",
                      "class=\"notes\"") +
              "<div class=\"tools\">" + chooser(view) +
              "</div><p id=\"trace-state\" role=\"status\"></p><ul id=\"trace-key\" "
              "class=\"legend\"></ul><div id=\"trace-text\" class=\"trace\" tabindex=\"0\" "
              "role=\"region\" aria-label=\"the text, coloured by lifetime\"></div>"
              "<p id=\"trace-tip\" class=\"tip\"></p>"
              "<noscript><p>The coloured text needs JavaScript. "
              "<code>pressroom trace FILE</code> prints what was kept.</p></noscript>"
              "<script type=\"application/json\" id=\"trace-data\">" +
              json_in_html(json_of(view)) + "</script>";
  }
  if (!view.notes.empty()) {
    markup += "<ul class=\"notes\">";
    for (const std::string& note : view.notes) markup += element("li", note);
    markup += "</ul>";
  }
  return markup + "</section>\n";
}

}  // namespace pressroom
