// The style sheet and the scripts of the report. They lie beside this file, report.css, report.js
// and traces.js, and are made into these strings when the program is built.
#pragma once

namespace pressroom {

extern const char kReportCss[];
extern const char kReportJs[];
extern const char kTracesJs[];  // needs kReportJs before it

}  // namespace pressroom
