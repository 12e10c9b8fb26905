#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "stats/distribution_free.h"
#include "stats/significance.h"
#include "stats/t_tests.h"
#include "test_folders.h"

namespace pressroom::statistics_golden_test {
namespace {

using nlohmann::json;

json goldens() {
  std::ifstream file(test_dir() / "goldens/statistics.json");
  return json::parse(file);
}

// Compares figures with those of one case, and keeps count of which were compared.
class Case {
 public:
  Case(const std::string& name, const json& figures) : name_(name), figures_(figures) {}

  void expect(const std::string& figure, double actual) {
    const double expected = figures_.at(json::json_pointer(figure)).get<double>();
    // What is zero but for rounding - a mean of 5e-17 - has no digits to agree in.
    const double tolerance = std::abs(expected) < 1e-12 ? 1e-12 : 1e-9 * std::abs(expected);
    EXPECT_NEAR(actual, expected, tolerance) << name_ << figure;
    compared_.insert(figure);
  }

  bool has(const std::string& figure) const { return figures_.contains(figure); }

  // Every number of the case but its data.
  std::set<std::string> all() const {
    std::set<std::string> paths;
    const json flat = figures_.flatten();
    for (const auto& [path, value] : flat.items()) {
      const bool is_data = path.rfind("/a/", 0) == 0 || path.rfind("/b/", 0) == 0;
      if (value.is_number() && !is_data) paths.insert(path);
    }
    return paths;
  }

  const std::set<std::string>& compared() const { return compared_; }

 private:
  std::string name_;
  const json& figures_;
  std::set<std::string> compared_;
};

void expect_wilcoxon(Case& golden, const std::string& figures, const Wilcoxon& test,
                     WilcoxonMethod method) {
  EXPECT_EQ(test.method, method);
  golden.expect(figures + "/statistic_min_rank_sum", test.statistic);
  golden.expect(figures + "/p_two_sided", test.p.value());
}

TEST(StatisticsGolden, AgreesWithSciPyInEveryFigure) {
  const json file = goldens();
  ASSERT_EQ(file.at("cases").size(), 6u);
  for (const auto& [name, figures] : file.at("cases").items()) {
    SCOPED_TRACE(name);
    Case golden(name, figures);
    const auto a = figures.at("a").get<std::vector<double>>();
    const auto b = figures.at("b").get<std::vector<double>>();
    std::vector<double> differences;
    for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(b[i] - a[i]);

    const PairedTest paired = paired_test(differences);
    golden.expect("/paired_t/t", paired.t.value());
    golden.expect("/paired_t/df", paired.df);
    golden.expect("/paired_t/p_two_sided", paired.p.value());
    golden.expect("/paired_t/ci95/0", paired.ci95.value().low);
    golden.expect("/paired_t/ci95/1", paired.ci95.value().high);
    golden.expect("/paired_t/mean_diff", paired.mean);
    golden.expect("/paired_t/sd_diff", paired.sd);

    const Welch unpaired = welch(b, a);
    golden.expect("/welch_t/t", unpaired.t.value());
    golden.expect("/welch_t/df", unpaired.df.value());
    golden.expect("/welch_t/p_two_sided", unpaired.p.value());

    const EffectSize effect = effect_size(paired);
    golden.expect("/cohen_dz", effect.cohen_dz.value());
    golden.expect("/hedges_gz", effect.hedges_gz.value());

    if (golden.has("wilcoxon_exact")) {
      expect_wilcoxon(golden, "/wilcoxon_exact", wilcoxon(differences, WilcoxonChoice::kExact),
                      WilcoxonMethod::kExact);
    }
    expect_wilcoxon(golden, "/wilcoxon_normal_no_correction_zeros_dropped",
                    wilcoxon(differences, WilcoxonChoice::kNormal), WilcoxonMethod::kNormal);

    const double bound = figures.at("tost").at("margin").get<double>();
    const Equivalence same = equivalence(paired, bound);
    golden.expect("/tost/margin", same.bound_nats);
    golden.expect("/tost/t_lower", same.t_lower.value());
    golden.expect("/tost/t_upper", same.t_upper.value());
    golden.expect("/tost/p", same.p.value());

    EXPECT_EQ(golden.compared(), golden.all());
  }
}

TEST(StatisticsGolden, AgreesInHolmsAdjustment) {
  const json figures = goldens().at("holm");
  std::vector<std::optional<double>> p;
  for (const json& value : figures.at("p")) p.emplace_back(value.get<double>());
  const auto adjusted = holm(p);
  ASSERT_EQ(adjusted.size(), figures.at("adjusted").size());
  for (std::size_t i = 0; i < p.size(); ++i) {
    EXPECT_NEAR(*adjusted[i] / figures.at("adjusted").at(i).get<double>(), 1, 1e-9) << i;
  }
}

}  // namespace
}  // namespace pressroom::statistics_golden_test
