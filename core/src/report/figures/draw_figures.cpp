#include "report/figures/draw_figures.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <future>
#include <iterator>
#include <sstream>

#include "base/number_text.h"
#include "base/strings.h"
#include "base/whole_file.h"
#include "pressroom/error.h"
#include "report/figures/gnuplot_script.h"
#include "report/figures/run_gnuplot.h"

namespace pressroom {

std::string figure_csv(const Figure& figure) {
  std::string text = "series_number,x,y,y_low,y_high,pareto,series,label\n";
  for (std::size_t i = 0; i < figure.series.size(); ++i) {
    const FigureSeries& series = figure.series[i];
    for (const FigurePoint& point : series.points) {
      text += csv_line({std::to_string(i), exact(point.x), exact(point.y),
                        point.y_ci95 ? exact(point.y_ci95->low) : "",
                        point.y_ci95 ? exact(point.y_ci95->high) : "", point.pareto ? "1" : "0",
                        one_line(series.name), one_line(point.label)});
    }
  }
  return text;
}

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kLimit(60);

constexpr std::string_view kBench = ".drawing-";

// Whether the process that a workbench is named by is gone.
bool is_left_over(const std::string& name) {
  if (name.rfind(kBench, 0) != 0) return false;
  const std::string digits = name.substr(kBench.size());
  if (digits.empty() || digits.size() > 9 ||
      digits.find_first_not_of("0123456789") != std::string::npos) {
    return false;
  }
  const auto process = static_cast<pid_t>(std::stol(digits));
  // EPERM is a process that lives, of another user.
  return process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
}

// Takes away what runs left that were killed while they drew.
void sweep(const fs::path& folder) {
  std::error_code ignored;
  std::vector<fs::path> left;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const bool is_folder = entry.is_directory(ignored) && !entry.is_symlink(ignored);
    if (is_folder && is_left_over(entry.path().filename().string())) left.push_back(entry.path());
  }
  for (const fs::path& path : left) fs::remove_all(path, ignored);
}

// Where gnuplot writes: a folder beside the figures, gone at the end.
class Workbench {
 public:
  explicit Workbench(const fs::path& folder)
      : path_(folder / (std::string(kBench) + std::to_string(::getpid()))) {
    sweep(folder);
    std::error_code failed;
    fs::create_directories(path_, failed);
    if (!failed) return;
    throw Error({"the folder for figures cannot be written", folder.string(), "a writable folder",
                 failed.message(), ""});
  }
  ~Workbench() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

constexpr const char* kFormats[] = {"svg", "pdf", "png"};

void check_names(const std::vector<Figure>& figures, const std::vector<std::string>& formats) {
  constexpr const char* kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
  for (const Figure& figure : figures) {
    if (!figure.id.empty() && figure.id.front() != '.' && figure.id.front() != '-' &&
        figure.id.find_first_not_of(kAllowed) == std::string::npos) {
      continue;
    }
    throw Error({"a figure's id is no file name", figure.title,
                 "letters, digits, '.', '_', '+' and '-'", "\"" + figure.id + "\"", ""});
  }
  for (const std::string& format : formats) {
    if (std::find(std::begin(kFormats), std::end(kFormats), format) != std::end(kFormats)) continue;
    throw Error({"a figure cannot be drawn in this format", "", "svg, pdf, png", format, ""});
  }
}

// `names`, and those of all figures in the order they first appear.
std::vector<std::string> series_names(const std::vector<Figure>& figures,
                                      std::vector<std::string> names) {
  for (const Figure& figure : figures) {
    for (const FigureSeries& series : figure.series) {
      if (std::find(names.begin(), names.end(), series.name) == names.end()) {
        names.push_back(series.name);
      }
    }
  }
  return names;
}

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Draws the figures `ids` of `folder` into `bench`, a folder in it, by one gnuplot a format, all at
// once. Returns "", else why it went wrong.
std::string draw_all(const std::vector<std::string>& ids, const std::vector<std::string>& formats,
                     const fs::path& folder, const fs::path& bench) {
  std::vector<std::future<std::string>> runs;
  for (const std::string& format : formats) {
    std::vector<std::string> arguments;
    for (const std::string& id : ids) {
      const std::string out = (bench.filename() / (id + "." + format)).string();
      arguments.push_back("-e");
      arguments.push_back("format=\"" + format + "\"; out=\"" + out + "\"");
      arguments.push_back(id + ".gp");
    }
    runs.push_back(std::async(std::launch::async, run_gnuplot, arguments, folder,
                              bench / (format + ".log"), kLimit));
  }
  std::string note;
  for (std::future<std::string>& run : runs) {
    const std::string failure = run.get();
    if (note.empty()) note = failure;
  }
  return note;
}

// Whether a drawing has its end.
bool is_whole(const std::string& bytes, const std::string& format) {
  constexpr std::size_t kTail = 32;
  const std::string end = bytes.size() > kTail ? bytes.substr(bytes.size() - kTail) : bytes;
  const char* mark = format == "svg" ? "</svg>" : format == "pdf" ? "%%EOF" : "IEND";
  return end.find(mark) != std::string::npos;
}

}  // namespace

DrawnFigures draw_figures(const std::vector<Figure>& figures, const fs::path& folder,
                          const std::vector<std::string>& formats,
                          const std::vector<std::string>& first_names) {
  check_names(figures, formats);
  DrawnFigures drawn;
  if (figures.empty()) return drawn;
  const Workbench workbench(folder);
  const auto write = [&](const std::string& name, const std::string& bytes) {
    write_file_atomically(folder / name, bytes);
    drawn.files.push_back(folder / name);
  };
  const std::vector<std::string> names = series_names(figures, first_names);
  std::vector<std::string> drawable;  // ids
  for (const Figure& figure : figures) {
    write(figure.id + ".csv", figure_csv(figure));
    if (!can_be_drawn(figure)) continue;
    write(figure.id + ".gp", gnuplot_script(figure, names));
    drawable.push_back(figure.id);
  }
  if (drawable.empty()) return drawn;
  drawn.note = draw_all(drawable, formats, folder, workbench.path());
  drawn.failed = !drawn.note.empty() && drawn.note != kGnuplotMissing;
  for (const std::string& id : drawable) {
    // One that is left from before would show other numbers than the data beside it, in formats
    // that are not asked for any more as well.
    for (const char* format : kFormats) {
      std::error_code ignored;
      fs::remove(folder / (id + "." + format), ignored);
    }
    for (const std::string& format : formats) {
      const std::string name = id + "." + format;
      const std::string bytes = drawn.note.empty() ? read_file(workbench.path() / name) : "";
      if (is_whole(bytes, format)) {
        write(name, undated_pdf(bytes));
      } else if (drawn.note.empty()) {
        drawn.note = "gnuplot left no whole " + name + ": is there room for it on the disk?";
        drawn.failed = true;
      }
    }
  }
  return drawn;
}

}  // namespace pressroom
