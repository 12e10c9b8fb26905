#include "golden/golden.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "golden/method_answers.h"
#include "golden/metric_answers.h"
#include "golden/reader_answers.h"
#include "golden/starter_model.h"
#include "plugin/plugin_reference.h"
#include "pressroom/error.h"

namespace pressroom {

nlohmann::ordered_json golden_answers(PluginKind kind, const PluginUse& use, PluginHost& host,
                                      const RunControl& control) {
  const StarterModel starter = find_starter_model();
  nlohmann::ordered_json golden = {{"schema", kGoldenSchema},
                                   {"kind", to_string(kind)},
                                   {"name", plain_name(use.name)},
                                   {"model",
                                    {{"config_sha256", starter.hashes.config},
                                     {"weights_sha256", starter.hashes.weights},
                                     {"tokenizer_sha256", starter.hashes.tokenizer}}}};
  switch (kind) {
    case PluginKind::kMethod:
      golden["answers"] = method_answers(use, starter, host, control);
      break;
    case PluginKind::kDataset: {
      ReaderAnswers read = reader_answers(use, starter, host, control);
      golden["documents"] = read.documents;
      golden["ended"] = read.ended;
      golden["answers"] = std::move(read.answers);
      break;
    }
    case PluginKind::kMetric:
      golden["answers"] = metric_answers(use, starter, host, control);
      break;
  }
  return golden;
}

std::string golden_text(const nlohmann::ordered_json& golden) {
  std::string text = "{\n";
  for (const auto& [key, value] : golden.items()) {
    if (key == "answers") continue;
    text += "  " + json_line(key) + ": " + json_line(value) + ",\n";
  }
  text += "  \"answers\": [";
  const char* between = "\n    ";
  for (const auto& answer : golden.at("answers")) {
    text += between + json_line(answer);
    between = ",\n    ";
  }
  text += "\n  ]\n}\n";
  if (text.size() <= kMostGoldenBytes) return text;
  throw Error({"the golden answers are too long to be recorded", golden.at("name").dump(),
               "at most " + std::to_string(kMostGoldenBytes) + " bytes",
               std::to_string(text.size()), "give fewer values, or shorter names"});
}

}  // namespace pressroom
