// Answers as the model says them, beside what forcing them tells.
#include "campaign/generate_answers.h"

#include <gtest/gtest.h>

#include <limits>

#include "campaign/cell_measurements.h"
#include "campaign/sampling.h"
#include "config/config.h"
#include "pressroom/error.h"
#include "recall_test_support.h"
#include "stream_test_support.h"

namespace pressroom::generate_answers_test {
namespace {

class GenerateAnswers : public testing::Test {
 protected:
  static const Model& model() {
    static const std::unique_ptr<Model> model =
        Model::load(model_in(test_dir() / "../datasets/starter"));
    return *model;
  }

  // Recall of 8 facts in 300 tokens, 4 of them asked for.
  static std::vector<Window> windows(const Protocol& protocol) {
    const std::unique_ptr<DatasetReader> reader = reader_with(key_value(8, 4, 3));
    return sample_windows(*reader, starter(), 300, 3, 1, protocol);
  }

  static RunSettings settings(const Method& method, const Protocol& protocol, std::int64_t budget) {
    RunSettings settings = settings_of(method, budget, method.plan(budget).positions);
    settings.protocol = protocol;
    settings.threads = 2;
    return settings;
  }

  static AnswerRule rule(std::int64_t most_tokens = 6) {
    return {starter(), {}, {}, most_tokens, std::numeric_limits<std::int64_t>::max()};
  }

  static std::vector<std::vector<GeneratedAnswer>> said(const Protocol& protocol,
                                                        const AnswerRule& rule) {
    const auto method = plugin_method("dense");
    return generate_answers(model(), *method, settings(*method, protocol, 300), windows(protocol),
                            rule, RunControl());
  }
};

// The definition of a forced exact match: each token was the likeliest after the right ones. Greedy
// decoding says the same as long as it is right.
TEST_F(GenerateAnswers, AreRightWhereForcedOnesAre) {
  std::int64_t right = 0, wrong = 0;
  for (const char* text : {"questions", "{kind: questions, continuation: hold}",
                           "{kind: questions, query: inside}", "{kind: questions, asked: turns}"}) {
    const Protocol protocol = parse_protocol(text, "the test");
    const std::vector<Window> asked = windows(protocol);
    std::vector<TokenDocument> documents;
    for (const Window& window : asked) documents.push_back(window.tokens);
    for (const char* name : {"dense", "h2o", "streaming_llm"}) {
      const auto method = plugin_method(name);
      const RunSettings how = settings(*method, protocol, 128);
      const auto generated = generate_answers(model(), *method, how, asked, rule(), RunControl());
      for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
        const auto runs = run_documents(engine, model(), *method, how, documents, RunControl());
        for (std::size_t i = 0; i < asked.size(); ++i) {
          const std::vector<AnswerTargets> answers = answer_targets(asked[i], runs[i].targets);
          ASSERT_EQ(generated[i].size(), answers.size());
          for (std::size_t k = 0; k < answers.size(); ++k) {
            const auto first = runs[i].is_top1.begin();
            const bool forced = std::all_of(first + answers[k].begin, first + answers[k].end,
                                            [](bool hit) { return hit; });
            EXPECT_EQ(generated[i][k].is_exact, forced)
                << text << ", " << name << ", " << asked[i].tokens.id << ", question " << k << ": "
                << generated[i][k].text;
            (forced ? right : wrong) += 1;
          }
        }
      }
    }
  }
  EXPECT_GT(right, 40);
  EXPECT_GT(wrong, 40);
}

TEST_F(GenerateAnswers, BeginWithTheExpectedTextWhereTheyAreExact) {
  const Protocol protocol = parse_protocol("questions", "the test");
  const auto answers = said(protocol, rule());
  const std::vector<Window> asked = windows(protocol);
  std::int64_t exact = 0;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    for (std::size_t k = 0; k < answers[i].size(); ++k) {
      if (!answers[i][k].is_exact) continue;
      ++exact;
      EXPECT_EQ(answers[i][k].text.rfind(asked[i].asked[k].expected, 0), 0U);
      EXPECT_EQ(answers[i][k].text, starter().decode(answers[i][k].ids));
    }
  }
  EXPECT_GT(exact, 6);  // the model recalls nearly all at this length
}

