// Measurements as tables for people.
#pragma once

#include <ostream>

#include "bench/document_bench.h"
#include "bench/kernel_bench.h"

namespace pressroom {

void print_report(std::ostream& out, const BenchReport& report);
void print_report(std::ostream& out, const KernelReport& report);

}  // namespace pressroom
