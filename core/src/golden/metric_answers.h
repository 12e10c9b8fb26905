// What a metric answers: its values on a campaign of two cells that is always the same one.
//
//   Json answers = metric_answers(use, starter, host, control);
//   answers[0];   // {"method": "dense", "name": "perplexity", "unit": "1", "value": 21.7}
//
// Two made documents that ask for a number each, chunked, under dense and under h2o with a budget
// of 64 entries. What is measured of them is the starter model's, but for times and the size of the
// process: a metric is told of a millisecond for each token, of steps in turn of one to seven
// milliseconds, and of a process of 1 GiB. So every value, whatever its unit, is one that another
// machine gives again, and there is no value that nobody looks at.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "config/config.h"
#include "engine/run.h"
#include "golden/starter_model.h"

namespace pressroom {

// A value that is no finite number is the text of it: "nan", "inf", "-inf". Throws Error where the
// metric cannot be made, gives no value, or gives one without a name or two of one name, and where
// `host` lacks one of the two methods; Interrupted on request.
nlohmann::ordered_json metric_answers(const PluginUse& use, const StarterModel& starter,
                                      PluginHost& host, const RunControl& control);

}  // namespace pressroom
