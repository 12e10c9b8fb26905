// The protocol `questions`: each question over the cache that its context's compression left.
#include <ATen/ATen.h>

#include "config/config.h"
#include "engine/invariants.h"
#include "engine/question_branches.h"
#include "engine_comparison.h"
#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom::questions_test {
namespace {

constexpr std::int64_t kContext = 40;

// A context of 40 tokens, and questions of 5, 3 and 6 tokens with answers of 2, 1 and 3.
TokenDocument asking(std::int64_t vocabulary, std::uint64_t seed) {
  TinyShape shape;
  shape.vocabulary = vocabulary;
  TokenDocument document;
  document.id = "asking " + std::to_string(seed);
  document.ids = random_ids(60, shape, RandomKey(seed));
  document.questions = {{40, 45, 47}, {47, 50, 51}, {51, 57, 60}};
  return document;
}

struct Protocols {
  const char* text;
  std::vector<std::int64_t> targets;
};

std::vector<std::int64_t> range(std::int64_t first, std::int64_t end) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = first; i < end; ++i) all.push_back(i);
  return all;
}

std::vector<std::int64_t> together(const std::vector<std::vector<std::int64_t>>& parts) {
  std::vector<std::int64_t> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// Scored is what is predicted from a compressed cache: by hand for the document above.
std::vector<Protocols> protocols() {
  const std::vector<std::int64_t> each = together({range(41, 47), range(48, 51), range(52, 60)});
  return {
      {"questions", each},
      {"{kind: questions, continuation: hold}", each},
      {"{kind: questions, query: inside}", together({range(45, 47), range(50, 51), range(57, 60)})},
      {"{kind: questions, asked: turns}", range(41, 60)},
      {"{kind: questions, asked: turns, continuation: hold}", range(41, 60)}};
}

std::vector<NamedMethod> methods() {
  std::vector<NamedMethod> all;
  for (const char* name : {"dense", "h2o", "knorm", "random", "streaming_llm", "keydiff"}) {
    all.push_back({name, plugin_method(name)});
  }
  all.push_back({"snapkv", plugin_method("snapkv", {{"window_size", std::int64_t{4}}})});
  auto lazy = std::make_shared<TestMethod>(Ranking::kBirthScore);
  lazy->eviction_plan.interval = 7;
  lazy->on_birth_scores = [](const PolicyContext&, const EntriesView& entries) {
    return -at::norm(entries.values(), 2, -1);
  };
  all.push_back({"lazy value norm", lazy});
  return all;
}

class Questions : public testing::Test {
 protected:
  Questions() : model_(Model::load(model_in(test_dir() / "goldens/models/qwen2"))) {}

  RunSettings settings(const Method& method, const std::string& protocol,
                       std::int64_t budget = 16) const {
    RunSettings settings = settings_of(method, budget, method.plan(budget).positions);
    settings.protocol = parse_protocol(protocol, "the test");
    settings.threads = 2;
    return settings;
  }

  std::vector<DocumentRun> run(Engine engine, const Method& method, const RunSettings& settings,
                               const std::vector<TokenDocument>& documents) const {
    return run_documents(engine, *model_, method, settings, documents, RunControl());
  }

  TokenDocument document(std::uint64_t seed = 1) const {
    return asking(model_->facts().vocabulary, seed);
  }

  std::unique_ptr<Model> model_;
};

TEST_F(Questions, BothEnginesGiveOneAnswer) {
  const std::vector<TokenDocument> documents = {document(1), document(2), document(3), document(4)};
  for (const NamedMethod& named : methods()) {
    for (const Protocols& protocol : protocols()) {
      SCOPED_TRACE(named.name + ", " + protocol.text);
      const RunSettings how = settings(*named.method, protocol.text);
      const auto replayed = run(Engine::kReplay, *named.method, how, documents);
      const auto decoded = run(Engine::kDecode, *named.method, how, documents);
      for (std::size_t i = 0; i < documents.size(); ++i) {
        EXPECT_EQ(replayed[i].targets, protocol.targets);
        EXPECT_EQ(decoded[i].targets, protocol.targets);
        EXPECT_NO_THROW(check_invariants(replayed[i], how, documents[i]));
        EXPECT_EQ(replayed[i].kept, decoded[i].kept);
        EXPECT_EQ(replayed[i].entries_per_step, decoded[i].entries_per_step);
        EXPECT_LE(largest_difference(replayed[i].nll_nats, decoded[i].nll_nats), 1e-4);
      }
    }
  }
}

// That the context is fed once is a saving and nothing else.
TEST_F(Questions, OverOneCacheAreAsThoughEachHadItsOwn) {
  for (const NamedMethod& named : methods()) {
    SCOPED_TRACE(named.name);
    RunSettings how = settings(*named.method, "questions");
    const QuestionBranches branches({document()}, how.protocol);
    how = QuestionBranches::settings(how);
    std::vector<TokenDocument> apart = branches.documents();
    EXPECT_TRUE(apart[1].same_prompt_as_previous && apart[2].same_prompt_as_previous);
    for (TokenDocument& branch : apart) branch.same_prompt_as_previous = false;
    for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
      SCOPED_TRACE(to_string(engine));
      const auto shared = run(engine, *named.method, how, branches.documents());
      const auto alone = run(engine, *named.method, how, apart);
      for (std::size_t i = 0; i < apart.size(); ++i) {
        EXPECT_EQ(shared[i].kept, alone[i].kept);
        // Decoding is the same sums in the same order; a replayed product of other rows may not be.
        const double most = engine == Engine::kDecode ? 0 : 1e-4;
        EXPECT_LE(largest_difference(shared[i].nll_nats, alone[i].nll_nats), most);
      }
    }
  }
}

