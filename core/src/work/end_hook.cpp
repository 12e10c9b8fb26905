#include "work/end_hook.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/limited_command.h"
#include "base/utf8.h"

namespace pressroom {
namespace {

constexpr std::uint64_t kMostOutput = 1 << 16;

void say_lines(const std::string& text, const std::function<void(const std::string& line)>& say) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) say(printable_line(text.substr(begin, end - begin)));
    begin = end + 1;
  }
}

}  // namespace

const char* RunSummary::state() const {
  constexpr const char* kStates[] = {"finished", "failed", "error", "interrupted"};
  return exit_code >= 0 && exit_code <= 3 ? kStates[exit_code] : "error";
}

nlohmann::ordered_json to_json(const RunSummary& summary) {
  return {{"schema", "pressroom.run_summary/1"},
          {"name", summary.name},
          {"directory", summary.directory.string()},
          {"tags", summary.tags},
          {"state", summary.state()},
          {"exit_code", summary.exit_code},
          {"started", summary.started.text()},
          {"seconds", summary.seconds},
          {"cells",
           {{"planned", summary.cells.planned},
            {"run", summary.cells.run},
            {"failed", summary.cells.failed},
            {"reused", summary.cells.reused},
            {"waiting", summary.cells.waiting}}}};
}

std::optional<Problem> run_end_hook(const std::string& command, const RunSummary& summary,
                                    const std::function<void(const std::string& line)>& say) {
  CommandLimits limits;
  limits.seconds = kEndHookLimit;
  // It is the user's own: it may take what its user may, for as long.
  limits.data_bytes = std::numeric_limits<std::uint64_t>::max();
  limits.file_bytes = std::numeric_limits<std::uint64_t>::max();
  limits.output_bytes = kMostOutput;
  limits.input = json_line(to_json(summary)) + "\n";
  try {
    const LimitedCommand ended = run_limited({"/bin/sh", "-c", command}, limits);
    say_lines(ended.output, say);
    say_lines(ended.errors, say);
    if (ended.went_well()) return std::nullopt;
    LimitedCommand silent = ended;
    silent.errors.clear();  // they were said
    return Problem{"the command for the end of the run (on_end) went wrong", command,
                   "exit code 0, within " + std::to_string(kEndHookLimit.count()) + " s",
                   silent.how_it_ended(limits), "the results are not concerned"};
  } catch (const Error& error) {
    return error.problems().front();
  }
}

}  // namespace pressroom
