// gnuplot as a child process, and what its PDFs need after it.
//
//   const std::string failure = run_gnuplot({"ppl.gp"}, folder, log, std::chrono::seconds(60));
//   if (!failure.empty()) warn(failure);   // "gnuplot is not installed: ..."
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace pressroom {

// What run_gnuplot returns where there is none.
inline constexpr const char* kGnuplotMissing =
    "gnuplot is not installed: figures are there as data only (apt-get install gnuplot-nox)";

// Runs the gnuplot of PATH with `arguments`, as they are and without a shell, in `folder`. It reads
// no settings of the user's, and is killed when it takes longer than `limit`. What it says goes to
// the file `log`. Returns "" when it went well, else why not and what to do: no exception. Several
// may run at a time, each with a log of its own.
std::string run_gnuplot(const std::vector<std::string>& arguments,
                        const std::filesystem::path& folder, const std::filesystem::path& log,
                        std::chrono::milliseconds limit);

// A PDF without the time it was made at, so that the same figure is the same bytes.
//
//   write(folder / "ppl.pdf", undated_pdf(bytes));
//
// cairo, with which gnuplot writes its PDFs, stamps them and takes no date from outside; from its
// version 1.18 on the stamp lies in a compressed stream of objects, on whose length all that is
// behind it depends.
//
// `pdf` written again without its dates, with an identifier that depends on its content alone. Of
// what libqpdf cannot read as a PDF, `pdf` as it is: who draws it checks that it is whole.
std::string undated_pdf(const std::string& pdf);

}  // namespace pressroom
