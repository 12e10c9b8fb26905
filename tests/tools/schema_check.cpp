#include "schema_check.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace pressroom {

std::vector<std::string> schema_errors(const std::filesystem::path& schema,
                                       const std::string& text) {
  using Adapter = valijson::adapters::NlohmannJsonAdapter;
  std::ifstream file(schema);
  if (!file) throw std::runtime_error("there is no schema " + schema.string());
  const nlohmann::json rules = nlohmann::json::parse(file);
  valijson::Schema parsed;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(rules), parsed);

  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return {"not JSON"};
  valijson::ValidationResults results;
  std::vector<std::string> errors;
  if (valijson::Validator().validate(parsed, Adapter(json), &results)) return errors;
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    std::string place;
    for (const std::string& part : error.context) place += part;
    errors.push_back(place + ": " + error.description);
  }
  return errors;
}

}  // namespace pressroom
