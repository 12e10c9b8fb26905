#include "report/studies/study_files.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/whole_file.h"
#include "config/config.h"
#include "pressroom/error.h"
#include "report/figures/draw_figures.h"
#include "report/studies/study.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr struct {
  const char* name;
  StudyFiles (*make)(const StudyInput&);
} kOutputs[] = {
    {"perplexity_sweeps", perplexity_sweeps}, {"comparison_summary", comparison_summary},
    {"press_folders", press_folders},         {"ppl_results", ppl_results},
    {"speed_results", speed_results},         {"generation_summary", generation_summary}};

void check_names(const StudyFiles& out) {
  std::set<std::string> names;
  for (const StudyFile& file : out.files) {
    if (!names.insert(file.name).second) {
      throw Error({"two results of the study go into one file", file.name,
                   "labels that differ in letters, digits, _ . + or -", "the same name twice",
                   "give one of them another label, with as:"});
    }
  }
}

}  // namespace

StudyFiles make_study_files(const StudyInput& input, const std::vector<std::string>& outputs) {
  StudyFiles all;
  for (const auto& output : kOutputs) {
    if (std::find(outputs.begin(), outputs.end(), output.name) == outputs.end()) continue;
    StudyFiles made = output.make(input);
    all.files.insert(all.files.end(), made.files.begin(), made.files.end());
    all.figures.insert(all.figures.end(), made.figures.begin(), made.figures.end());
  }
  check_names(all);
  return all;
}

WrittenStudy write_study_files(const std::vector<CellResult>& results,
                               const ComparisonReport& report, const CampaignConfig& config,
                               const fs::path& directory) {
  const StudySetting setting = study_setting_of(config);
  const StudyFiles out = make_study_files({results, report, setting}, config.outputs);
  WrittenStudy written;
  for (const StudyFile& file : out.files) {
    const fs::path path = directory / file.name;
    write_file_atomically(path, file.text);
    written.files.push_back(path);
    if (path.extension() == ".txt") written.printed += "\n" + file.text;
  }
  std::map<std::string, std::vector<Figure>> by_folder;
  for (const StudyFigure& figure : out.figures) by_folder[figure.folder].push_back(figure.figure);
  for (const auto& [folder, figures] : by_folder) {
    const DrawnFigures drawn = draw_figures(figures, directory / folder, {"png"});
    written.files.insert(written.files.end(), drawn.files.begin(), drawn.files.end());
    if (!drawn.failed) continue;
    throw Error({"the plots of a study could not be drawn", (directory / folder).string(),
                 "a drawing of each", drawn.note, "fix that, and run the same command again"});
  }
  return written;
}

}  // namespace pressroom
