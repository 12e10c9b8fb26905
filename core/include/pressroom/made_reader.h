// The base of dataset readers that make their documents: a task drawn from a seed, as long as the
// context allows.
//
//   struct Sums final : MadeReader<Sums> {
//     std::int64_t questions = 0;
//
//     static Declaration<Sums> declare() {
//       return declare_made("made documents: sums, and questions about them")
//           .parameter(&Sums::questions, integer("questions", 5, "of a document").at_least(1));
//     }
//     Document make(std::int64_t index) const override {
//       const RandomKey key = document_key("sums", index);
//       return fitted(1, kNoLimit, "sums", [&](std::size_t sums) { return text(key, sums); });
//     }
//   };
//
// It declares `length`, `documents` and `seed`. A document is a function of the parameters, its
// number and the tokenizer: not of how many documents there are, nor of those before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "pressroom/declaration.h"
#include "pressroom/error.h"
#include "pressroom/random.h"
#include "pressroom/task_text.h"

namespace pressroom {

// Tokens that an answer may have beyond the expected one when it is generated. A document leaves
// them free at its end, so that its last answer has room, and one more for each question: cut into
// tokens by itself, a question can have one more than as a part of the text.
inline constexpr std::int64_t kSpareTokens = 8;

inline constexpr std::size_t kNoLimit = static_cast<std::size_t>(1) << 40;

// The part of a made reader that no parameter of its own has a say in.
class MadeReaderBase : public DatasetReader {
 public:
  std::int64_t length = 0;     // tokens of a document; 0: the protocol's context
  std::int64_t documents = 0;  // how many there are
  std::int64_t seed = 0;

  // Throws Error for a `length` beyond the context.
  void prepare(const ReadingContext& context) override;
  std::optional<Document> next() override;
  void rewind() override { next_ = 0; }

 protected:
  // Document `index`. Throws Error where the task does not fit.
  virtual Document make(std::int64_t index) const = 0;

  // What everything drawn for a document of the task begins with.
  RandomKey document_key(std::string_view task, std::int64_t index) const;

  // The document of as many records as fit into the length with the spare tokens behind it:
  // `with(count)` is the document of `count` of them, for counts of [least, most]. The limits of
  // its answers are set, to the tokens of each and kSpareTokens; its provenance says the length and
  // how many there are of `records`, their name in the plural - unless `with` has said it - and of
  // questions. Throws Error when even `least` do not fit, and when `most` leave room for more,
  // which they may where the count is given: least == most.
  Document fitted(std::size_t least, std::size_t most, const std::string& records,
                  const std::function<Document(std::size_t count)>& with) const;

 private:
  std::int64_t length_tokens_ = 0;
  std::function<std::int64_t(const std::string&)> count_tokens_;
  std::int64_t next_ = 0;
};

template <typename Self>
class MadeReader : public Declared<Self, MadeReaderBase> {
 protected:
  // `summary`: one line, what `pressroom list` prints.
  static Declaration<Self> declare_made(std::string summary) {
    return Declaration<Self>(std::move(summary))
        .parameter(
            &Self::length,
            integer("length", 0, "tokens of a document; 0: the protocol's context").at_least(0))
        .parameter(&Self::documents,
                   integer("documents", 64, "how many there are to draw from").at_least(1))
        .parameter(&Self::seed, integer("seed", 42, "other seed, other documents").at_least(0));
  }
};

}  // namespace pressroom
