#include "submit_script.h"

#include <cctype>

#include "base/shell_word.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

bool is_any_of(char c, const char* others) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string(others).find(c) != std::string::npos;
}

// What queues show: the directory's name, without what one of them could stumble over.
std::string job_name(const SubmitRequest& request) {
  std::string name = "pressroom-" + request.directory.filename().string();
  for (char& c : name) {
    if (!is_any_of(c, "._-")) c = '_';
  }
  return name;
}

// `path` within double quotes of an #SBATCH line, where % begins a pattern. A backslash would turn
// patterns off for the whole name, and a line is one line.
std::string in_directive(const std::filesystem::path& path) {
  std::string text;
  for (const char c : path.string()) {
    if (c == '\\' || c == '\n') {
      throw Error({"the name cannot be written in a line for Slurm", path.string(),
                   "a path without backslashes and line ends", "",
                   "give the directory another name, or a link to it in another place"});
    }
    if (c == '%') text += '%';
    if (c == '"') text += '\\';
    text += c;
  }
  return text;
}

// The last line: `exec`, so that signals for the script reach pressroom. `threads` is shell.
std::string work_line(const SubmitRequest& request, const std::string& threads) {
  std::string line = "exec " + shell_word(request.program.string()) + " work " +
                     shell_word(request.directory.string());
  for (const std::filesystem::path& folder : request.plugin_folders) {
    line += " --plugin-dir " + shell_word(folder.string());
  }
  return line + " --threads " + threads + "\n";
}

}  // namespace

std::string slurm_script(const SubmitRequest& request) {
  return "#!/bin/sh\n"
         "# Each task takes cells that nobody works on, until none is left. How many tasks there "
         "are, when\n"
         "# they begin and when they end makes no difference to the results.\n"
         "#SBATCH --job-name=" +
         job_name(request) +
         "\n"
         "#SBATCH --array=1-" +
         std::to_string(request.tasks) +
         "\n"
         "#SBATCH --requeue\n"
         "#SBATCH --open-mode=append\n"
         "#SBATCH --output=\"" +
         in_directive(request.directory) +
         "/logs/slurm-%A_%a.log\"\n"
         "# A minute before the time limit: the cell in progress is finished, or given back.\n"
         "#SBATCH --signal=B:USR1@60\n" +
         work_line(request, "\"${SLURM_CPUS_PER_TASK:-${SLURM_CPUS_ON_NODE:-0}}\"");
}

std::string hyperqueue_script(const SubmitRequest& request) {
  // Its own logs begin anew with each try of a task, and their names may not have every character.
  const std::string log = shell_word((request.directory / "logs" / "hq-").string());
  return "#!/bin/sh\n"
         "# Each task takes cells that nobody works on, until none is left. How many tasks there "
         "are, when\n"
         "# they begin and when they end makes no difference to the results.\n"
         "#HQ --name=" +
         job_name(request) +
         "\n"
         "#HQ --array=1-" +
         std::to_string(request.tasks) +
         "\n"
         "# How often a task may lose its machine and is begun again.\n"
         "#HQ --crash-limit=1000\n"
         "#HQ --stdout=none --stderr=none\n"
         "exec >> " +
         log +
         "\"${HQ_JOB_ID}_${HQ_TASK_ID}.log\" 2>&1\n"
         "# One for each CPU that the task was given: --cpus of hq submit.\n"
         "threads=$(echo \"${HQ_CPUS:-0}\" | tr , '\\n' | wc -l)\n" +
         work_line(request, "\"$threads\"");
}

}  // namespace pressroom
