// Sentences of an existing text as filler.
//
//   const TextFiller filler("persuasion.txt");
//   filler.sentence(key, 0);  // " She had been forced into prudence in her youth ..."
#pragma once

#include <string>
#include <vector>

#include "pressroom/dataset.h"
#include "pressroom/random.h"

namespace pressroom {

class TextFiller {
 public:
  // Reads all of `file`, which is UTF-8 and may be compressed, into its sentences (sentences.h).
  // Throws Error for a file that cannot be read or is not UTF-8, has no words, or states keys
  // itself.
  explicit TextFiller(const std::string& file);

  // Sentence `index` of the filler of a document, which begins anywhere in the text, by `key`; the
  // text is taken to begin again after its end.
  const std::string& sentence(RandomKey key, std::size_t index) const;

  std::size_t sentences() const { return sentences_.size(); }
  const SourceFile& source() const { return source_; }

 private:
  std::vector<std::string> sentences_;
  SourceFile source_;
};

}  // namespace pressroom
