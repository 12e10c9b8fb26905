// A PDF without the time it was made at, so that the same figure is the same bytes.
//
//   write(folder / "ppl.pdf", undated_pdf(bytes));
//
// cairo, with which gnuplot writes its PDFs, stamps them and takes no date from outside; from its
// version 1.18 on the stamp lies in a compressed stream of objects, on whose length all that is
// behind it depends.
#pragma once

#include <string>

namespace pressroom {

// `pdf` written again without its dates, with an identifier that depends on its content alone. Of
// what libqpdf cannot read as a PDF, `pdf` as it is: who draws it checks that it is whole.
std::string undated_pdf(const std::string& pdf);

}  // namespace pressroom
