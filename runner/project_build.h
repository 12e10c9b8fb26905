// The project that a command of `plugin` is about, built where it lies.
#pragma once

#include <boost/program_options.hpp>
#include <filesystem>

#include "command.h"

namespace pressroom {

// The folder of "directory", "." where none was given. Throws Error where it is no project.
std::filesystem::path project_folder(const boost::program_options::variables_map& values);

// Builds in `folder`/build, which is returned; what the tools say goes to standard error.
std::filesystem::path build_here(const std::filesystem::path& folder);

// Runs a program of CMake's, whose output goes to `descriptor`; its exit code. Throws Error where
// there is no such program, Interrupted where this one was asked to stop meanwhile.
int run_cmake_tool(const Words& words, int descriptor);

}  // namespace pressroom