TEST_F(Questions, DoNotSeeEachOther) {
  TokenDocument other = document();
  for (std::int64_t i = 47; i < 51; ++i) other.ids[i] = (other.ids[i] + 7) % 50;
  const auto method = plugin_method("h2o");
  for (const char* protocol : {"questions", "{kind: questions, query: inside}"}) {
    const RunSettings how = settings(*method, protocol);
    for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
      SCOPED_TRACE(std::string(protocol) + ", " + to_string(engine));
      const DocumentRun before = run(engine, *method, how, {document()}).front();
      const DocumentRun after = run(engine, *method, how, {other}).front();
      for (std::size_t i = 0; i < before.targets.size(); ++i) {
        const bool changed = before.targets[i] >= 47 && before.targets[i] < 51;
        if (changed) continue;
        EXPECT_EQ(before.nll_nats[i], after.nll_nats[i]) << "target " << before.targets[i];
      }
    }
  }
}

TEST_F(Questions, InTurnsSeeThoseBeforeThem) {
  TokenDocument other = document();
  other.ids[48] = (other.ids[48] + 7) % 50;
  const auto method = plugin_method("dense");
  const RunSettings how = settings(*method, "{kind: questions, asked: turns}", 60);
  const DocumentRun before = run(Engine::kReplay, *method, how, {document()}).front();
  const DocumentRun after = run(Engine::kReplay, *method, how, {other}).front();
  EXPECT_NE(before.nll_nats.back(), after.nll_nats.back());
}

// By the definition of dense attention: a question's targets are those of context and question as
// one text.
TEST_F(Questions, OfADenseCacheAreThoseOfThePlainText) {
  const auto method = plugin_method("dense");
  const RunSettings how = settings(*method, "questions", 60);
  const DocumentRun asked = run(Engine::kReplay, *method, how, {document()}).front();
  std::vector<double> expected;
  for (const QuestionTokens& question : document().questions) {
    TokenDocument plain = document();
    const auto begin = plain.ids.begin();
    std::vector<std::int64_t> ids(begin, begin + kContext);
    ids.insert(ids.end(), begin + question.begin, begin + question.end);
    plain.ids = std::move(ids);
    plain.questions.clear();
    const RunSettings stream = settings(*method, "stream", 60);
    const DocumentRun text = run(Engine::kReplay, *method, stream, {plain}).front();
    // Target t is the (t - 1)-th; the question's first token is not scored.
    expected.insert(expected.end(), text.nll_nats.begin() + kContext, text.nll_nats.end());
  }
  ASSERT_EQ(asked.nll_nats.size(), expected.size());
  EXPECT_LE(largest_difference(asked.nll_nats, expected), 1e-4);
}

// I1: to the last bit, whatever the method.
TEST_F(Questions, UnderABudgetOfEverythingAreDense) {
  for (const Protocols& protocol : protocols()) {
    const auto dense = plugin_method("dense");
    const DocumentRun whole =
        run(Engine::kReplay, *dense, settings(*dense, protocol.text, 60), {document()}).front();
    for (const char* name : {"h2o", "knorm", "snapkv", "keydiff"}) {
      SCOPED_TRACE(std::string(name) + ", " + protocol.text);
      const auto method = plugin_method(name);
      const RunSettings how = settings(*method, protocol.text, 60);
      EXPECT_EQ(run(Engine::kReplay, *method, how, {document()}).front().nll_nats, whole.nll_nats);
    }
  }
}

TEST_F(Questions, HoldTheBudgetWhereTheContinuationDoes) {
  const auto method = plugin_method("h2o");
  const RunSettings how = settings(*method, "{kind: questions, continuation: hold}");
  const DocumentRun held = run(Engine::kReplay, *method, how, {document()}).front();
  for (const std::int64_t entries : held.entries_per_step) {
    EXPECT_EQ(entries, 16 * model_->facts().layers * model_->facts().kv_heads);
  }
  // A context that is evicted from in different ways is fed for each question.
  EXPECT_EQ(std::count(held.tokens_per_step.begin(), held.tokens_per_step.end(), kContext), 3);
  const RunSettings grows = settings(*method, "questions");
  const DocumentRun grown = run(Engine::kReplay, *method, grows, {document()}).front();
  EXPECT_EQ(std::count(grown.tokens_per_step.begin(), grown.tokens_per_step.end(), kContext), 1);
}

