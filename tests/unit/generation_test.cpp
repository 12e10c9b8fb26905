#include "generate/generation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "../tools/schema_check.h"
#include "byte_tokenizer.h"
#include "engine/sequence.h"
#include "test_folders.h"
#include "tiny_model.h"

namespace pressroom::generation_test {
namespace {

// A tiny model whose tokens are the bytes, in a folder of its own.
class ByteModel {
 public:
  ByteModel() {
    TinyShape shape;
    shape.vocabulary = 256;
    model_ = std::make_unique<TinyModel>(shape, RandomKey(21));
    write("tokenizer.json", byte_tokenizer_json());
  }

  void write(const char* name, const std::string& text) const {
    write_file(model_->directory() / name, text);
  }
  std::string name() const { return model_->directory().string(); }
  const Model& model() const { return model_->model(); }

 private:
  std::unique_ptr<TinyModel> model_;
};

GenerationRequest request_for(const ByteModel& model, PluginHost& host,
                              const std::string& method = "dense") {
  GenerationRequest request;
  request.model = model.name();
  request.prompt.text = "a prompt of some words";
  request.method = parse_plugin_use(method, PluginKind::kMethod, "a test", host);
  request.most_tokens = 24;
  request.threads = 1;
  return request;
}

std::vector<std::int64_t> bytes_of(const std::string& text) {
  std::vector<std::int64_t> ids;
  for (const char c : text) ids.push_back(static_cast<unsigned char>(c));
  return ids;
}

std::int64_t largest_of(const float* logits) {
  return std::max_element(logits, logits + 256) - logits;
}

// Greedily, by a sequence fed by hand.
std::vector<std::int64_t> ids_by_hand(const Generation& generation, const ByteModel& model,
                                      const Method& method, std::size_t count) {
  const std::vector<std::int64_t>& prompt = generation.prompt().ids;
  Sequence sequence(model.model(), method, generation.terms().settings, "prompt",
                    static_cast<std::int64_t>(prompt.size() + count));
  std::vector<std::int64_t> ids = {largest_of(sequence.prefill(prompt))};
  while (ids.size() < count) ids.push_back(largest_of(sequence.feed(ids.back())));
  return ids;
}

struct EvictCase {
  const char* method;
  std::optional<std::int64_t> budget;
  EvictWhen evict;
  std::int64_t entries;  // of a head after 22 tokens of prompt and 23 that were fed
};

TEST(Generation, FeedsASequenceAndEvictsWhereItIsTold) {
  const ByteModel model;
  PluginHost host({plugin_dir()});
  const std::vector<EvictCase> cases = {
      {"dense", {}, EvictWhen::kBoth, 45},      {"h2o", 10, EvictWhen::kBoth, 10},
      {"h2o", 10, EvictWhen::kPrompt, 10 + 23}, {"h2o", 10, EvictWhen::kAfter, 10},
      {"h2o", 200, EvictWhen::kBoth, 45},       {"streaming_llm", 12, EvictWhen::kBoth, 12},
      {"knorm", 8, EvictWhen::kPrompt, 8 + 23},
  };
  for (const EvictCase& one : cases) {
    GenerationRequest request = request_for(model, host, one.method);
    request.budget_tokens = one.budget;
    request.evict = one.evict;
    const PluginUse use = request.method;
    const Generation generation(std::move(request), host);
    const GenerationResult result = generation.run({});
    const std::string label = std::string(one.method) + ", " + to_string(one.evict);
    EXPECT_EQ(result.ids, ids_by_hand(generation, model, *make_configured_method(use, host), 24))
        << label;
    EXPECT_EQ(result.end, EndReason::kTokens) << label;
    const GenerationStats& stats = result.stats;
    EXPECT_EQ(stats.prompt_tokens, 22);
    EXPECT_EQ(stats.step_seconds.size(), 23u);
    EXPECT_EQ(stats.heads, 4);  // two layers of two
    EXPECT_EQ(stats.least_entries, one.entries) << label;
    EXPECT_EQ(stats.held.most_entries, one.entries) << label;
    EXPECT_EQ(stats.mean_entries(), static_cast<double>(one.entries)) << label;
    EXPECT_EQ(stats.held.evicted, 4 * (45 - one.entries)) << label;
    EXPECT_GE(stats.peak_bytes, stats.held.bytes) << label;
  }
}

TEST(Generation, KeepsThePromptWholeUntilTheFirstTokenWhenToldToEvictAfterIt) {
  const ByteModel model;
  PluginHost host({plugin_dir()});
  std::int64_t bytes[2];
  for (const EvictWhen when : {EvictWhen::kAfter, EvictWhen::kBoth}) {
    GenerationRequest request = request_for(model, host, "h2o");
    request.budget_tokens = 10;
    request.evict = when;
    request.most_tokens = 1;  // which comes out of the prompt alone
    bytes[when == EvictWhen::kBoth] = Generation(std::move(request), host).run({}).stats.held.bytes;
  }
  EXPECT_EQ(bytes[0] * 10, bytes[1] * 22);
}

TEST(Generation, TellsTextAndTokensAsTheyCome) {
  const ByteModel model;
  PluginHost host({plugin_dir()});
  GenerationRequest request = request_for(model, host);
  request.sampling.temperature = 1.5;
  request.seed = 9;
  const Generation generation(std::move(request), host);
  std::string text;
  std::vector<std::int64_t> ids;
  GenerationControl control;
  control.on_text = [&](std::string_view piece) { text += piece; };
  control.on_token = [&](std::int64_t id) { ids.push_back(id); };
  const GenerationResult result = generation.run(control);
  EXPECT_EQ(ids, result.ids);
  EXPECT_EQ(text, result.text);
  EXPECT_EQ(generation.run({}).ids, ids);  // one seed, one text
  EXPECT_EQ(generation.prompt().ids, bytes_of("a prompt of some words"));
}

TEST(Generation, EndsAtTheTokensThatTheModelsFilesName) {
  const ByteModel model;
  PluginHost host({plugin_dir()});
  const std::vector<std::int64_t> all = Generation(request_for(model, host), host).run({}).ids;
  const std::int64_t end = all[5];
  const auto first = std::find(all.begin(), all.end(), end) - all.begin();
  model.write("generation_config.json", R"({"eos_token_id": [)" + std::to_string(end) + "]}");
  const GenerationResult ended = Generation(request_for(model, host), host).run({});
  EXPECT_EQ(ended.end, EndReason::kEndToken);
  EXPECT_EQ(ended.ids, std::vector<std::int64_t>(all.begin(), all.begin() + first + 1));
  GenerationRequest request = request_for(model, host);
  request.ignore_end = true;
  EXPECT_EQ(Generation(std::move(request), host).run({}).ids, all);
}

TEST(Generation, EndsBeforeAStopString) {
  const ByteModel model;
  PluginHost host({plugin_dir()});
  const std::string all = Generation(request_for(model, host), host).run({}).text;
  ASSERT_GE(all.size(), 4u);
  GenerationRequest request = request_for(model, host);
  // The last character of the text, whole.
  std::size_t at = all.size() - 1;
  while ((all[at] & 0xC0) == 0x80) --at;
  request.stops = {"never there", all.substr(at)};
  const GenerationResult ended = Generation(std::move(request), host).run({});
  EXPECT_EQ(ended.text, all.substr(0, all.find(all.substr(at))));
  EXPECT_EQ(ended.end, EndReason::kStopString);
  EXPECT_EQ(ended.stop_string, all.substr(at));
}

TEST(Generation, IsStoppedBetweenTokens) {
  const ByteModel model;
  PluginHost host({plugin_dir()});
  GenerationControl control;
  int asked = 0;
  control.stop_requested = [&] { return ++asked == 3; };
  const GenerationResult result = Generation(request_for(model, host), host).run(control);
  EXPECT_EQ(result.end, EndReason::kInterrupted);
  EXPECT_EQ(result.ids.size(), 3u);
}

TEST(Generation, IsStoppedWhileTheRestOfAPromptIsFedBehindASavedCache) {
  const ByteModel model;
  PluginHost host({plugin_dir()});
  GenerationRequest request = request_for(model, host);
  request.save_cache = model.name() + "/cache.safetensors";
  Generation(request, host).run({});
  std::swap(request.save_cache, request.load_cache);
  request.prompt.text += " and twenty bytes more";
  int asked = 0;
  GenerationControl control;
  control.stop_requested = [&] { return ++asked == 3; };
  EXPECT_THROW(Generation(request, host).run(control), Interrupted);
  EXPECT_EQ(asked, 3);
  control.stop_requested = [] { return false; };
  const GenerationResult result = Generation(request, host).run(control);
  EXPECT_EQ(result.stats.loaded_tokens, 22);
  EXPECT_EQ(result.stats.prompt_tokens, 44);
}

TEST(Generation, TakesAsManyTokensAsThereArePositionsForUnlessToldHowMany) {
  const ByteModel model;
  nlohmann::json config = nlohmann::json::parse(read_file(model.name() + "/config.json"));
  config["max_position_embeddings"] = 30;
  model.write("config.json", config.dump());
  PluginHost host({plugin_dir()});
  GenerationRequest request = request_for(model, host);
  request.most_tokens.reset();
  // 22 of the prompt and 8 that are fed; the ninth is not.
  EXPECT_EQ(Generation(request, host).run({}).ids.size(), 9u);
  request.most_tokens = 10;
  EXPECT_THROW(Generation(request, host), Error);
  request.beyond_positions = true;
  EXPECT_EQ(Generation(request, host).run({}).ids.size(), 10u);
  request.beyond_positions = false;
  request.most_tokens = 1;
  request.prompt.text = std::string(30, 'x');
  EXPECT_EQ(Generation(request, host).run({}).ids.size(), 1u);
  request.prompt.text = std::string(31, 'x');
  EXPECT_THROW(Generation(request, host), Error);
}

TEST(Generation, PutsTheModelsTemplateAroundThePromptUnlessItIsRaw) {
  const ByteModel model;
  model.write("tokenizer_config.json",
              R"({"chat_template": "{{ '<|im_end|>' }}{{ '<|im_start|>assistant\\n' }}"})");
  PluginHost host({plugin_dir()});
  GenerationRequest request = request_for(model, host);
  request.prompt.text = "Hi";
  const Generation templated(request, host);
  EXPECT_EQ(templated.prompt().chat_template, "chatml");
  EXPECT_EQ(templated.prompt().ids,
            bytes_of("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"));
  EXPECT_EQ(templated.prompt().end_text, "<|im_end|>");  // no token of this tokenizer
  request.prompt.raw = true;
  EXPECT_EQ(Generation(request, host).prompt().ids, bytes_of("Hi"));
  request.prompt = {"Hi", false, "zephyr", std::string("Be brief.")};
  EXPECT_EQ(Generation(request, host).prompt().ids,
            bytes_of("<|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\n"));
}

TEST(Generation, RefusesASystemTextThatTheTemplateHasNoPlaceFor) {
  const ByteModel model;
  PluginHost host({plugin_dir()});
  GenerationRequest request = request_for(model, host);
  request.prompt = {"Hi", false, "gemma", std::string("Be brief.")};
  try {
    Generation(request, host);
    ADD_FAILURE() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems()[0].what, "the chat template takes no system text");
  }
  request.prompt.system = "";
  EXPECT_EQ(Generation(request, host).prompt().ids,
            bytes_of("<bos><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\n"));
}

TEST(Generation, IsWrittenAsItsSchemaSays) {
  const ByteModel model;
  PluginHost host({plugin_dir()});
  for (const std::int64_t tokens : {1, 5}) {
    GenerationRequest request = request_for(model, host, "h2o");
    request.sparsity = 0.5;
    request.most_tokens = tokens;
    request.measure_bandwidth = tokens == 5;
    const Generation generation(std::move(request), host);
    const GenerationResult result = generation.run({});
    const std::string text = to_json(generation, result).dump();
    std::string wrong;
    for (const std::string& error :
         schema_errors(test_dir() / "../docs/schemas/generation.schema.json", text)) {
      wrong += error + "\n";
    }
    EXPECT_EQ(wrong, "") << text;
    EXPECT_EQ(result.stats.bandwidth_share().has_value(), tokens == 5);
    EXPECT_EQ(nlohmann::json::parse(text)["budget_tokens"], 11);
  }
}

}  // namespace
}  // namespace pressroom::generation_test
