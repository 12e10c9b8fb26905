// A repository on a web server. For repository_source.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "hub/http.h"
#include "repository/repository_source.h"

namespace pressroom {

// `address` is one that normal_location returns.
std::unique_ptr<RepositorySource> open_web_source(const std::string& address,
                                                  const std::function<bool()>& stop_requested);

// How such a server is asked: without leaving it.
HttpOptions web_source_options(const std::function<bool()>& stop_requested);

}  // namespace pressroom