// int(P (1 - s)) of a context of P tokens, worked by hand: 40 and 33 tokens, a quarter removed.
TEST_F(Questions, LeaveAContextItsOwnShareUnderASparsity) {
  TokenDocument shorter = document(2);
  shorter.ids.erase(shorter.ids.begin(), shorter.ids.begin() + 7);
  for (QuestionTokens& question : shorter.questions) {
    question = {question.begin - 7, question.answer - 7, question.end - 7};
  }
  const auto method = plugin_method("h2o");
  RunSettings how = settings(*method, "questions", 45);
  how.sparsity = 0.25;
  for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
    const auto runs = run(engine, *method, how, {document(), shorter});
    const std::int64_t expected[] = {30, 24};
    const std::int64_t contexts[] = {40, 33};
    for (std::size_t i = 0; i < runs.size(); ++i) {
      EXPECT_EQ(runs[i].context_tokens, contexts[i]);
      for (const auto& layer : runs[i].kept) {
        for (const auto& head : layer) {
          EXPECT_EQ(std::lower_bound(head.begin(), head.end(), contexts[i]) - head.begin(),
                    expected[i]);
        }
      }
    }
  }
  how.sparsity = 0.99;  // nothing would be left
  EXPECT_THROW(run(Engine::kReplay, *method, how, {document()}), Error);
}

// The control run: with nothing removed no question's cache may lose anything, whatever is fed.
TEST_F(Questions, UnderASparsityOfNothingAreDense) {
  const auto dense = plugin_method("dense");
  const auto method = plugin_method("h2o");
  for (const Protocols& protocol : protocols()) {
    SCOPED_TRACE(protocol.text);
    RunSettings how = settings(*method, protocol.text, 60);
    how.sparsity = 0;
    RunSettings of_dense = settings(*dense, protocol.text, 60);
    of_dense.sparsity = 0;
    const DocumentRun held = run(Engine::kReplay, *method, how, {document()}).front();
    EXPECT_EQ(held.nll_nats, run(Engine::kReplay, *dense, of_dense, {document()}).front().nll_nats);
    for (const auto& layer : held.context_kept) {
      for (const std::int64_t kept : layer) EXPECT_EQ(kept, kContext);
    }
  }
}

// Where each question has a cache of its own, no log says when an entry left "the" cache.
TEST_F(Questions, SayWhetherOneCacheServedThemAll) {
  const auto method = plugin_method("h2o");
  const std::vector<bool> expected = {true, false, false, true, true};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const char* text = protocols()[i].text;
    SCOPED_TRACE(text);
    const RunSettings how = settings(*method, text);
    EXPECT_EQ(run(Engine::kReplay, *method, how, {document()}).front().is_one_cache, expected[i]);
    TokenDocument one = document();
    one.ids.resize(47);
    one.questions.resize(1);
    EXPECT_TRUE(run(Engine::kReplay, *method, how, {one}).front().is_one_cache);
  }
}

TEST_F(Questions, AreRefusedWhereTheyDoNotFollowAContext) {
  struct Case {
    const char* what;
    std::vector<QuestionTokens> questions;
  };
  for (const Case& bad : std::vector<Case>{{"none", {}},
                                           {"no context", {{0, 5, 60}}},
                                           {"a gap", {{40, 45, 47}, {48, 50, 60}}},
                                           {"an overlap", {{40, 45, 48}, {47, 50, 60}}},
                                           {"no question", {{40, 40, 60}}},
                                           {"no answer", {{40, 60, 60}}},
                                           {"tokens behind", {{40, 45, 59}}}}) {
    SCOPED_TRACE(bad.what);
    TokenDocument document = this->document();
    document.questions = bad.questions;
    EXPECT_THROW(check_questions(document), Error);
  }
  EXPECT_NO_THROW(check_questions(document()));
}

TEST(QuestionsProtocol, IsReadAndWritten) {
  for (const char* text :
       {"{kind: questions, query: after, asked: independent, continuation: grow}",
        "{kind: questions, query: inside, asked: independent, continuation: hold}",
        "{kind: questions, query: after, asked: turns, continuation: hold}"}) {
    EXPECT_EQ(parse_protocol(text, "the test").text(), text);
  }
  EXPECT_EQ(parse_protocol("questions", "the test").text(),
            "{kind: questions, query: after, asked: independent, continuation: grow}");
  EXPECT_THROW(parse_protocol("{kind: questions, query: inside, asked: turns}", "the test"), Error);
  EXPECT_THROW(parse_protocol("{kind: stream, query: inside}", "the test"), Error);
}

}  // namespace
}  // namespace pressroom::questions_test
