// The style sheet and the scripts of the report. They lie beside this file, report.css, report.js,
// answers.js and traces.js, and are made into these strings when the program is built.
#pragma once

namespace pressroom {

extern const char kReportCss[];
extern const char kReportJs[];
extern const char kAnswersJs[];  // these two need kReportJs before them
extern const char kTracesJs[];

}  // namespace pressroom
