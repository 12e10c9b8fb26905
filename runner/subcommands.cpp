#include "subcommands.h"

#include <algorithm>
#include <iostream>

#include "base/strings.h"
#include "pressroom/error.h"

namespace pressroom {

void print_entries(std::ostream& out, const std::vector<CommandEntry>& entries) {
  std::size_t width = 0;
  for (const CommandEntry& entry : entries) {
    width = std::max(width, std::string(entry.name).size());
  }
  for (const CommandEntry& entry : entries) {
    const std::string name = entry.name;
    out << "  " << name << std::string(width + 3 - name.size(), ' ') << entry.summary << "\n";
  }
}

int run_entry(const std::vector<CommandEntry>& entries, const Words& words,
              const std::string& program) {
  Words names;
  for (const CommandEntry& entry : entries) {
    if (words[0] == entry.name) return entry.run(Words(words.begin() + 1, words.end()));
    names.emplace_back(entry.name);
  }
  const std::string near = closest_match(words[0], names);
  throw Error({program + " has no such command", "", joined(names), words[0],
               near.empty() ? program + " --help lists them" : "did you mean \"" + near + "\"?"});
}

int run_subcommand(const std::vector<CommandEntry>& entries, const Words& words,
                   const std::string& program) {
  const bool asks_for_help = !words.empty() && (words[0] == "--help" || words[0] == "-h");
  if (!words.empty() && !asks_for_help) return run_entry(entries, words, program);
  std::ostream& out = words.empty() ? std::cerr : std::cout;
  out << "usage: " << program << " COMMAND [ARGUMENTS]\n\n";
  print_entries(out, entries);
  out << "\n" << program << " COMMAND --help says more.\n";
  return words.empty() ? kWrongRequest : kDone;
}

}  // namespace pressroom
