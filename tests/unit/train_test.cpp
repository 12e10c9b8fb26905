#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "pressroom/error.h"
#include "train/starter/bpe_trainer.h"
#include "train/starter/counter_rng.h"
#include "train/starter/evaluate.h"
#include "train/starter/fused_ops.h"
#include "train/starter/llama_net.h"
#include "train/starter/recall.h"
#include "train/starter/sequences.h"
#include "train/starter/training_step.h"
#include "train_test_support.h"

namespace pressroom::train_test {
namespace {

namespace fs = std::filesystem;

// One id a byte, so that names and words of the recall task take several tokens.
class ByteTokenizer : public Tokenizer {
 public:
  std::vector<std::int64_t> encode(std::string_view text, Special) const override {
    std::vector<std::int64_t> ids;
    for (const char c : text) ids.push_back(static_cast<unsigned char>(c));
    return ids;
  }
  std::string decode(const std::vector<std::int64_t>& ids) const override {
    std::string text;
    for (const std::int64_t id : ids) text += static_cast<char>(id);
    return text;
  }
  std::string token_bytes(std::int64_t id) const override { return decode({id}); }
  std::int64_t vocabulary_size() const override { return 256; }
};

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (fs::temp_directory_path() / "pressroom-train-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryDirectory() { fs::remove_all(path_); }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

LlamaShape tiny_shape() {
  LlamaShape shape;
  shape.hidden_size = 16;
  shape.intermediate_size = 24;
  shape.layers = 2;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_dim = 4;
  shape.vocabulary_size = 256;
  shape.context = 160;
  return shape;
}

Batch toy_batch(std::int64_t sequences, std::int64_t length) {
  const std::string text = toy_text(4000, 3);
  Batch batch{at::empty({sequences, length + 1}, at::kLong), at::ones({sequences, length})};
  for (std::int64_t i = 0; i < batch.ids.numel(); ++i) {
    batch.ids.data_ptr<std::int64_t>()[i] =
        static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
  }
  return batch;
}

TEST(Pretokens, FollowTheGpt2Pattern) {
  const std::vector<std::string_view> expected = {"It",    "'s", " 5",   " o",  "'",
                                                  "clock", " ",  " now", "...", "\n"};
  EXPECT_EQ(split_pretokens("It's 5 o'clock  now...\n"), expected);
  EXPECT_THROW(split_pretokens("\xff"), Error);
}

// By hand: ug occurs 10 + 5 + 5 = 20 times, un 12 + 4 = 16 times; then h ug 15, then p un 12.
TEST(BpeTrainer, MergesTheMostFrequentPairFirst) {
  PretokenCounts counts;
  const std::vector<std::pair<const char*, int>> words = {
      {"hug", 10}, {"pug", 5}, {"pun", 12}, {"bun", 4}, {"hugs", 5}};
  for (const auto& [word, count] : words) counts.add_pretoken(word, count);
  const BpeVocabulary bpe = train_bpe(counts, 260);
  const std::vector<std::string> learned(bpe.tokens.begin() + 256, bpe.tokens.end());
  EXPECT_EQ(learned, (std::vector<std::string>{"ug", "un", "hug", "pun"}));
}

TEST(BpeTrainer, BreaksTiesByTheSmallerIdsAndStopsWithoutPairs) {
  PretokenCounts counts;
  counts.add("cd ab cd ab q", 1);
  const BpeVocabulary bpe = train_bpe(counts, 1000);
  const std::vector<std::string> learned(bpe.tokens.begin() + 256, bpe.tokens.end());
  // "cd" and " ab" (twice), " cd" once: a+b and c+d have 2 each, then " "+"ab" has 2.
  EXPECT_EQ(learned, (std::vector<std::string>{"ab", "cd", " ab"}));
}

TEST(BpeTrainer, WritesAFileTheTokenizerReads) {
  const TemporaryDirectory directory;
  const std::string text = toy_text(500, 1) + "caf\xc3\xa9 \xe2\x80\x94 \x01\n";
  PretokenCounts counts;
  counts.add(text, 1);
  const BpeVocabulary bpe = train_bpe(counts, 280);
  write_tokenizer_json(bpe, directory / "tokenizer.json");
  const auto tokenizer = Tokenizer::load(directory / "tokenizer.json");
  EXPECT_EQ(tokenizer->vocabulary_size(), static_cast<std::int64_t>(bpe.tokens.size()));
  const std::vector<std::int64_t> ids = tokenizer->encode(text, Special::kNone);
  EXPECT_EQ(tokenizer->decode(ids), text);
  EXPECT_LT(ids.size(), text.size() / 2);
  const auto dog = std::find(bpe.tokens.begin(), bpe.tokens.end(), " dog") - bpe.tokens.begin();
  EXPECT_EQ(tokenizer->encode(" dog", Special::kNone), std::vector<std::int64_t>{dog});
}

class Recall : public testing::Test {
 protected:
  ByteTokenizer tokenizer_;
  std::vector<std::int64_t> filler_ = tokenizer_.encode(toy_text(2000, 5), Special::kNone);
  RecallTask task_{tokenizer_, filler_};
};

TEST_F(Recall, StatesEachFactBeforeItIsAskedFor) {
  for (const RecallOrder order : {RecallOrder::kQuestionsLast, RecallOrder::kInterleaved}) {
    for (std::uint64_t index = 0; index < 50; ++index) {
      const RecallSample sample = task_.make({700, 6, 9, order}, 11, index);
      ASSERT_EQ(sample.ids.size(), 700u);
      ASSERT_EQ(sample.answers.size(), 9u);
      const std::string text = tokenizer_.decode(sample.ids);
      for (const RecallAnswer& answer : sample.answers) {
        const auto sentence_at = [&](std::int64_t word) {
          const std::size_t begin = text.rfind(" The key of", static_cast<std::size_t>(word));
          return text.substr(begin, text.find('.', begin) - begin);
        };
        EXPECT_LT(answer.fact_first, answer.first);
        EXPECT_EQ(sentence_at(answer.fact_first), sentence_at(answer.first));
        const std::string sentence = sentence_at(answer.first);
        const std::string word = text.substr(static_cast<std::size_t>(answer.first),
                                             static_cast<std::size_t>(answer.last - answer.first));
        EXPECT_EQ(sentence.substr(sentence.size() - word.size()), word);
        EXPECT_EQ(sentence.find(word), sentence.find(" is") + 3);
      }
    }
  }
}

TEST_F(Recall, EndsWithTheQuestionsInTheBenchmarkAndAsksForDistinctFacts) {
  const RecallSample sample = task_.make({600, 8, 4, RecallOrder::kQuestionsLast}, 2, 0);
  const auto first_question = sample.answers.front().first;
  EXPECT_EQ(std::count(sample.statement.begin() + first_question, sample.statement.end(), 0), 0);
  std::set<std::int64_t> facts;
  for (const RecallAnswer& answer : sample.answers) facts.insert(answer.fact_first);
  EXPECT_EQ(facts.size(), 4u);
  EXPECT_LT(*facts.rbegin(), first_question);
}

TEST_F(Recall, DependsOnSeedAndIndexAlone) {
  const RecallSpec spec{600, 4, 4, RecallOrder::kInterleaved};
  const std::vector<std::int64_t> ids = task_.make(spec, 1, 7).ids;
  EXPECT_EQ(task_.make(spec, 1, 7).ids, ids);
  EXPECT_NE(task_.make(spec, 2, 7).ids, ids);
  EXPECT_NE(task_.make(spec, 1, 8).ids, ids);
}

TEST_F(Recall, RefusesWhatDoesNotFit) {
  EXPECT_THROW(task_.make({50, 8, 4, RecallOrder::kQuestionsLast}, 1, 0), Error);
  EXPECT_THROW(task_.make({600, 65, 1, RecallOrder::kQuestionsLast}, 1, 0), Error);
}

class Sequences : public Recall {
 protected:
  Batch draw(double recall_share, double repeat_share, std::int64_t step) const {
    DietRecipe recipe;
    recipe.steps = 10;
    recipe.tokens_per_step = 2000;
    recipe.phases = {{0.5, 250, recall_share, repeat_share, true}, {1.0, 500, 0.0, 0.0, false}};
    return SequenceSampler(tokenizer_, filler_, recipe, 3).batch(step);
  }
};

TEST_F(Sequences, AreAFunctionOfTheStepAndLengthenWithThePhase) {
  EXPECT_TRUE(at::equal(draw(0.4, 0.4, 2).ids, draw(0.4, 0.4, 2).ids));
  EXPECT_FALSE(at::equal(draw(0.4, 0.4, 2).ids, draw(0.4, 0.4, 3).ids));
  EXPECT_EQ(draw(0.4, 0.4, 4).ids.sizes(), (std::vector<std::int64_t>{8, 251}));
  EXPECT_EQ(draw(0.4, 0.4, 5).ids.sizes(), (std::vector<std::int64_t>{4, 501}));
}

TEST_F(Sequences, WeighAnswersMostAndTextOne) {
  EXPECT_EQ(draw(0, 0, 0).weights.min().item<float>(), 1.0f);
  const Batch batch = draw(1, 0, 0);
  std::size_t answers = 0;
  for (std::int64_t s = 0; s < batch.ids.size(0); ++s) {
    const std::int64_t* ids = batch.ids[s].data_ptr<std::int64_t>();
    const float* weights = batch.weights[s].data_ptr<float>();
    const std::string text = tokenizer_.decode({ids, ids + 251});
    for (std::size_t t = 1; t < 251; ++t) {  // weights[t - 1] belongs to ids[t]
      if (weights[t - 1] != 5.0f || (t > 1 && weights[t - 2] == 5.0f)) continue;
      ++answers;
      EXPECT_EQ(text.substr(t - 3, 4), " is ");
    }
  }
  EXPECT_GE(answers, 8u);
}

TEST_F(Sequences, RepeatAStretchToTheEnd) {
  const Batch batch = draw(0, 1, 0);
  for (std::int64_t s = 0; s < batch.ids.size(0); ++s) {
    const std::int64_t* end = batch.ids[s].data_ptr<std::int64_t>() + 251;
    bool is_periodic = false;
    for (std::int64_t period = 8; period <= 125; ++period) {
      is_periodic = is_periodic || std::equal(end - period, end, end - 2 * period);
    }
    EXPECT_TRUE(is_periodic) << s;
  }
}

TEST(FusedOps, MatchTheirDefinitions) {
  const at::Tensor x = at::tensor({3.0f, 4.0f}).view({1, 2});
  const at::Tensor y = rms_norm(x, at::tensor({1.0f, 2.0f}), 0.0);
  EXPECT_NEAR(y[0][0].item<float>(), 3.0 / std::sqrt(12.5), 1e-6);
  EXPECT_NEAR(y[0][1].item<float>(), 8.0 / std::sqrt(12.5), 1e-6);

  // Two positions, one head of dimension 2, one further column; the second position turns by 90
  // degrees: (a, b) becomes (-b, a).
  const at::Tensor rows = at::tensor({1.0f, 2.0f, 9.0f, 1.0f, 2.0f, 9.0f}).view({2, 3});
  const at::Tensor cos = at::tensor({1.0f, 0.0f}).view({2, 1});
  const at::Tensor sin = at::tensor({0.0f, 1.0f}).view({2, 1});
  const at::Tensor expected = at::tensor({1.0f, 2.0f, 9.0f, -2.0f, 1.0f, 9.0f}).view({2, 3});
  EXPECT_TRUE(at::equal(rotate(rows, cos, sin, 2, 1), expected));
}

// Along the gradient's own direction the slope of the loss is the gradient's norm.
TEST(LlamaNet, HasTheGradientOfItsLoss) {
  LlamaNet net(tiny_shape(), 1);
  const Batch batch = toy_batch(2, 150);  // longer than one chunk of queries
  net.loss(batch.ids, batch.weights).backward();
  const at::Tensor gradient = net.gradients().clone();
  const double norm = gradient.norm().item<double>();
  const auto loss_at = [&](double distance) {
    const c10::NoGradGuard no_gradient;
    net.parameters().add_(gradient, distance / norm);
    const double loss = net.target_nll(batch.ids).sum(at::kDouble).item<double>();
    net.parameters().add_(gradient, -distance / norm);
    return loss;
  };
  const double step = 1e-3;
  EXPECT_NEAR((loss_at(step) - loss_at(-step)) / (2 * step), norm, 0.01 * norm);
}

TEST(LlamaNet, LooksOnlyBack) {
  const LlamaNet net(tiny_shape(), 1);
  const c10::NoGradGuard no_gradient;
  const at::Tensor ids = toy_batch(1, 140).ids;
  at::Tensor changed = ids.clone();
  changed[0][135] = 7;
  const at::Tensor a = net.logits(ids), b = net.logits(changed);
  EXPECT_TRUE(at::equal(a.narrow(0, 0, 135), b.narrow(0, 0, 135)));
  EXPECT_FALSE(at::equal(a[135], b[135]));
}

TEST(Training, LowersTheLossOfATinyBatch) {
  LlamaNet net(tiny_shape(), 1);
  ParallelGradient gradient(&net, 1);
  Optimiser optimiser(&net, {}, 2);
  const Batch batch = toy_batch(4, 32);
  const double before = gradient.compute(batch);
  EXPECT_NEAR(before, std::log(256.0), 0.1);
  for (int i = 0; i < 30; ++i) {
    gradient.compute(batch);
    optimiser.step(1.0);
  }
  EXPECT_LT(gradient.compute(batch), 0.7 * before);
}

TEST(Training, GivesTheSameGradientWithAnyNumberOfThreads) {
  const Batch batch = toy_batch(5, 40);
  LlamaNet net(tiny_shape(), 1);
  const double loss = ParallelGradient(&net, 1).compute(batch);
  const at::Tensor gradient = net.gradients().clone();
  EXPECT_EQ(ParallelGradient(&net, 3).compute(batch), loss);
  EXPECT_TRUE(at::equal(net.gradients(), gradient));
}

TEST(Evaluation, CountsEightBitsAByteForAUniformModelOverBytes) {
  LlamaNet net(tiny_shape(), 1);
  net.parameters().zero_();
  const std::string text = toy_text(100, 9);
  for (const ScoringWindow window : {ScoringWindow{64, 32}, {64, 64}, {160, 7}}) {
    EXPECT_NEAR(bits_per_byte(net, ByteTokenizer(), text, window), 8.0, 1e-5);
  }
  EXPECT_THROW(bits_per_byte(net, ByteTokenizer(), "x", {64, 32}), Error);
}

// A window as long as the text sees what one pass over the text sees.
TEST(Evaluation, ScoresEveryTokenOnce) {
  const LlamaNet net(tiny_shape(), 4);
  const at::Tensor ids = toy_batch(1, 150).ids;
  const std::string text = toy_text(4000, 3).substr(0, 151);
  const double nats = net.target_nll(ids).sum(at::kDouble).item<double>();
  EXPECT_NEAR(bits_per_byte(net, ByteTokenizer(), text, {160, 80}), nats / std::log(2.0) / 150,
              1e-6);
  EXPECT_NEAR(bits_per_byte(net, ByteTokenizer(), text, {150, 1}), nats / std::log(2.0) / 150,
              1e-6);
}

TEST(Export, WritesEveryParameterUnderItsName) {
  const TemporaryDirectory directory;
  const LlamaNet net(tiny_shape(), 1);
  export_model(net, directory / "model");
  const std::string bytes = read_file(directory / "model/model.safetensors");
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), 8);
  const auto header = nlohmann::json::parse(bytes.substr(8, header_size));
  const auto& k = header.at("model.layers.1.self_attn.k_proj.weight");
  EXPECT_EQ(k.at("dtype"), "F16");
  EXPECT_EQ(k.at("shape"), (std::vector<int>{8, 16}));
  EXPECT_EQ(header.size(), 1u + 1 + 2 * 9 + 1);  // metadata, embedding, layers, last norm
  EXPECT_EQ(bytes.size(), 8 + header_size + 2 * static_cast<std::size_t>(net.parameters().numel()));
  const std::size_t norm_at = header.at("model.norm.weight").at("data_offsets").at(0);
  std::uint16_t one = 0;
  std::memcpy(&one, bytes.data() + 8 + header_size + norm_at, 2);
  EXPECT_EQ(one, 0x3C00);  // 1.0 in half precision
  const auto config = nlohmann::json::parse(read_file(directory / "model/config.json"));
  EXPECT_EQ(config.at("num_key_value_heads"), 2);
  EXPECT_EQ(config.at("tie_word_embeddings"), true);
}

TEST(NgramModel, FollowsWittenBellByHand) {
  NgramModel ngram(2);
  ngram.add("aab");
  const double p_empty = (2 + 2.0 / 256) / (3 + 2);  // "a" twice of three, two kinds
  EXPECT_NEAR(ngram.probability("", 'a'), p_empty, 1e-15);
  EXPECT_NEAR(ngram.probability("a", 'a'), (1 + 2 * p_empty) / (2 + 2), 1e-15);
  EXPECT_NEAR(ngram.probability("z", 'a'), p_empty, 1e-15);
}

TEST(NgramModel, SumsToOneInEveryContext) {
  NgramModel ngram(5);
  ngram.add(toy_text(400, 6));
  for (const char* context : {"", "t", "the ", " dog ", "zzzz", "at the c"}) {
    double sum = 0;
    for (int byte = 0; byte < 256; ++byte) {
      sum += ngram.probability(context, static_cast<unsigned char>(byte));
    }
    EXPECT_NEAR(sum, 1.0, 1e-12) << context;
  }
}

}  // namespace
}  // namespace pressroom::train_test
