#include "config/study_outputs.h"

namespace pressroom {

const std::vector<std::string>& study_outputs() {
  static const std::vector<std::string> names = {"perplexity_sweeps", "comparison_summary",
                                                 "press_folders",     "ppl_results",
                                                 "speed_results",     "generation_summary"};
  return names;
}

}  // namespace pressroom
