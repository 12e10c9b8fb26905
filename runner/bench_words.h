// Words that the bench commands have in common.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <vector>

#include "config/config.h"

namespace pressroom {

// What was given for --`name`, or "".
std::string bench_text(const boost::program_options::variables_map& values, const char* name);

// "dense,{name: h2o, recent: 8}" at its commas, those within brackets excepted.
std::vector<std::string> parts_of_list(const std::string& text);

// The methods of such a list; `origin` is the option, for messages. Throws Error for what is none.
std::vector<PluginUse> methods_from_list(const std::string& text, const std::string& origin,
                                         PluginHost& host);

// Throws Error unless exactly one of the two names a file.
void require_one_text(const std::string& ids_file, const std::string& text_file);

}  // namespace pressroom
