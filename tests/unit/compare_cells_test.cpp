#include <gtest/gtest.h>

#include "campaign/cell_checks.h"
#include "pressroom/error.h"

namespace pressroom::compare_cells_test {
namespace {

// A cell of a context of 100 tokens and two documents.
CellResult cell(const std::string& method, std::int64_t budget, const std::string& kept,
                double nll) {
  CellResult result;
  result.cell.method = method;
  result.cell.context_tokens = 100;
  result.cell.budget_tokens = budget;
  for (const char* id : {"a@0", "a@100"}) {
    DocumentResult document;
    document.id = id;
    document.targets = Targets::range(1, 99);
    document.sum_nll_nats = 99 * nll;
    document.kept_sha256 = kept;
    result.documents.push_back(document);
  }
  return result;
}

TEST(CompareCells, FindsCellsThatCannotBothBeRight) {
  struct Case {
    const char* label;
    CellResult result;
    CellResult other;
    std::string violated;  // "" where all is well
  };
  CellResult one_differs = cell("h2o", 50, "some", 2.0);
  one_differs.documents[1].sum_nll_nats += 1e-9;
  const auto held_in = [](const char* kv_dtype, CellResult result) {
    result.cell.kv_dtype = kv_dtype;
    return result;
  };
  const std::vector<Case> cases = {
      {"evicted, another nll", cell("h2o", 50, "some", 2.1), cell("dense", 100, "all", 2.0), ""},
      {"a difference in one document", one_differs, cell("dense", 100, "all", 2.0), ""},
      {"one kept set", cell("h2o", 50, "some", 2.0), cell("again", 50, "some", 2.0), ""},
      {"a full budget, rounding", cell("h2o", 100, "all", 2.00009), cell("dense", 100, "all", 2.0),
       ""},
      {"a full budget, another nll", cell("h2o", 100, "all", 2.00011),
       cell("dense", 100, "all", 2.0), "I1"},
      {"rounded keys and values", held_in("q8", cell("h2o", 100, "all", 2.1)),
       cell("dense", 100, "all", 2.0), ""},
      {"rounded alike, by another engine", held_in("q8", cell("h2o", 100, "all", 2.0049)),
       held_in("q8", cell("dense", 100, "all", 2.0)), ""},
      {"rounded alike, another nll", held_in("q8", cell("h2o", 100, "all", 2.0051)),
       held_in("q8", cell("dense", 100, "all", 2.0)), "I1"}};
  for (const Case& c : cases) {
    std::string what;
    try {
      check_against(c.result, {c.other});
    } catch (const Error& error) {
      what = error.problems().front().what;
    }
    if (c.violated.empty()) {
      EXPECT_EQ(what, "") << c.label;
    } else {
      EXPECT_EQ(what.rfind("invariant violated: " + c.violated + " ", 0), 0U) << c.label << what;
    }
  }
}

}  // namespace
}  // namespace pressroom::compare_cells_test
