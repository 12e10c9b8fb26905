// The studies' methods in both engines on a real model, against figures of an independent
// implementation (tests/goldens/README.md).
#include "config/config.h"
#include "stories_model.h"
#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Json golden_file(const std::string& name) {
  return Json::parse(read_file(test_dir() / "goldens" / name));
}

// A number of the golden file as a value of the parameter's type.
ParameterValue value_of(const ParameterSpec& spec, const Json& value) {
  switch (spec.type) {
    case ParameterType::kTokensOrFraction:
      return TokensOrFraction{value.get<double>()};
    case ParameterType::kNumber:
      return value.get<double>();
    case ParameterType::kIntegerList:
      return value.get<std::vector<std::int64_t>>();
    default:
      return value.get<std::int64_t>();
  }
}

std::unique_ptr<Method> studied_method(const std::string& name, const Json& parameters,
                                       const Model& model) {
  std::map<std::string, ParameterValue> given;
  for (const ParameterSpec& spec : plugin_method(name)->describe().parameters) {
    if (parameters.contains(spec.name)) given[spec.name] = value_of(spec, parameters.at(spec.name));
  }
  EXPECT_EQ(given.size(), parameters.size()) << "a parameter is not declared";
  std::unique_ptr<Method> method = plugin_method(name, given);
  method->bind({model.facts(), stories_model_folder().string(), nullptr});
  return method;
}

// Where keys tie exactly the reference's choice is rounding noise; those figures have another
// source.
std::string file_of(const std::string& method) {
  const bool ties = method == "cab_v3" || method == "cab_v4";
  return ties ? "stories_curvature.json" : "stories_studies.json";
}

class StudiesGolden : public testing::TestWithParam<const char*> {};

TEST_P(StudiesGolden, AgreesOnEveryTargetAndKeptPositionInBothEngines) {
  REQUIRE_THE_STORIES_MODEL();
  const std::string name = GetParam();
  const Json studies = golden_file("stories_studies.json");
  const Json golden = golden_file(file_of(name));
  const auto model = Model::load(model_in(stories_model_folder()));
  const auto method = studied_method(name, studies.at("parameters").at(name), *model);
  const RunSettings settings =
      settings_of(*method, studies.at("budget_tokens").get<std::int64_t>(), Positions::kOriginal);
  ASSERT_EQ(golden.at("documents").size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const Json& document = golden.at("documents")[i];
    ASSERT_EQ(document.at("ids"), studies.at("documents")[i].at("ids"));
    const Json& figures = document.at("runs").at(name);
    const TokenDocument tokens = {"document", document.at("ids").get<std::vector<std::int64_t>>()};
    for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
      SCOPED_TRACE(std::string(to_string(engine)) + ", document " + std::to_string(i));
      const DocumentRun run =
          run_documents(engine, *model, *method, settings, {tokens}, RunControl()).front();
      const double difference =
          largest_difference(run.nll_nats, figures.at("nll_nats").get<std::vector<double>>());
      RecordProperty("largest_difference", std::to_string(difference));
      EXPECT_LE(difference, 2e-4);
      EXPECT_EQ(Json(run.kept), figures.at("kept_positions"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, StudiesGolden,
                         testing::Values("h2o", "h2o_20_80", "lazy_h2o", "cab", "cab_v3", "cab_v4",
                                         "local_strided", "sepllm"),
                         [](const auto& name) { return std::string(name.param); });

}  // namespace
}  // namespace pressroom
