#include "bench/decode_figures.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "base/number_text.h"

namespace pressroom {
namespace {

using PointOf = std::function<FigurePoint(const StudiedRun&)>;

FigurePoint ms_point(const DecodeStudy& study, const StudiedRun& run) {
  const MeanInterval mean = study.mean_ms(run);
  FigurePoint point;
  point.y = mean.mean;
  point.y_ci95 = mean.ci95;
  return point;
}

FigurePoint bytes_point(const StudiedRun& run) {
  FigurePoint point;
  point.y = static_cast<double>(run.repeats.back().held.bytes) / kBytesPerMegabyte;
  return point;
}

void add_to_series(Figure& figure, const std::string& name, const StudiedRun& run,
                   FigurePoint point) {
  point.x = static_cast<double>(run.shape.length);
  point.label = name + ", length " + std::to_string(run.shape.length);
  for (FigureSeries& series : figure.series) {
    if (series.name != name) continue;
    series.points.push_back(std::move(point));
    return;
  }
  figure.series.push_back({name, {std::move(point)}, true});
}

// Runs come by ascending length only if they were asked for so.
void finish(Figure& figure) {
  for (FigureSeries& series : figure.series) {
    std::sort(series.points.begin(), series.points.end(),
              [](const FigurePoint& a, const FigurePoint& b) { return a.x < b.x; });
  }
  figure.x.logarithmic = is_wide(figure, &FigurePoint::x);
  figure.y.logarithmic = is_wide(figure, &FigurePoint::y);
}

Figure by_length(const DecodeStudy& study, std::int64_t sequences, const PointOf& point_of) {
  Figure figure;
  figure.x = {"length of the prompt (tokens)", false, Better::kNeither};
  for (const std::int64_t length : study.lengths) {
    figure.x.marks.push_back(static_cast<double>(length));
  }
  for (const StudiedRun& run : study.runs) {
    if (run.shape.sequences != sequences || run.dtype != study.dtype) continue;
    add_to_series(figure, run.method.label, run, point_of(run));
  }
  return figure;
}

Figure ms_figure(const DecodeStudy& study, std::int64_t sequences) {
  Figure figure =
      by_length(study, sequences, [&](const StudiedRun& run) { return ms_point(study, run); });
  for (const StudiedRun& run : study.runs) {
    if (!run.is_dense || run.dtype != study.dtype || run.shape.sequences != sequences) continue;
    const StudiedRun& fastest = study.fastest_dense(run);
    if (fastest.dtype == study.dtype) continue;
    add_to_series(figure, std::string(run.method.label) + ", " + to_string(fastest.dtype), run,
                  ms_point(study, fastest));
  }
  figure.id = "decode_ms";
  figure.title = "Decoding: time of a token";
  figure.caption = "Mean time of a token after a prompt, with its 95 % interval over repeats; " +
                   std::string(to_string(study.dtype)) + " weights where a line names no others.";
  figure.y = {"time of a token (ms)", false, Better::kLower};
  return figure;
}

Figure bytes_figure(const DecodeStudy& study, std::int64_t sequences) {
  Figure figure = by_length(study, sequences, bytes_point);
  figure.id = "decode_kv";
  figure.title = "Decoding: bytes of the caches";
  figure.caption = "Bytes in use by the entries of all layers and heads after the last token.";
  figure.y = {"KV caches (MB)", false, Better::kLower};
  return figure;
}

}  // namespace

std::vector<Figure> decode_figures(const DecodeStudy& study) {
  std::vector<Figure> figures;
  for (const std::int64_t sequences : study.sequences) {
    for (Figure figure : {ms_figure(study, sequences), bytes_figure(study, sequences)}) {
      if (study.sequences.size() > 1) {
        figure.id += "_s" + std::to_string(sequences);
        figure.title += sequences == 1 ? ", one sequence"
                                       : ", " + std::to_string(sequences) + " sequences at once";
      }
      finish(figure);
      figures.push_back(std::move(figure));
    }
  }
  return figures;
}

}  // namespace pressroom
