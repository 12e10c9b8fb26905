// From the measurements of a cell to the values of its metrics, which are held to what their
// contract (pressroom/metric.h) says.
//
//   result.metrics = collect_metrics(asked, measured, cell);
#pragma once

#include <vector>

#include "campaign/asked_measurements.h"
#include "pressroom/metric.h"

namespace pressroom {

// The values of all metrics, in their order. `measured` has what AskedMeasurements::measured gave
// of each window, with the comparison with dense where that is needed.
//
// Throws Error, in parts, with the name of the metric, for a collector that throws or is missing,
// and for a value without a name that a column can have, whose name another value has, that is not
// a number, or that tells of another number of documents or answers than were observed.
std::vector<MetricValue> collect_metrics(const AskedMeasurements& asked,
                                         const std::vector<DocumentMeasurements>& measured,
                                         const CellMeasurements& cell);

}  // namespace pressroom
