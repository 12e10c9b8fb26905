// What the tests of the recall reader share: the real plugin, and ways to count tokens.
#pragma once

#include <algorithm>
#include <memory>

#include "readers_test_support.h"
#include "stream_test_support.h"
#include "test_folders.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

using Texts = std::vector<std::string>;

inline const std::string kLead = "The key of ";

inline std::unique_ptr<DatasetReader> reader_with(const Given& given) {
  static PluginHost host({plugin_dir()});
  std::map<std::string, ParameterValue> values;
  for (const ParameterSpec& spec : host.describe(PluginKind::kDataset, "recall").parameters) {
    values[spec.name] = spec.default_value;
  }
  for (const auto& [parameter, value] : given) values.at(parameter) = value;
  std::unique_ptr<DatasetReader> reader = host.make_dataset("recall");
  reader->configure(Parameters(values));
  return reader;
}

inline std::vector<Document> documents_of(const Given& given, const ReadingContext& context) {
  const std::unique_ptr<DatasetReader> reader = reader_with(given);
  reader->prepare(context);
  return rest_of(*reader);
}

inline std::int64_t bytes_in(const std::string& text) {
  return static_cast<std::int64_t>(text.size());
}

// As a tokenizer that begins every text with a token of its own and cuts at blanks.
inline std::int64_t words_in(const std::string& text) {
  return 2 + std::count(text.begin(), text.end(), ' ');
}

inline const Tokenizer& starter() {
  static const std::unique_ptr<Tokenizer> tokenizer =
      Tokenizer::load(test_dir().string() + "/../datasets/starter/tokenizer.json");
  return *tokenizer;
}

inline std::int64_t starter_tokens_in(const std::string& text) {
  return static_cast<std::int64_t>(starter().encode(text, Special::kNone).size());
}

inline Given needle_at(const Texts& depths, std::int64_t documents) {
  return {{"task", std::string("needle")}, {"depth", depths}, {"documents", documents}};
}

inline Given key_value(std::int64_t facts, std::int64_t questions, std::int64_t documents) {
  return {{"facts", facts}, {"questions", questions}, {"documents", documents}};
}

inline std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace pressroom
