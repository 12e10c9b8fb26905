// The text side of a model, for methods that look at tokens: separators, prompts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pressroom/model_facts.h"

namespace pressroom {

// A model's tokens as text.
class Vocabulary {
 public:
  virtual ~Vocabulary();

  virtual std::int64_t size() const = 0;
  // The bytes of token `id`, a blank before a word included; "" for special tokens.
  virtual std::string token_text(std::int64_t id) const = 0;
  // The ids of `text` in the middle of a document: no special tokens are added.
  virtual std::vector<std::int64_t> encode(const std::string& text) const = 0;
};

// What a method may ask about the model it is to run in (Method::bind). Borrowed for the call.
struct ModelContext {
  const ModelFacts& model;
  std::string directory;         // the folder the weights lie in
  const Vocabulary* vocabulary;  // null where the model came without a tokenizer
};

}  // namespace pressroom
