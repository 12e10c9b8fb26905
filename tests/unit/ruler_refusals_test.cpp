// What the reader ruler refuses, and in which words.
#include <gtest/gtest.h>

#include "ruler_test_support.h"

namespace pressroom::ruler_test {
namespace {

struct Refusal {
  Given given;
  std::string what, got;
};

// The one problem of making the documents of `given` at 400 tokens.
Problem refusal_of(const Given& given, const ReadingContext& context = {400, quarters}) {
  try {
    documents_of(given, context);
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().size(), 1U);
    return error.problems().front();
  }
  ADD_FAILURE() << "no Error was thrown";
  return {};
}

Given only(const std::string& task, const std::string& parameter, ParameterValue value) {
  return {{"task", task}, {parameter, std::move(value)}};
}

TEST(RulerReader, RefusesWhatCannotBeMade) {
  const ScratchFolder folder;
  const auto file = [&](const std::string& name, const std::string& text) {
    write_file(folder.path() / name, text);
    return (folder.path() / name).string();
  };
  const std::int64_t one = 1;
  Given lines_in_prose = task_with("niah_multikey_1", {{"num_needle_k", std::int64_t{41}}});
  Given no_prose = task_with("niah_single_2");
  no_prose.erase("haystack");
  const std::vector<Refusal> refusals = {
      {no_prose, "task niah_single_2 hides needles in prose", "no \"haystack\""},
      {lines_in_prose, "more is hidden than prose has depths for", "41"},
      {only("vt", "type_haystack", std::string("needle")),
       "there is no haystack of needles for chains", "needle"},
      {only("fwe", "num_hops", one), "\"num_hops\" does not go with task fwe", "1"},
      {only("vt", "num_needle_k", one), "\"num_needle_k\" does not go with task vt", "1"},
      {only("vt", "alpha", 2.0), "\"alpha\" does not go with task vt", "2.000000"},
      {only("fwe", "questions", std::int64_t{2}), "\"questions\" does not go with task fwe", "2"},
      {only("cwe", "type_needle_v", std::string("uuids")),
       "\"type_needle_v\" does not go with task cwe", "uuids"},
      {only("vt", "haystack", prose_file()), "\"haystack\" does not go with task vt", prose_file()},
      {only("fwe", "words", words_file()), "\"words\" does not go with task fwe", words_file()},
      {only("fwe", "alpha", 1.0), "\"alpha\" is out of range", "1.000000"},
      {only("fwe", "coded_wordlen", one), "\"coded_wordlen\" is out of range", "1"},
      {only("fwe", "vocab_size", one), "\"vocab_size\" is out of range", "1"},
      {only("vt", "length", std::int64_t{401}), "documents are longer than the context", "401"},
      {task_with("niah_single_1", {{"words", std::string("/no/such/words")}}),
       "there is no such file or folder", "nothing of that name"},
      {task_with("niah_single_1", {{"words", file("few", "able\nbaker\n")}}),
       "the list has too few words", "2"},
      {task_with("niah_single_2", {{"haystack", file("blank.txt", " \n ")}}),
       "the haystack cannot be used", "no words"},
      {task_with("niah_single_2", {{"haystack", file("own.txt", "A special magic number is 4.")}}),
       "the haystack has needles of its own", "special magic number is 4."},
      {task_with("niah_single_2", {{"haystack", file("short.txt", "Too short. To hide in.")}}),
       "the haystack is shorter than a document", "5 units"},
      {task_with("cwe", {{"num_fewshot", std::int64_t{0}}, {"freq_cw", std::int64_t{90}}}),
       "the task does not fit into its length", "400 tokens"},
      {task_with("niah_single_1", {{"num_needle_k", std::int64_t{100}}}),
       "the task does not fit into its length", "400 tokens"},
      {task_with("niah_multivalue", {{"tokens_to_generate", std::int64_t{330}}}),
       "the task does not fit into its length", "400 tokens"},
  };
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.what + ": " + refusal.got);
    const Problem problem = refusal_of(refusal.given);
    EXPECT_EQ(problem.what, refusal.what);
    EXPECT_EQ(problem.got, refusal.got);
    EXPECT_FALSE(problem.fix.empty());
  }
  const Problem no_list =
      refusal_of(task_with("niah_single_1", {{"words", std::string("/no/such/words")}}));
  EXPECT_NE(no_list.fix.find("apt-get install wamerican"), std::string::npos) << no_list.fix;
}

// Token ids of a text in which all of `merged` are one token, as a tokenizer has them that knows
// some characters only.
std::function<std::vector<std::int64_t>(const std::string&)> blind_to(const std::string& merged) {
  return [merged](const std::string& text) {
    std::vector<std::int64_t> ids;
    for (const char c : text) ids.push_back(merged.find(c) == std::string::npos ? c : 0);
    return ids;
  };
}

TEST(RulerReader, RefusesATokenizerThatCannotTellAnswersApart) {
  struct Blind {
    std::string task, merged;
    bool is_refused;
  };
  for (const Blind& blind : std::vector<Blind>{{"niah_single_1", "0123456789", true},
                                               {"niah_single_1", "38", true},
                                               {"niah_single_1", "abcdef", false},
                                               {"niah_multikey_3", "ef", true},
                                               {"vt", "YZ", true},
                                               {"vt", "yz", false},
                                               {"cwe", "qx", true},
                                               {"fwe", "ab", true},
                                               {"fwe", "01", false}}) {
    SCOPED_TRACE(blind.task + " " + blind.merged);
    const Given given = task_with(blind.task, {{"documents", std::int64_t{1}}});
    const ReadingContext context = {kLength, quarters, blind_to(blind.merged)};
    if (!blind.is_refused) {
      EXPECT_EQ(documents_of(given, context).size(), 1U);
      continue;
    }
    const Problem problem = refusal_of(given, context);
    EXPECT_EQ(problem.what, "answers cannot be told apart in the model's tokenizer");
    const std::string a(7, blind.merged[0]), b(7, blind.merged[1]);
    EXPECT_EQ(problem.got, '"' + a + "\" and \"" + b + "\" are the same tokens");
  }
}

}  // namespace
}  // namespace pressroom::ruler_test
