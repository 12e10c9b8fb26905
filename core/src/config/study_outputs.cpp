#include "config/study_outputs.h"

#include <algorithm>

namespace pressroom {
namespace {

// What stands beside labels: a prefix, an amount, a context, an ending, and that of a file which is
// being written.
constexpr std::size_t kAroundLabels = 64;

}  // namespace

const std::vector<std::string>& study_outputs() {
  static const std::vector<std::string> names = {"perplexity_sweeps", "comparison_summary",
                                                 "press_folders",     "ppl_results",
                                                 "speed_results",     "generation_summary"};
  return names;
}

std::size_t study_name_bytes(const std::vector<std::string>& outputs, const std::string& model,
                             const std::string& dataset, const std::string& method) {
  const auto has = [&](const char* name) {
    return std::find(outputs.begin(), outputs.end(), name) != outputs.end();
  };
  const std::size_t labels = kAroundLabels + dataset.size() + method.size();
  // Folders go by the model as well, a path by its last part.
  const bool is_path = !model.empty() && model.front() == '/';
  const std::string model_name = is_path ? model.substr(model.rfind('/') + 1) : model;
  if (has("press_folders")) return labels + model_name.size();
  return has("speed_results") || has("ppl_results") ? labels : 0;
}

}  // namespace pressroom
