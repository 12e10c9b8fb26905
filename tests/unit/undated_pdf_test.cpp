// PDF files of one figure, drawn by gnuplot 6.0.2 and cairo 1.18.4 (Debian 13) two seconds apart.
#include <gtest/gtest.h>

#include <string>

#include "base/whole_file.h"
#include "report/figures/run_gnuplot.h"
#include "test_folders.h"

namespace pressroom::undated_pdf_test {
namespace {

std::string golden(const std::string& name) { return text_of_file(test_dir() / "goldens" / name); }

TEST(UndatedPdf, OneFigureDrawnTwiceIsTheSameBytes) {
  const std::string first = golden("cairo_1_18_first.pdf");
  const std::string second = golden("cairo_1_18_second.pdf");
  ASSERT_NE(first, second);
  ASSERT_NE(first.size(), second.size());  // the time makes a compressed stream longer or shorter
  const std::string undated = undated_pdf(first);
  EXPECT_EQ(undated, undated_pdf(second));
  EXPECT_EQ(undated.substr(0, 5), "%PDF-");
  EXPECT_EQ(undated_pdf(undated), undated);
}

TEST(UndatedPdf, LeavesWhatIsNoWholePdf) {
  EXPECT_EQ(undated_pdf(""), "");
  EXPECT_EQ(undated_pdf("<svg/>"), "<svg/>");
  const std::string pdf = golden("cairo_1_18_first.pdf");
  const std::string cut = pdf.substr(0, pdf.size() / 2);
  EXPECT_EQ(undated_pdf(cut), cut);
}

}  // namespace
}  // namespace pressroom::undated_pdf_test
