#!/bin/sh
# What every change has to pass: configure, build, test. Pressroom is found where it is installed
# with its program in PATH, or below a prefix in the environment variable CMAKE_PREFIX_PATH.
set -eu
cd "$(dirname "$0")"
# CMake asks for make where it is not told otherwise.
if [ -z "${CMAKE_GENERATOR:-}" ] && command -v ninja > /dev/null; then
  export CMAKE_GENERATOR=Ninja
fi
cmake -S . -B build -DCMAKE_BUILD_TYPE=Release
cmake --build build --parallel "$(nproc)"
ctest --test-dir build --output-on-failure --no-tests=error
