// The parameters of the reader: the tasks of the recipe by name, and what may be said otherwise.
//
//   struct Ruler : Declared<Ruler, DatasetReader> {
//     Settings settings;
//     static Declaration<Ruler> declare() {
//       return Declaration<Ruler>("...").part(&Ruler::settings);
//     }
//   };
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pressroom/declaration.h"

namespace pressroom::ruler {

enum class Kind { kNeedles, kVariables, kCommonWords, kFrequentWords };

// After `configure` every field has its value, but for the three that depend on the length.
struct Settings {
  std::string task;
  std::int64_t length = 0, documents = 0, seed = 0, questions = 0;
  std::int64_t tokens_to_generate = 0;
  std::string haystack, words;  // files
  std::string type_haystack;    // "noise", "needle" or "essay"
  // Needles.
  std::string type_needle_k, type_needle_v;  // "numbers", "words" or "uuids"
  std::int64_t num_needle_k = 0, num_needle_v = 0, num_needle_q = 0;
  // Variable tracking.
  std::int64_t num_chains = 0, num_hops = 0;
  // Common words.
  std::int64_t num_cw = 0;
  std::int64_t freq_cw = 0, freq_ucw = 0;  // 0: by the length
  std::int64_t num_fewshot = 0;            // of these and of variable tracking
  // Frequent words.
  double alpha = 0;
  std::int64_t coded_wordlen = 0;
  std::int64_t vocab_size = 0;  // 0: by the length

  static Declaration<Settings> declare();

  // Throws Error for parameters that the task has no use for, or that do not go together.
  void configure(const Parameters& parameters);

  Kind kind() const;
  bool needs_words() const;
  bool needs_prose() const { return type_haystack == "essay"; }
  // The characters that answers differ in.
  std::string alphabet() const;
};

// "niah_single_1", ...: in the order of the recipe.
std::vector<std::string> task_names();

// The recipe's own lengths begin here; for shorter documents it has smaller counts.
inline constexpr std::int64_t kShortDocument = 4096;

}  // namespace pressroom::ruler
