#include <algorithm>
#include <iostream>

#include "base/shell_word.h"
#include "command.h"
#include "plugin_name.h"
#include "plugin_project.h"
#include "pressroom/error.h"
#include "scripted_press.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

void print_project(PluginKind kind, const std::string& name, const fs::path& folder,
                   const std::vector<ProjectFile>& files) {
  std::size_t width = 0;
  for (const ProjectFile& file : files) width = std::max(width, file.path.string().size());
  std::cout << quoted_label(kind, name) << " is in " << folder.string() << ":\n";
  for (const ProjectFile& file : files) {
    const std::string path = file.path.string();
    std::cout << "  " << path << std::string(width + 2 - path.size(), ' ') << file.purpose << "\n";
  }
  const std::string word = shell_word(folder.string());
  std::cout << "It builds and passes its tests as it is: pressroom plugin test " << word << "\n";
}

std::vector<ProjectFile> files_of(PluginKind kind, const std::string& name,
                                  const po::variables_map& values, PluginHost& host) {
  if (values.count("python") == 0) return project_files(kind, name);
  if (kind != PluginKind::kMethod) {
    throw Error({"only a method can be written in Python", "--python", "plugin new method",
                 std::string("plugin new ") + to_string(kind), "leave --python out"});
  }
  return python_project_files(name, read_scripted_press(values["python"].as<std::string>(), host));
}

}  // namespace

int command_plugin_new(const Words& words) {
  po::options_description options("options");
  options.add_options()("dir", po::value<std::string>()->value_name("DIR"),
                        "the project's folder: new, or empty; default: NAME")(
      "python", po::value<std::string>()->value_name("FILE.pt"),
      "a method written in Python, saved by torch.jit.script(module).save(FILE.pt)");
  const po::variables_map values =
      parse_words(words, "plugin new method|dataset|metric NAME [--dir DIR] [--python FILE.pt]",
                  options, {"kind", "name"});
  const PluginKind kind = plugin_kind_from(values["kind"].as<std::string>());
  const std::string name = values["name"].as<std::string>();
  require_plugin_name(name);
  PluginHost host = make_host(values);
  require_unused_name(kind, name, host);
  const fs::path folder = values.count("dir") > 0 ? values["dir"].as<std::string>() : name;
  const std::vector<ProjectFile> files = files_of(kind, name, values, host);
  write_project(folder, files);
  print_project(kind, name, folder, files);
  return kDone;
}

}  // namespace pressroom
