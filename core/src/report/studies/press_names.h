// What kvpress calls presses, and the folders of their results.
//
//   press_name(group, "dense");          // "h2o"; "no_press" of the baseline
//   press_folder(group, false, input);   // "books__EleutherAI--pythia-70m__h2o__0.90/"
#pragma once

#include <string>

#include "report/studies/study.h"
#include "stats/cell_groups.h"

namespace pressroom {

std::string press_name(const CellGroup& group, const std::string& baseline);

// Relative to the campaign's directory, which no dataset's or model's name leads out of.
// `several_contexts`: the context stands in it.
std::string press_folder(const CellGroup& group, bool several_contexts, const StudyInput& input);

}  // namespace pressroom
