// PDF files of one figure, drawn by gnuplot 6.0.2 and cairo 1.18.4 (Debian 13) two seconds apart.
#include "report/undated_pdf.h"

#include <gtest/gtest.h>

#include <string>

#include "files/read_file.h"
#include "test_folders.h"
#include "trace/deflate.h"

namespace pressroom {
namespace {

std::string golden(const std::string& name) { return text_of_file(test_dir() / "goldens" / name); }

std::size_t number_behind(const std::string& text, const std::string& key, std::size_t from) {
  return std::stoul(text.substr(text.find(key, from) + key.size()));
}

// Of every object that the file's table names, whether it stands where the table says; and how many
// these are. The table's rows are of 1, 2 and 2 bytes, 14 rows.
std::size_t objects_in_place(const std::string& pdf) {
  const std::size_t table = number_behind(pdf, "startxref\n", 0);
  EXPECT_NE(pdf.substr(table, 40).find("/Type /XRef"), std::string::npos);
  const std::size_t length = number_behind(pdf, "/Length ", table);
  const std::size_t rows = number_behind(pdf, "/Size ", table);
  const std::size_t begin = pdf.find("stream\n", table) + 7;
  EXPECT_EQ(pdf.substr(begin + length, 10), "\nendstream");
  const auto entries = inflate(pdf.substr(begin, length), 5 * rows);
  if (!entries) return 0;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>((*entries)[i]));
  };
  std::size_t found = 0;
  for (std::size_t number = 0; number < rows; ++number) {
    if (byte(5 * number) != 1) continue;
    const std::string head = std::to_string(number) + " 0 obj\n";
    const std::size_t offset = 256 * byte(5 * number + 1) + byte(5 * number + 2);
    EXPECT_EQ(pdf.substr(offset, head.size()), head);
    ++found;
  }
  return found;
}

TEST(UndatedPdf, OneFigureDrawnTwiceIsTheSameBytesWhereTheTimeIsCompressed) {
  const std::string first = golden("cairo_1_18_first.pdf");
  const std::string second = golden("cairo_1_18_second.pdf");
  ASSERT_NE(first, second);
  ASSERT_NE(first.size(), second.size());  // the time makes the stream longer or shorter
  EXPECT_EQ(undated_pdf(first), undated_pdf(second));
}

TEST(UndatedPdf, WhatMovedIsFoundWhereTheTableSays) {
  for (const char* name : {"cairo_1_18_first.pdf", "cairo_1_18_second.pdf"}) {
    const std::string pdf = golden(name);
    const std::size_t objects = objects_in_place(pdf);
    EXPECT_GT(objects, 5U);
    EXPECT_EQ(objects_in_place(undated_pdf(pdf)), objects);
  }
}

TEST(UndatedPdf, ClearsAPlainTimeAndMovesNothing) {
  EXPECT_EQ(undated_pdf("%PDF-1.5\n<< /CreationDate (D:20261129214243+01'00) >>\nstartxref\n9\n"),
            "%PDF-1.5\n<< /CreationDate (D:19700101000000+01'00) >>\nstartxref\n9\n");
}

TEST(UndatedPdf, LeavesWhatItDoesNotUnderstand) {
  const std::string pdf = golden("cairo_1_18_first.pdf");
  EXPECT_EQ(undated_pdf("<svg/>"), "<svg/>");
  for (std::size_t length = 0; length < pdf.size(); ++length) {
    const std::string cut = pdf.substr(0, length);
    EXPECT_EQ(undated_pdf(cut), cut) << length;
  }
}

}  // namespace
}  // namespace pressroom
