#include "report/html/html_text.h"
#include "report/html/page.h"
#include "results/campaign_labels.h"

namespace pressroom {

std::string labels_of_head(const StoredCampaign& campaign) {
  const CampaignLabels labels = campaign_labels(campaign.config);
  std::string markup;
  if (!labels.tags.empty()) {
    markup += "<ul class=\"tags\" aria-label=\"tags\">";
    for (const std::string& tag : labels.tags) markup += element("li", tag);
    markup += "</ul>";
  }
  if (!labels.notes.empty()) markup += element("p", labels.notes, "class=\"about\"");
  return markup;
}

}  // namespace pressroom
