// The files that a document takes words and prose from.
//
//   const WordList words("/usr/share/dict/words");
//   words.word(7);            // "abandons"
//   const Prose prose("persuasion.txt");
//   prose.sentences(500);     // of its first 500 words
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pressroom/dataset.h"

namespace pressroom::ruler {

// Of a list with one word a line: those of 3 to 10 letters, a to z alone, in alphabetical order,
// each once. Names, abbreviations and possessives are left out by that.
class WordList {
 public:
  static constexpr const char* kDefaultFile = "/usr/share/dict/words";

  // Throws Error for a list that is not there, cannot be read, or has fewer than 1,000 such words.
  explicit WordList(const std::string& file);

  std::size_t size() const { return words_.size(); }
  const std::string& word(std::size_t index) const { return words_[index]; }
  const SourceFile& source() const { return source_; }

 private:
  std::vector<std::string> words_;
  SourceFile source_;
};

// Prose to hide something in: a text in UTF-8, compressed or not, from its beginning.
class Prose {
 public:
  // Throws Error for a file that cannot be read, has no words, or says itself what is hidden.
  explicit Prose(const std::string& file);

  std::int64_t words() const { return words_; }
  // The sentences of the first `count` words; the last may be cut short. Without a blank before.
  std::vector<std::string> sentences(std::int64_t count) const;
  // "persuasion" of persuasion.txt.gz: what stands in the names of documents.
  const std::string& name() const { return name_; }
  const SourceFile& source() const { return source_; }

 private:
  std::vector<std::string> sentences_;
  std::int64_t words_ = 0;
  std::string name_;
  SourceFile source_;
};

}  // namespace pressroom::ruler