TEST_F(GenerateAnswers, EndAtTheLimitAStopStringOrATokenThatEndsTexts) {
  const Protocol protocol = parse_protocol("questions", "the test");
  const GeneratedAnswer cut = said(protocol, rule(5))[0][0];
  EXPECT_EQ(cut.ids.size(), 5U);
  EXPECT_TRUE(cut.is_cut);
  AnswerRule stops = rule(5);
  ASSERT_NE(cut.text.find('.'), std::string::npos) << cut.text;
  stops.stop = {"."};
  const GeneratedAnswer stopped = said(protocol, stops)[0][0];
  EXPECT_EQ(stopped.text, cut.text.substr(0, cut.text.find('.')));
  EXPECT_FALSE(stopped.is_cut);
  AnswerRule ends = rule(5);
  ends.end_ids = {cut.ids[2]};
  const GeneratedAnswer ended = said(protocol, ends)[0][0];
  EXPECT_EQ(ended.ids, std::vector<std::int64_t>(cut.ids.begin(), cut.ids.begin() + 2));
  EXPECT_FALSE(ended.is_cut);
}

TEST_F(GenerateAnswers, AreRefusedBeyondTheModelsPositionsBeforeAnythingIsRun) {
  const Protocol protocol = parse_protocol("questions", "the test");
  AnswerRule narrow = rule(200);
  narrow.most_positions = 300;
  EXPECT_THROW(check_answer_room(windows(protocol), protocol, narrow), Error);
  narrow.most_positions = 600;
  EXPECT_NO_THROW(check_answer_room(windows(protocol), protocol, narrow));
}

// A limit below the answer's own length would call a right answer wrong.
TEST_F(GenerateAnswers, HaveRoomForTheExpectedOne) {
  const Protocol protocol = parse_protocol("questions", "the test");
  const std::vector<Window> asked = windows(protocol);
  const auto answers = said(protocol, rule(1));
  for (std::size_t i = 0; i < asked.size(); ++i) {
    for (std::size_t k = 0; k < answers[i].size(); ++k) {
      const QuestionTokens& question = asked[i].tokens.questions[k];
      EXPECT_EQ(static_cast<std::int64_t>(answers[i][k].ids.size()),
                question.end - question.answer);
    }
  }
}

// What a policy is told of the document it is told here, too: else other entries would be kept than
// in the forced run.
TEST_F(GenerateAnswers, TellPoliciesOfSpans) {
  static PluginHost host({plugin_dir()});
  const Protocol protocol = parse_protocol("questions", "the test");
  const auto protect =
      make_configured_method(parse_plugin_use("{name: protect, spans: [evidence], inner: random}",
                                              PluginKind::kMethod, "the test", host),
                             host);
  const auto answers = generate_answers(model(), *protect, settings(*protect, protocol, 128),
                                        windows(protocol), rule(), RunControl());
  std::int64_t exact = 0;
  for (const auto& document : answers) {
    for (const GeneratedAnswer& answer : document) exact += answer.is_exact ? 1 : 0;
  }
  EXPECT_GT(exact, 6);  // all of the evidence is held
}

TEST_F(GenerateAnswers, StopWhenTheUserAsks) {
  const Protocol protocol = parse_protocol("questions", "the test");
  const auto method = plugin_method("dense");
  RunControl control;
  control.stop_requested = [] { return true; };
  EXPECT_THROW(generate_answers(model(), *method, settings(*method, protocol, 300),
                                windows(protocol), rule(), control),
               Interrupted);
}

}  // namespace
}  // namespace pressroom::generate_answers_test
