// How far the attention kernels are from what the machine can do, both measured in the same run.
//
// Limits, each by one thread as the kernels are:
//
//   copy_memory    a copy loop over far more than the caches hold
//   copy_cache     the same within as many bytes as the slot kernel touches
//   product        a float32 matrix product of 1024 x 1024 by 1024 x 1024
//
// Kernels:
//
//   slot_kernel    column_scores, softmax, weighted_sums, add_rows: one query of a group over a
//                  full head, as replay does them for entries in slots
//   slot_document  SlotHead: a document token by token, cumulative attention, eviction after each
//   masked_dense   attend_lifetimes over a document, nothing leaves
//   masked_window  the same, every entry seen by the `budget` queries after its own
//
// A kernel takes at least the time in which its bytes are copied in cache, where the entries of one
// head are, and the time in which its operations are done by the product. The longer of the two
// over its own time is its fraction of the limit.
//
//   const KernelReport report = bench_kernels(KernelShape(), {});
//   report.fraction_of_limit(*report.find("slot_kernel"))->value;   // 0.7
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace pressroom {

struct KernelShape {
  std::int64_t head_dim = 64;  // d
  std::int64_t group = 3;      // g, query heads for each KV head
  std::int64_t budget_tokens = 256;
  std::int64_t tokens = 1024;  // N
  std::int64_t threads = 1;    // each calls everything by itself, on data of its own
};

struct KernelFigure {
  std::string name;
  // What one call must move at least, read and written: keys, values, queries and outputs once;
  // for slot_document once a token.
  double bytes = 0;
  // Multiplications and additions of one call, in the two products over entries that a query sees.
  // Exponentials, and what a block computes in vain, are not counted.
  double flops = 0;
  std::vector<double> calls_per_second;  // of all threads together, one for each repetition

  double median_calls_per_second() const;
  double gigabytes_per_second() const { return median_calls_per_second() * bytes / 1e9; }
  double gigaflops_per_second() const { return median_calls_per_second() * flops / 1e9; }
};

struct KernelReport {
  KernelShape shape;
  std::vector<KernelFigure> figures;  // limits first

  const KernelFigure* find(const std::string& name) const;  // nullptr: was not run

  struct Fraction {
    double value = 0;
    std::string limit;  // "copy_cache" or "product": the one that takes longer
  };
  // Nothing for the limits themselves, and where a limit was not run.
  std::optional<Fraction> fraction_of_limit(const KernelFigure& figure) const;
};

// One thing to be timed, its data and how much there is to do: no clock in it. `prepare` makes the
// data and returns the call; each thread has its own.
struct KernelCase {
  std::string name;
  double bytes = 0;  // as in KernelFigure
  double flops = 0;
  std::function<std::function<void()>(const KernelShape&)> prepare;
};

// All of them, in the order of the tables above.
std::vector<KernelCase> kernel_cases(const KernelShape& shape);

// How many entries the queries of a document of `tokens` tokens see together, where each sees its
// own and at most `others` before it.
double entries_seen(std::int64_t tokens, std::int64_t others);

// Runs all of it by Google Benchmark, five times each in random order. `flags` are that library's
// own, as "--benchmark_min_time=2", and come last. Throws Error for a flag it does not know and for
// a shape that cannot be.
KernelReport bench_kernels(const KernelShape& shape, const std::vector<std::string>& flags);

// The object that `pressroom bench kernels --json` prints; limit and fraction_of_limit are null for
// the limits.
nlohmann::ordered_json to_json(const KernelReport& report);

}  // namespace pressroom
