// What the tests of dataset readers share: the real plugins by name, all their documents, and
// compressed files as the usual tools write them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hex.h"
#include "plugin/host.h"
#include "plugin_test_support.h"
#include "pressroom/dataset.h"
#include "test_folders.h"
#include "text_search.h"

namespace pressroom {

using Given = std::map<std::string, ParameterValue>;

// The reader `name` of this build with its default parameters but for `given`, configured.
inline std::unique_ptr<DatasetReader> reader_of(const std::string& name, const Given& given) {
  static PluginHost host({plugin_dir()});
  std::map<std::string, ParameterValue> values;
  for (const ParameterSpec& spec : host.describe(PluginKind::kDataset, name).parameters) {
    values[spec.name] = spec.default_value;
  }
  for (const auto& [parameter, value] : given) values.at(parameter) = value;
  std::unique_ptr<DatasetReader> reader = host.make_dataset(name);
  reader->configure(Parameters(values));
  return reader;
}

inline std::vector<Document> rest_of(DatasetReader& reader) {
  std::vector<Document> documents;
  while (std::optional<Document> document = reader.next()) documents.push_back(*document);
  return documents;
}

inline std::vector<Document> documents_of(const std::string& name, const Given& given) {
  return rest_of(*reader_of(name, given));
}

inline std::vector<std::string> ids_of(const std::vector<Document>& documents) {
  std::vector<std::string> ids;
  for (const Document& document : documents) ids.push_back(document.id);
  return ids;
}

inline std::vector<std::string> texts_of(const std::vector<Document>& documents) {
  std::vector<std::string> texts;
  for (const Document& document : documents) texts.push_back(document.text);
  return texts;
}

// The one problem that reading a whole dataset ends in.
inline Problem problem_of(const std::string& name, const Given& given) {
  try {
    documents_of(name, given);
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().size(), 1U);
    return error.problems().front();
  }
  ADD_FAILURE() << "no Error was thrown";
  return {};
}

// "alpha\nbeta\n" by gzip -n -9, zstd, xz and bzip2.
inline std::map<std::string, std::string> compressed_alpha_beta() {
  return {
      {".gz", from_hex("1f8b08000000000002034bcc29c848e44a4a2d49e402006e50306e0b000000")},
      {".zst", from_hex("28b52ffd240b590000616c7068610a626574610a746c5207")},
      {".xz", from_hex("fd377a585a000004e6d6b4460200210116000000742fe5a301000a616c7068610a626574"
                       "610a0000cf86bded84720e0a0001230bc21bfd091fb6f37d010000000004595a")},
      {".bz2", from_hex("425a6839314159265359b5664df100000241800010324444002000310c081a0c9ea5a26a"
                        "640f177245385090b5664df1")},
  };
}

}  // namespace pressroom
