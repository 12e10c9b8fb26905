// A repository that is a folder. For repository_source.cpp, and for who writes to one.
#pragma once

#include <memory>
#include <string>

#include "repository/repository_source.h"

namespace pressroom {

// `folder` is an absolute path, and may be reached by links; below it none is followed.
std::unique_ptr<RepositorySource> open_folder_source(const std::string& folder);

}  // namespace pressroom
