// Figures as files: the data as CSV, the drawing as SVG and PDF by gnuplot.
//
//   const DrawnFigures drawn = draw_figures(figures, directory / "figures", {"svg", "pdf"});
//   if (!drawn.note.empty()) warn(drawn.note);   // "gnuplot is not installed ..."
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report/figures/figure.h"

namespace pressroom {

// A figure's points as a table, for gnuplot and for spreadsheets.
//
//   series_number,x,y,y_low,y_high,pareto,series,label
//   0,0.1,14,13.5,14.5,1,h2o,"h2o, sparsity 0.9"
//
// RFC 4180 with "\n" line ends, a header and one row a point. Numbers read back exactly; no
// interval is two empty fields; `pareto` is 0 or 1. Control characters of names are spaces, as
// gnuplot takes every line for a row. What may hold commas is last: gnuplot goes by the numbers.
std::string figure_csv(const Figure& figure);

struct DrawnFigures {
  std::vector<std::filesystem::path> files;  // that were written
  std::string note;                          // why there are no drawings; "" when there are
  bool failed = false;  // there is a gnuplot, and it did not draw what it was to
};

// Writes <id>.csv (one row a point) and <id>.gp (a gnuplot script that reads it, for those who want
// to change it; see gnuplot_script.h) for each figure into `folder`, made where it is missing, and
// runs one gnuplot a format, all at once. Formats: svg, pdf, png. The same figures give the same
// bytes. A figure without a point that can be drawn is data only. Drawings of before are removed,
// in formats that are not asked for, too. Where gnuplot is missing, fails, leaves a drawing that is
// not whole - the disk may be full - or takes over a minute the data are written all the same and
// `note` says so. Throws Error when the folder cannot be written, or when an id is not letters,
// digits, ".", "_", "+" and "-": what labels of a config are made of. Series have the looks of
// their places in `names`, those that it lacks of places behind. Folders that killed runs left in
// `folder`, .drawing-<process>, are taken away.
DrawnFigures draw_figures(const std::vector<Figure>& figures, const std::filesystem::path& folder,
                          const std::vector<std::string>& formats,
                          const std::vector<std::string>& names = {});

}  // namespace pressroom
