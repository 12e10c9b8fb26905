// Tables of commands: of the program, and of those of its commands that have commands of their own.
//
//   const std::vector<CommandEntry> kTable = {{"new", "a project of its own", command_plugin_new}};
//   return run_entry(kTable, words, "pressroom plugin");
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "command.h"

namespace pressroom {

struct CommandEntry {
  const char* name;
  const char* summary;
  int (*run)(const Words&);
};

// A line for each, names in a column.
void print_entries(std::ostream& out, const std::vector<CommandEntry>& entries);

// Runs the entry that words[0] names with the words behind it. Throws Error, with a did-you-mean,
// where `program` ("pressroom plugin") has no such command.
int run_entry(const std::vector<CommandEntry>& entries, const Words& words,
              const std::string& program);

// The same for a command with commands of its own: says which there are where it is asked for help,
// or given nothing.
int run_subcommand(const std::vector<CommandEntry>& entries, const Words& words,
                   const std::string& program);

}  // namespace pressroom
