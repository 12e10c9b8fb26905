// How long a plugin may take for its golden answers: what `plugin pack`, `install`, `update`,
// `fetch` and `verify` say of it.
#pragma once

#include <boost/program_options.hpp>

#include "base/limited_command.h"

namespace pressroom {

// --golden-seconds
void add_golden_limits(boost::program_options::options_description& options);

// Of the process that is asked; it ends, too, when this one is asked to stop. Throws Error for what
// is no time.
CommandLimits golden_limits(const boost::program_options::variables_map& values);

}  // namespace pressroom
