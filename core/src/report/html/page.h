// The report as one page that needs nothing beside itself: style, script, figures and data are in
// it, it opens from file:// and asks no network for anything.
//
//   write_file_atomically("report.html", report_page(content, traces));
#pragma once

#include <string>

#include "report/html/sections.h"
#include "report/html/trace_view.h"

namespace pressroom {

// The same content gives the same bytes. A content security policy keeps everything from running
// but the page's own scripts, whatever labels hold.
std::string report_page(const ReportContent& content, const TraceView& traces);

}  // namespace pressroom
