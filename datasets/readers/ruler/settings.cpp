#include "settings.h"

#include <algorithm>
#include <vector>

#include "haystack.h"
#include "pressroom/error.h"

namespace pressroom::ruler {
namespace {

// What the recipe says of a task: haystack, kinds of keys and values, and how many of each.
struct Recipe {
  const char* task;
  Kind kind;
  const char* haystack;
  const char* keys;
  const char* values;
  std::int64_t k, v, q;
  std::int64_t tokens_to_generate;
};

const std::vector<Recipe>& recipes() {
  static const std::vector<Recipe> all = {
      {"niah_single_1", Kind::kNeedles, "noise", "words", "numbers", 1, 1, 1, 128},
      {"niah_single_2", Kind::kNeedles, "essay", "words", "numbers", 1, 1, 1, 128},
      {"niah_single_3", Kind::kNeedles, "essay", "words", "uuids", 1, 1, 1, 128},
      {"niah_multikey_1", Kind::kNeedles, "essay", "words", "numbers", 4, 1, 1, 128},
      {"niah_multikey_2", Kind::kNeedles, "needle", "words", "numbers", 1, 1, 1, 128},
      {"niah_multikey_3", Kind::kNeedles, "needle", "uuids", "uuids", 1, 1, 1, 128},
      {"niah_multivalue", Kind::kNeedles, "essay", "words", "numbers", 1, 4, 1, 128},
      {"niah_multiquery", Kind::kNeedles, "essay", "words", "numbers", 1, 1, 4, 128},
      {"vt", Kind::kVariables, "noise", "", "", 0, 0, 0, 30},
      {"cwe", Kind::kCommonWords, "", "", "", 0, 0, 0, 120},
      {"fwe", Kind::kFrequentWords, "", "", "", 0, 0, 0, 50}};
  return all;
}

const Recipe& recipe_of(const std::string& task) {
  return *std::find_if(recipes().begin(), recipes().end(),
                       [&](const Recipe& recipe) { return task == recipe.task; });
}

void use_default(std::int64_t& value, std::int64_t otherwise) {
  if (value == 0) value = otherwise;
}
void use_default(std::string& value, const char* otherwise) {
  if (value == "recipe") value = otherwise;
}

[[noreturn]] void refuse(const std::string& what, const std::string& expected,
                         const std::string& got, const std::string& fix) {
  throw Error({what, "dataset ruler", expected, got, fix});
}

// What was given, and the tasks that have a use for it.
struct Owned {
  const char* parameter;
  std::string value;  // "": not given
  bool fits;
};

std::string given(std::int64_t value) { return value == 0 ? "" : std::to_string(value); }
std::string given(const std::string& value) { return value == "recipe" ? "" : value; }

void refuse_strangers(const Settings& s) {
  const Kind kind = s.kind();
  const bool needles = kind == Kind::kNeedles;
  const bool variables = kind == Kind::kVariables;
  const bool common = kind == Kind::kCommonWords;
  const bool frequent = kind == Kind::kFrequentWords;
  for (const Owned& owned : std::vector<Owned>{
           {"type_haystack", given(s.type_haystack), needles || variables},
           {"type_needle_k", given(s.type_needle_k), needles},
           {"type_needle_v", given(s.type_needle_v), needles},
           {"num_needle_k", given(s.num_needle_k), needles},
           {"num_needle_v", given(s.num_needle_v), needles},
           {"num_needle_q", given(s.num_needle_q), needles},
           {"num_chains", given(s.num_chains), variables},
           {"num_hops", given(s.num_hops), variables},
           {"num_cw", given(s.num_cw), common},
           {"freq_cw", given(s.freq_cw), common},
           {"freq_ucw", given(s.freq_ucw), common},
           {"alpha", s.alpha == 0 ? "" : std::to_string(s.alpha), frequent},
           {"coded_wordlen", given(s.coded_wordlen), frequent},
           {"vocab_size", given(s.vocab_size), frequent},
           {"questions", s.questions == 1 ? "" : given(s.questions), needles || variables}}) {
    if (owned.fits || owned.value.empty()) continue;
    refuse('"' + std::string(owned.parameter) + "\" does not go with task " + s.task,
           "no \"" + std::string(owned.parameter) + '"', owned.value,
           "remove it, or take another task");
  }
}

}  // namespace

std::vector<std::string> task_names() {
  std::vector<std::string> names;
  for (const Recipe& recipe : recipes()) names.push_back(recipe.task);
  return names;
}

void Settings::configure(const Parameters& parameters) {
  static const Declaration<Settings> declared = declare();
  declared.configure(*this, parameters);
  refuse_strangers(*this);
  const Recipe& recipe = recipe_of(task);
  use_default(tokens_to_generate, recipe.tokens_to_generate);
  use_default(type_haystack, recipe.haystack);
  use_default(type_needle_k, recipe.keys);
  use_default(type_needle_v, recipe.values);
  use_default(num_needle_k, recipe.k);
  use_default(num_needle_v, recipe.v);
  use_default(num_needle_q, recipe.q);
  use_default(num_hops, 4);
  use_default(num_cw, 10);
  use_default(coded_wordlen, 6);
  if (alpha == 0) alpha = 2;
  num_needle_k = std::max(num_needle_k, num_needle_q * questions);
  num_chains = std::max(num_chains, questions);

  const std::int64_t hidden =
      kind() == Kind::kNeedles ? num_needle_k * num_needle_v : num_chains * (num_hops + 1);
  if (kind() == Kind::kVariables && type_haystack == "needle") {
    refuse("there is no haystack of needles for chains", "noise or essay", type_haystack,
           "change \"type_haystack\"");
  }
  if (needs_prose() && hidden > static_cast<std::int64_t>(kDepths)) {
    refuse("more is hidden than prose has depths for", "at most 40", std::to_string(hidden),
           "hide less, or in noise");
  }
  if (needs_prose() && haystack.empty()) {
    refuse("task " + task + " hides needles in prose", "a text file", "no \"haystack\"",
           "give one: haystack: my_book.txt; scripts/starter-text writes a novel");
  }
  if (!needs_prose() && !haystack.empty()) {
    refuse("\"haystack\" does not go with task " + task, "no \"haystack\"", haystack,
           "remove it, or set type_haystack: essay");
  }
  if (!needs_words() && !words.empty()) {
    refuse("\"words\" does not go with task " + task, "no \"words\"", words, "remove it");
  }
  if (alpha < 1.1)
    refuse("\"alpha\" is out of range", "1.1 to 4", std::to_string(alpha), "raise it");
  if (coded_wordlen < 4) {
    refuse("\"coded_wordlen\" is out of range", "at least 4", std::to_string(coded_wordlen),
           "raise it");
  }
  if (vocab_size != 0 && vocab_size < 4) {
    refuse("\"vocab_size\" is out of range", "at least 4", std::to_string(vocab_size), "raise it");
  }
}

Kind Settings::kind() const { return recipe_of(task).kind; }

bool Settings::needs_words() const {
  return kind() == Kind::kCommonWords || type_needle_k == "words" || type_needle_v == "words";
}

std::string Settings::alphabet() const {
  const std::string letters = "abcdefghijklmnopqrstuvwxyz";
  if (kind() == Kind::kVariables) return "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (kind() != Kind::kNeedles || type_needle_v == "words") return letters;
  return type_needle_v == "uuids" ? "0123456789abcdef" : "0123456789";
}

}  // namespace pressroom::ruler
