// The files of an extension. At every moment the directory holds every result it ever had, and one
// plan with what belongs to it; whoever is killed in between leaves what the next run completes, or
// takes back.
//
//   put_config_aside(stored, planned, changes, calibration);   // history/N is whole now
//   write_records(...);                                         // the next config and plan
//
//   if (unfinished_extension(directory)) take_back(directory);   // a run with the old config again
//
// Both are for who has the lease on the plan, while nobody works on it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "campaign/extension.h"
#include "results/plan_json.h"

namespace pressroom {

// Gives the present config a folder in the directory's history, and moves there what the plan `now`
// has no place for: results of cells that leave it, and those whose files are to hold others, with
// their traces and answers. They are linked there first, all of them, and leave the directory then.
// Goes on where it was interrupted. `calibration` is the text of calibration.json as it was; "" for
// none. Throws Error where something cannot be written: nothing is lost then.
void put_config_aside(const DirectoryConfig& stored, const std::vector<PlannedFile>& now,
                      const std::vector<std::string>& changes, const std::string& calibration);

// Puts back what an interrupted extension has put aside, and removes its folder. Throws Error where
// something cannot be written.
void take_back(const std::filesystem::path& directory);

// The eviction traces beside the result in `file`, and its answers: what bears its name.
std::vector<std::filesystem::path> parts_beside(const std::filesystem::path& file);

// Gives the file `from` the name `to`, too, in place of what is there. Throws Error.
void link_over(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace pressroom
