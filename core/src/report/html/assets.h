// The style sheet and the script of the report. Both lie beside this file, report.css and
// report.js, and are made into these strings when the program is built.
#pragma once

namespace pressroom {

extern const char kReportCss[];
extern const char kReportJs[];

}  // namespace pressroom
