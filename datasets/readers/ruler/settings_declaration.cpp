#include "settings.h"

namespace pressroom::ruler {

Declaration<Settings> Settings::declare() {
  const std::string by_task = "0: as the task says";
  const auto kinds = [](ParameterSpec spec) {
    return spec.one_of({"recipe", "numbers", "words", "uuids"});
  };
  return Declaration<Settings>("")
      .parameter(
          &Settings::task,
          string("task", "niah_single_1", "a task of RULER by its name there").one_of(task_names()))
      .parameter(
          &Settings::length,
          integer("length", 0, "tokens of a document and of its answer; 0: the protocol's context")
              .at_least(0))
      .parameter(&Settings::documents,
                 integer("documents", 64, "how many there are to draw from").at_least(1))
      .parameter(&Settings::seed, integer("seed", 42, "other seed, other documents").at_least(0))
      .parameter(&Settings::questions,
                 integer("questions", 1, "niah, vt: of one context, each about other needles")
                     .at_least(1)
                     .at_most(64))
      .parameter(
          &Settings::haystack,
          optional_path("haystack", "a text file in UTF-8: the prose of type_haystack essay"))
      .parameter(&Settings::words,
                 optional_path("words", "a list, a word a line; none: /usr/share/dict/words"))
      .parameter(&Settings::type_haystack,
                 string("type_haystack", "recipe", "niah, vt: what needles are hidden in")
                     .one_of({"recipe", "noise", "needle", "essay"}))
      .parameter(&Settings::type_needle_k, kinds(string("type_needle_k", "recipe", "niah: keys")))
      .parameter(&Settings::type_needle_v, kinds(string("type_needle_v", "recipe", "niah: values")))
      .parameter(&Settings::num_needle_k,
                 integer("num_needle_k", 0, "niah: keys; " + by_task).at_least(0).at_most(1000))
      .parameter(
          &Settings::num_needle_v,
          integer("num_needle_v", 0, "niah: values of a key; " + by_task).at_least(0).at_most(100))
      .parameter(&Settings::num_needle_q,
                 integer("num_needle_q", 0, "niah: keys that a question asks for; " + by_task)
                     .at_least(0)
                     .at_most(100))
      .parameter(
          &Settings::num_chains,
          integer("num_chains", 0, "vt: 0: one, or one for each question").at_least(0).at_most(64))
      .parameter(&Settings::num_hops,
                 integer("num_hops", 0, "vt: of a chain; 0: 4").at_least(0).at_most(100))
      .parameter(&Settings::num_cw,
                 integer("num_cw", 0, "cwe: common words; 0: 10").at_least(0).at_most(19))
      .parameter(&Settings::freq_cw,
                 integer("freq_cw", 0, "cwe: times each; 0: 30, below 4096 tokens 6")
                     .at_least(0)
                     .at_most(10000))
      .parameter(&Settings::freq_ucw,
                 integer("freq_ucw", 0, "cwe: times each other word; 0: 3, below 4096 tokens 1")
                     .at_least(0)
                     .at_most(10000))
      .parameter(
          &Settings::num_fewshot,
          integer("num_fewshot", 1, "cwe, vt: examples before the task").at_least(0).at_most(1))
      .parameter(&Settings::alpha,
                 number("alpha", 0, "fwe: exponent of the zeta law, 1.1 to 4; 0: 2")
                     .at_least(0)
                     .at_most(4))
      .parameter(&Settings::coded_wordlen,
                 integer("coded_wordlen", 0, "fwe: letters of a coded word, at least 4; 0: 6")
                     .at_least(0)
                     .at_most(20))
      .parameter(&Settings::vocab_size,
                 integer("vocab_size", 0, "fwe: coded words, at least 4; 0: length / 50")
                     .at_least(0)
                     .at_most(100000))
      .parameter(
          &Settings::tokens_to_generate,
          integer("tokens_to_generate", 0, "kept free for an answer; " + by_task).at_least(0));
}

}  // namespace pressroom::ruler
