// A campaign in three sentences, made from its numbers.
//
//   "4 methods and dense were run on books, context 1024, at sparsity 0.5 and 0.9: 18 of 18 cells,
//    24 documents for each comparison."
//   "At sparsity 0.9, h2o keeps quality best, with 10.0 % of the entries kept: ..."
//   "There h2o's KV cache peaks at 2.80 MB, 90 % below dense, ..."
//
// Nothing is claimed that no test carries. A method is called best where it lost significantly less
// than every other method of its sparsity (paired t, Holm over the family), all cells are there and
// all methods kept equally much within 5 %; else the sentence says that nothing is resolved, and
// why. Speeds are timings, and are said to be no test.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/figures/figure_rows.h"
#include "stats/comparison.h"

namespace pressroom {

// Numbers as the sentences of the summary say them.
//
//   loss_text(comparison, "dense")
//       -> "perplexity +9.2 % (95 % interval +7.1 to +11.3 %, p = 0.0021 after Holm) against dense"

// "1 cell", "2 cells".
std::string counted(std::size_t count, const std::string& singular);

// 0.0512 is "5.12 %".
std::string percent(double fraction);

// The change of perplexity, or of exact match where answers are judged by, with interval and
// adjusted p, to two digits of the interval's half width; where there is no test the reason
// instead.
std::string loss_text(const Comparison& comparison, const std::string& baseline);

// "90.1 % below dense", "4.20 % above dense", "as dense". `reference` is above zero.
std::string relative(double value, double reference, const std::string& baseline);

// "a", "a and b", "a, b and c"; of more than `most` the first and "and 5 more".
std::string listed(const std::vector<std::string>& words, std::size_t most = 6);

// Cells of a campaign by what became of them.
struct CellCounts {
  std::size_t planned = 0;
  std::size_t run = 0;
  std::size_t failed = 0;
  std::size_t waiting = 0;  // kNotRun
};
CellCounts count_cells(const std::vector<CellResult>& results);

// The three sentences: what was run, who keeps quality, what it costs.
std::vector<std::string> summary_sentences(const std::vector<CellResult>& results,
                                           const std::vector<FigureRow>& rows,
                                           const ComparisonReport& report);

}  // namespace pressroom
