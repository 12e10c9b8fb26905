// What `pressroom plugin new` writes, as it lies in runner/templates: projects that build and pass
// as they stand, of plugins called plugin_name with classes that begin with PluginName. The
// build puts them into the program (cmake/PressroomEmbed.cmake), which needs no files of its own.
#pragma once

namespace pressroom {

// Of each kind: bundle.yaml, CMakeLists.txt, README.md, plugin_name.cpp, test/plugin_name_test.cpp.
extern const char kMethodBundle[];
extern const char kMethodCmake[];
extern const char kMethodReadme[];
extern const char kMethodSource[];
extern const char kMethodTest[];
extern const char kDatasetBundle[];
extern const char kDatasetCmake[];
extern const char kDatasetReadme[];
extern const char kDatasetSource[];
extern const char kDatasetTest[];
extern const char kDatasetLines[];  // test/lines.txt
extern const char kMetricBundle[];
extern const char kMetricCmake[];
extern const char kMetricReadme[];
extern const char kMetricSource[];
extern const char kMetricTest[];

// Of a method written in Python: bundle.yaml, CMakeLists.txt, README.md.
extern const char kPythonBundle[];
extern const char kPythonCmake[];
extern const char kPythonReadme[];

// Of all kinds: ci.sh, .gitignore, and Pressroom's own .clang-format.
extern const char kCiScript[];
extern const char kGitIgnore[];
extern const char kClangFormat[];

}  // namespace pressroom
