#include "golden/starter_model.h"

#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "pressroom/random.h"

namespace pressroom {

StarterModel find_starter_model(const std::string& name) {
  StarterModel starter;
  try {
    starter.files = find_model(name);
    starter.description = read_description(starter.files);
    starter.hashes = hash_model(starter.files);
  } catch (const Error& error) {
    const Problem& first = error.problems().front();
    throw Error({"the starter model, which golden answers are about, cannot be had", name,
                 "a whole model: config.json, tokenizer.json, weights",
                 first.what + (first.where.empty() ? "" : " (" + first.where + ')'),
                 "install Pressroom with its data, or train it: pressroom train starter"});
  }
  return starter;
}

std::unique_ptr<Model> load_starter_model(const StarterModel& starter) {
  LoadOptions options;
  options.threads = available_cores();
  return Model::load(starter.files, options);
}

TokenDocument golden_document(const ModelFacts& facts) {
  TokenDocument document;
  document.id = "golden";
  const RandomKey key = RandomKey(0).with("golden document");
  for (std::int64_t i = 0; i < kGoldenDocumentTokens; ++i) {
    const double place = key.with(i).uniform() * static_cast<double>(facts.vocabulary);
    document.ids.push_back(static_cast<std::int64_t>(place));
  }
  return document;
}

}  // namespace pressroom
