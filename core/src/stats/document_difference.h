// One document under two methods: how far apart they are in what is tested.
//
//   const DocumentDifference d = document_difference(judge, {&a, &a.documents[0]}, {&b, ...}, nll);
//   if (d.is_there) sum += d.value;   // above zero where the second is worse
#pragma once

#include <cstdint>
#include <string>

#include "results/cell.h"
#include "stats/measure.h"

namespace pressroom {

// A document of a cell: one of its `documents`. Borrowed.
struct DocumentOfCell {
  const CellResult* cell = nullptr;
  const DocumentResult* document = nullptr;
};

struct DocumentDifference {
  bool is_there = false;     // false for a document that neither side has anything of
  long double value = 0;     // as it is tested: Measure
  std::int64_t weight = 1;   // where documents do not weigh alike: targets, answers; else 1
  double size = 0;           // of a metric: the larger of the two numbers, without its sign
  std::string first_lacks;   // "document a@0 has no ece"; "" where nothing is missing
  std::string second_lacks;  // the same of the other side
};

// `nll`: the difference of the mean nll, second minus first. Both sides ask for as many answers.
DocumentDifference document_difference(const Measure& measure, const DocumentOfCell& first,
                                       const DocumentOfCell& second, long double nll);

}  // namespace pressroom
