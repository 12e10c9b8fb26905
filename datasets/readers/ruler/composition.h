// A document of RULER as it is written, and how much haystack it gets.
//
//   Composition made;
//   made.instruct("A special magic number is hidden within the following text. ...\n");
//   made.append("The grass is green. ...\n");
//   made.append("One of the special magic numbers for tall-tree is: 4151902.", "evidence", 0);
//   made.ask("What is the special magic number for tall-tree ...", {"tall-tree", "4151902", {}});
//   made.text.substr(made.answers[0].begin);  // " 4151902"
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pressroom/dataset.h"

namespace pressroom::ruler {

// What a question is answered with: the text that stands in the document behind a blank, and what a
// rule looks for in an answer.
struct Reply {
  std::string id;
  std::string text;
  std::vector<std::string> references;
};

struct Composition {
  std::string text;
  std::vector<Answer> answers;
  std::vector<Span> spans;
  std::size_t context_begin = 0;     // bytes, behind the instruction
  std::size_t context_end = 0;       // before the first question
  std::string made_of;               // for provenance: "31 units of haystack, ..."
  std::vector<std::int64_t> depths;  // of what was put into the haystack, percent

  void append(const std::string& more) { text += more; }
  // Names the stretch `name`, as evidence of the answer of that index.
  void append(const std::string& more, const std::string& name, std::int64_t answer = -1);
  // What the model is told first, with all between it and the context.
  void instruct(const std::string& instruction);
  // A line with the question and the beginning of its answer, then the answer. The end of the line
  // before belongs to the context, or to no question.
  void ask(const std::string& question, const Reply& reply);
};

// A document all of which is drawn but the size of its haystack. A unit of haystack is a word of
// prose, a line of noise, a distracting needle, a word of a list: what the recipe counts.
class Sample {
 public:
  virtual ~Sample() = default;
  // The smallest haystack that can hold what is asked for.
  virtual std::int64_t least_units() const = 0;
  // As many as there are; kUnlimited where units are made.
  virtual std::int64_t most_units() const { return kUnlimited; }
  // What runs out, and where that is read from: "words", a file.
  virtual std::string units_of() const { return ""; }
  // `units` is from least_units() to most_units(). What else was drawn does not depend on it.
  virtual Composition composed(std::int64_t units) = 0;

  static constexpr std::int64_t kUnlimited = std::int64_t{1} << 40;
};

using CountTokens = std::function<std::int64_t(const std::string& text)>;

// The composition with the most units whose tokens, as `count` says, are no more than `length`:
// both of the whole text and of all before its last answer with `reserve` tokens behind it, which
// are kept free for the answer to be generated. Throws Error when not even the least haystack fits,
// and when the haystack ends before the document is full.
Composition fitted(Sample& sample, std::int64_t length, std::int64_t reserve,
                   const CountTokens& count);

}  // namespace pressroom::ruler
