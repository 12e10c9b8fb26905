#include "install/golden_run.h"

#include <nlohmann/json.hpp>

#include "base/temporary_folder.h"
#include "engine/run.h"
#include "golden/golden.h"
#include "pressroom/error.h"

namespace pressroom {

namespace fs = std::filesystem;

std::string ask_for_golden(const fs::path& shared_object, const fs::path& project,
                           const CommandLimits& limits) {
  // What it writes beside itself is nobody's.
  const TemporaryFolder aside(fs::temp_directory_path(), "pressroom-golden");
  CommandLimits within = limits;
  within.working_folder = aside.path();
  const LimitedCommand child =
      run_limited({"/proc/self/exe", "plugin", "answers", fs::absolute(shared_object).string(),
                   "--project", fs::absolute(project).string()},
                  within);
  if (child.end == LimitedCommand::End::kStopped) throw Interrupted();
  const bool has_answered = child.went_well() && !child.output.empty();
  if (has_answered) {
    // A bundle with anything else in it would be refused by all who install it.
    parse_golden(child.output, "the answers of " + shared_object.string());
    return child.output;
  }
  const char* const more_time =
      child.end == LimitedCommand::End::kTookTooLong ? "; --golden-seconds gives it more time" : "";
  throw Error({"the plugin does not answer", shared_object.string(),
               "its answers on the starter model (golden.json)", child.how_it_ended(limits),
               "pressroom plugin answers " + shared_object.string() + " --project " +
                   project.string() + " shows the same alone" + more_time});
}

void require_golden(const std::string& recorded, const fs::path& shared_object,
                    const fs::path& project, const CommandLimits& limits,
                    const std::string& where) {
  // What was recorded is looked at first: nothing runs for the sake of a text that says nothing.
  const nlohmann::ordered_json expected = parse_golden(recorded, where + ", golden.json");
  const std::string answers = ask_for_golden(shared_object, project, limits);
  const std::vector<Problem> differences =
      golden_differences(expected, parse_golden(answers, shared_object.string()), where);
  if (!differences.empty()) throw Error(differences);
}

}  // namespace pressroom
