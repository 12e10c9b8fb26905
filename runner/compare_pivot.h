// The options of `pressroom compare` that shape a pivot, and the pivot as text.
//
//   check_pivot_options(values);     // before anything is read
//   print(pivot_text_of(pivot_table(view, pivot_options(values, view, campaigns)), "latex"));
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <vector>

#include "report/comparison/comparison_formats.h"
#include "report/pivot/pivot_formats.h"
#include "results/stored_campaign.h"

namespace pressroom {

// Throws Error for options that say nothing of other tables where no pivot is asked for, and for
// those that have no place in one where it is.
void check_pivot_options(const boost::program_options::variables_map& values);

// As `--pivot`, `--delta` and `--digits` say. Throws Error for a layout that cannot be.
PivotOptions pivot_options(const boost::program_options::variables_map& values,
                           const ComparisonView& view,
                           const std::vector<StoredCampaign>& campaigns);

// In one of the formats of `pressroom compare`.
std::string pivot_text_of(const PivotTable& table, const std::string& format);

}  // namespace pressroom
