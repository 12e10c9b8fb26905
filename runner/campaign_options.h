// The words of the command line that say what a campaign is and how it is worked on: the keys of
// its config (--methods, --set, ...) and the workers that run its cells (--workers, --time).
#pragma once

#include <boost/program_options.hpp>
#include <cstdint>
#include <vector>

#include "command.h"
#include "config/config.h"

namespace pressroom {

// --set, and a shortcut for each key that is often set.
boost::program_options::options_description config_options();

// What was given of config_options(), in the order in which it applies. Throws Error.
std::vector<Override> overrides_from(const boost::program_options::variables_map& values);

// --set KEY=VALUE alone, and what was given by it. Throws Error.
void add_set_option(boost::program_options::options_description& options);
std::vector<Override> set_overrides_from(const boost::program_options::variables_map& values);

// --workers and --time.
void add_worker_options(boost::program_options::options_description& options);

// --time in seconds, rounded up; 0: no limit. Throws Error.
std::int64_t most_seconds_from(const boost::program_options::variables_map& values);

}  // namespace pressroom
