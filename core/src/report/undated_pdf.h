// A PDF without the time it was made at, so that the same figure is the same bytes.
//
//   write(folder / "ppl.pdf", undated_pdf(bytes));
//
// cairo stamps what it writes and takes no date from outside. Up to 1.16 the stamp is plain text;
// from 1.18 on it lies in a compressed stream of objects (ISO 32000-1, 7.5.7), whose length depends
// on it, and everything behind that stream moves with it.
#pragma once

#include <string>

namespace pressroom {

// `pdf` made on 1 January 1970. What is no PDF as cairo writes them is given back as it is.
std::string undated_pdf(std::string pdf);

}  // namespace pressroom
