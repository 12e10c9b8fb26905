// What a config says of the figures that are written as files: `report.figures:`.
//
//   const FigureChoices choices = figure_choices(campaign.config);
//   draw(without_series(figure, choices.without), choices.formats);
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace pressroom {

struct FigureChoices {
  std::vector<std::string> without;  // labels of methods that no file shows
  std::vector<std::string> formats = {"svg", "pdf"};
};

// Of config.yaml as JSON, StoredCampaign::config. A word may stand for a list of one; what is
// missing, or of another kind, is the default.
FigureChoices figure_choices(const nlohmann::ordered_json& config);

}  // namespace pressroom
