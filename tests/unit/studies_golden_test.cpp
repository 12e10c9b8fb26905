// The studies' methods in both engines on a real model, against figures of an independent
// implementation (tests/goldens/README.md).
#include "config/config.h"
#include "golden_models.h"
#include "stream_test_support.h"

namespace pressroom::studies_golden_test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Json golden(const std::string& model, const std::string& figures) {
  return Json::parse(read_file(golden_file_of(model, figures)));
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
                                       const Model& model, const fs::path& model_folder) {
  std::map<std::string, ParameterValue> given;
  for (const ParameterSpec& spec : plugin_method(name)->describe().parameters) {
    if (parameters.contains(spec.name)) given[spec.name] = value_of(spec, parameters.at(spec.name));
  }
  EXPECT_EQ(given.size(), parameters.size()) << "a parameter is not declared";
  std::unique_ptr<Method> method = plugin_method(name, given);
  method->bind({model.facts(), model_folder.string(), nullptr});
  return method;
}

// Where keys tie exactly the choice of the stories figures is rounding noise; those of two methods
// have another source.
std::string figures_of(const std::string& model, const std::string& method) {
  const bool ties = method == "cab_v3" || method == "cab_v4";
  return model == "stories" && ties ? "curvature" : "studies";
}

class StudiesGolden : public testing::TestWithParam<std::tuple<std::string, const char*>> {};

TEST_P(StudiesGolden, AgreesOnEveryTargetAndKeptPositionInBothEngines) {
  const auto& [model_name, name] = GetParam();
  const Json studies = golden(model_name, "studies");
  const Json of_method = golden(model_name, figures_of(model_name, name));
  const fs::path folder = golden_model_folder(model_name);
  const auto model = Model::load(model_in(folder));
  const auto method = studied_method(name, studies.at("parameters").at(name), *model, folder);
  const RunSettings settings =
      settings_of(*method, studies.at("budget_tokens").get<std::int64_t>(), Positions::kOriginal);
  ASSERT_EQ(of_method.at("documents").size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const Json& document = of_method.at("documents")[i];
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

INSTANTIATE_TEST_SUITE_P(
    Methods, StudiesGolden,
    testing::Combine(testing::ValuesIn(golden_models()),
                     testing::Values("h2o", "h2o_20_80", "lazy_h2o", "cab", "cab_v3", "cab_v4",
                                     "local_strided", "sepllm")),
    [](const auto& run) { return std::get<0>(run.param) + "_" + std::get<1>(run.param); });

}  // namespace
}  // namespace pressroom::studies_golden_test
