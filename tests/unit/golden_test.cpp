// What plugins answer on the starter model: recorded, and asked again.
#include "golden/golden.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "../tools/schema_check.h"
#include "base/sha256.h"
#include "campaign/score.h"
#include "golden/golden_use.h"
#include "golden/kept_text.h"
#include "golden/starter_model.h"
#include "scratch_folder.h"
#include "test_folders.h"

namespace pressroom::golden_test {
namespace {

using Json = nlohmann::ordered_json;

PluginHost& host() {
  static PluginHost plugins({plugin_dir()});
  return plugins;
}

Json answers_of(PluginKind kind, const std::string& use) {
  return golden_answers(kind, parse_plugin_use(use, kind, "the test", host()), host(),
                        RunControl());
}

const Json& h2o_answers() {
  static const Json golden = answers_of(PluginKind::kMethod, "h2o");
  return golden;
}

Problem problem_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.problems().front();
  }
  ADD_FAILURE() << "no Error was thrown";
  return {};
}

void expect_valid(const Json& golden) {
  const std::string text = golden_text(golden);
  for (const std::string& error :
       schema_errors(test_dir() / "../docs/schemas/golden.schema.json", text)) {
    ADD_FAILURE() << error;
  }
  EXPECT_EQ(parse_golden(text, "golden.json"), golden);
  EXPECT_LT(text.size(), 100'000U);
}

TEST(KeptText, HasRangesOfThreeAndMore) {
  const std::vector<std::pair<std::vector<std::int64_t>, std::string>> cases = {
      {{}, ""},
      {{7}, "7"},
      {{0, 1}, "0 1"},
      {{0, 1, 2}, "0-2"},
      {{0, 1, 2, 3, 17, 250, 251}, "0-3 17 250 251"},
      {{1, 3, 4, 5, 4095}, "1 3-5 4095"}};
  for (const auto& [positions, text] : cases) {
    EXPECT_EQ(kept_text(positions), text);
    EXPECT_EQ(positions_in(text), positions) << text;
  }
  for (const char* text : {" ",
                           "1 ",
                           " 1",
                           "1  2",
                           "2 1",
                           "1 1",
                           "1-2",
                           "1-1",
                           "3-1",
                           "0 1 2",
                           "-1",
                           "1-",
                           "x",
                           "1,2",
                           "4096",
                           "0-4096",
                           "0-99999999999999999999",
                           "01",
                           "+1",
                           "0-2-4",
                           "0-2 3",
                           "0-5 3-9"}) {
    EXPECT_FALSE(positions_in(text)) << text;
  }
}

TEST(GoldenMethod, AnswersUnderThreeProtocolsAtTwoBudgets) {
  const Json& golden = h2o_answers();
  EXPECT_EQ(golden.at("kind"), "method");
  EXPECT_EQ(golden.at("name"), "h2o");
  // A quarter and half of what is compressed removed: of 256 tokens, of a prompt of 192.
  const std::vector<std::tuple<std::string, int, std::size_t>> asked = {
      {"stream", 192, 255},
      {"stream", 128, 255},
      {"{kind: chunked, chunk_size: 32}", 192, 255},
      {"{kind: chunked, chunk_size: 32}", 128, 255},
      {"{kind: prefill, prefill_tokens: 192, continuation: grow}", 144, 63},
      {"{kind: prefill, prefill_tokens: 192, continuation: grow}", 96, 63}};
  ASSERT_EQ(golden.at("answers").size(), asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const Json& answer = golden.at("answers")[i];
    const auto& [protocol, budget, targets] = asked[i];
    EXPECT_EQ(answer.at("protocol"), protocol);
    EXPECT_EQ(answer.at("budget_tokens"), budget);
    EXPECT_EQ(answer.at("engine"), "decode");
    EXPECT_EQ(answer.at("nll_nats").size(), targets);
    // h2o keeps as much as it may; behind a prompt of 192, the 64 tokens that follow stay.
    const std::size_t kept = static_cast<std::size_t>(budget) + (targets == 63 ? 64 : 0);
    for (const Json& layer : answer.at("kept")) {
      for (const Json& head : layer) EXPECT_EQ(positions_in(head.get<std::string>())->size(), kept);
    }
  }
  expect_valid(golden);
}

TEST(GoldenMethod, AnswersWhatAScoreOfTheSameDocumentDoes) {
  const ScratchFolder folder;
  const TokenDocument document = golden_document(find_starter_model().description.facts);
  EXPECT_EQ(document.ids.size(), 256U);
  write_file(folder.path() / "ids.json", Json(document.ids).dump());
  for (const Json& answer : h2o_answers().at("answers")) {
    ScoreRequest request;
    request.model = "starter";
    request.ids_file = (folder.path() / "ids.json").string();
    request.protocol = parse_protocol(answer.at("protocol"), "the test");
    request.method = parse_plugin_use("h2o", PluginKind::kMethod, "the test", host());
    request.budget_tokens = answer.at("budget_tokens").get<std::int64_t>();
    request.engine = "decode";
    const ScoreResult score = score_document(request, host(), RunControl());
    EXPECT_EQ(answer.at("ids_sha256"), score.ids_sha256);
    for (std::size_t layer = 0; layer < score.run.kept.size(); ++layer) {
      for (std::size_t head = 0; head < score.run.kept[layer].size(); ++head) {
        EXPECT_EQ(positions_in(answer.at("kept")[layer][head].get<std::string>()),
                  score.run.kept[layer][head]);
      }
    }
    for (std::size_t i = 0; i < score.run.nll_nats.size(); ++i) {
      EXPECT_NEAR(answer.at("nll_nats")[i].get<double>(), score.run.nll_nats[i], 5.1e-7);
    }
  }
}

TEST(GoldenMethod, AnswersTheSameAgain) {
  const Json first = answers_of(PluginKind::kMethod, "random");
  EXPECT_EQ(golden_text(answers_of(PluginKind::kMethod, "random")), golden_text(first));
}

TEST(GoldenMethod, WithoutABudgetAnswersOnceUnderEachProtocol) {
  const Json golden =
      answers_of(PluginKind::kMethod, "{name: dms, threshold: -1.0, window: 6, inner: knorm}");
  ASSERT_EQ(golden.at("answers").size(), 3U);
  for (const Json& answer : golden.at("answers")) EXPECT_FALSE(answer.contains("budget_tokens"));
  expect_valid(golden);
}

TEST(GoldenMethod, SaysUnderWhichProtocolsItIsRefused) {
  const Json golden = answers_of(PluginKind::kMethod, "kvzip");  // it compresses prompts
  std::map<std::string, int> refused;
  for (const Json& answer : golden.at("answers")) {
    const std::string protocol = answer.at("protocol");
    refused[protocol.substr(0, 14)] += answer.contains("refused") ? 1 : 0;
  }
  EXPECT_EQ(refused, (std::map<std::string, int>{
                         {"stream", 2}, {"{kind: chunked", 2}, {"{kind: prefill", 0}}));
  expect_valid(golden);
  const Problem problem =
      problem_of([] { answers_of(PluginKind::kMethod, "{name: snapkv, window_size: 250}"); });
  EXPECT_NE(problem.what.find("the budget is smaller than what"), std::string::npos)
      << problem.what;
}

// As a use of the reader of JSON lines.
std::string lines_in(const ScratchFolder& folder) {
  return "{reader: jsonl, path: " + (folder.path() / "a.jsonl").string() + "}";
}

std::string records(int count, const std::string& text = "abc") {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += "{\"text\": \"" + text + "\"}\n";
  return lines;
}

TEST(GoldenReader, AnswersWithIdsAndHashesOfItsDocuments) {
  const ScratchFolder folder;
  write_file(folder.path() / "a.jsonl", records(2) + records(1, ""));
  const Json golden = answers_of(PluginKind::kDataset, lines_in(folder));
  EXPECT_EQ(golden.at("documents"), 3);
  EXPECT_EQ(golden.at("ended"), true);
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const std::string nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  EXPECT_EQ(golden.at("answers"),
            Json::parse("[{\"id\": \"a.jsonl#1\", \"sha256\": \"" + abc +
                        "\"}, {\"id\": \"a.jsonl#2\", \"sha256\": \"" + abc +
                        "\"}, {\"id\": \"a.jsonl#3\", \"sha256\": \"" + nothing + "\"}]"));
  // Nothing says where it lies.
  EXPECT_EQ(golden_text(golden).find(folder.path().string()), std::string::npos);
  expect_valid(golden);
}

TEST(GoldenReader, IsReadAsFarAsAThousandDocuments) {
  for (const auto& [count, ended] : {std::pair{999, true}, {1000, true}, {1001, false}}) {
    const ScratchFolder folder;
    write_file(folder.path() / "a.jsonl", records(count));
    const Json golden = answers_of(PluginKind::kDataset, lines_in(folder));
    EXPECT_EQ(golden.at("documents"), std::min(count, 1000));
    EXPECT_EQ(golden.at("ended"), ended) << count;
    EXPECT_EQ(golden.at("answers").size(), std::min<std::size_t>(count, 1000));
    EXPECT_EQ(parse_golden(golden_text(golden), "x"), golden);
  }
}

TEST(GoldenReader, SaysWhereTheAnswersOfATaskAre) {
  const Json golden = answers_of(PluginKind::kDataset, "{reader: recall}");
  for (const Json& document : golden.at("answers")) EXPECT_TRUE(document.contains("answers"));
  expect_valid(golden);
}

TEST(GoldenReader, IsRefusedWhereItReadsOtherDocumentsTheSecondTime) {
  const ScratchFolder folder;
  write_file(folder.path() / "a.jsonl", records(3));
  const PluginUse use =
      parse_plugin_use(lines_in(folder), PluginKind::kDataset, "the test", host());
  int asked = 0;
  RunControl control;
  // Asked before each document: the fifth time the second reading has begun.
  control.stop_requested = [&] {
    if (++asked == 4) write_file(folder.path() / "a.jsonl", records(3, "abd"));
    return false;
  };
  const Problem problem =
      problem_of([&] { golden_answers(PluginKind::kDataset, use, host(), control); });
  EXPECT_EQ(problem.what, "dataset \"jsonl\" reads other documents after rewind()");
  control.stop_requested = [] { return true; };
  EXPECT_THROW(golden_answers(PluginKind::kDataset, use, host(), control), Interrupted);
}

std::map<std::string, double> values_of(const std::string& metric, const std::string& method) {
  std::map<std::string, double> values;
  const Json golden = answers_of(PluginKind::kMetric, metric);
  expect_valid(golden);
  for (const Json& answer : golden.at("answers")) {
    if (answer.at("method") == method) values[answer.at("name")] = answer.at("value");
  }
  return values;
}

TEST(GoldenMetric, AnswersOnACampaignOfDenseAndOneThatEvicts) {
  const auto dense = values_of("perplexity", "dense");
  EXPECT_NEAR(dense.at("perplexity"), std::exp(dense.at("cross_entropy")), 1e-9);
  EXPECT_NEAR(dense.at("bits_per_token") * std::log(2.0), dense.at("cross_entropy"), 1e-9);
  EXPECT_NE(values_of("perplexity", "h2o"), dense);
  EXPECT_EQ(values_of("cache", "dense").at("kept_ratio"), 1);
  // 64 entries in each of 8 KV heads, of two documents.
  EXPECT_EQ(values_of("cache", "h2o").at("kept"), 2 * 8 * 64);
  EXPECT_EQ(values_of("exact_match", "dense").at("answers"), 2);
  EXPECT_EQ(values_of("fidelity", "dense").at("kl_mean"), 0);
  EXPECT_GT(values_of("fidelity", "h2o").at("kl_mean"), 1e-3);
}

TEST(GoldenMetric, IsToldTimesAndSizesThatAreTheSameEverywhere) {
  const auto speed = values_of("{name: throughput, last: 4}", "h2o");
  EXPECT_NEAR(speed.at("tokens_per_second"), 1000, 1e-9);
  EXPECT_NEAR(speed.at("step_latency_p50") * 1000, std::round(speed.at("step_latency_p50") * 1000),
              1e-9);
  EXPECT_EQ(values_of("memory", "h2o").at("process_peak_bytes"), 1 << 30);
}

TEST(GoldenDifferences, AreFoundInEveryKindOfAnswer) {
  struct Case {
    std::function<void(Json&)> change;
    std::string where, expected, got;
  };
  const std::string here = "x.press.tar.zst: stream, budget 192";
  const double nll = h2o_answers().at("answers")[0].at("nll_nats")[17];
  const std::vector<Case> cases = {
      {[](Json& answer) { answer["nll_nats"][17] = answer["nll_nats"][17].get<double>() - 1e-3; },
       here + ": the nll of scored token 17", "", ""},
      {[](Json& answer) { answer["nll_nats"].erase(3); }, here + ": scored tokens", "254", "255"},
      {[](Json& answer) { answer["kept"][2][1] = "4000"; }, here + ": layer 2, KV head 1",
       "position 4000 kept", ""},
      {[](Json& answer) { answer["kept"].erase(0); }, here + ": layers and heads", "", ""},
      {[](Json& answer) { answer["ids_sha256"] = std::string(64, '0'); }, here + ": ids_sha256",
       std::string(64, '0'), ""},
      {[](Json& answer) {
         answer = {{"protocol", "stream"}, {"budget_tokens", 192}, {"refused", "it may not"}};
       },
       here, "refused: it may not", "a run"},
      {[](Json& answer) { answer["budget_tokens"] = 191; }, "x.press.tar.zst: stream, budget 191",
       "an answer to it", "stream, budget 192"}};
  for (const Case& each : cases) {
    Json recorded = h2o_answers();
    each.change(recorded["answers"][0]);
    const std::vector<Problem> found =
        golden_differences(recorded, h2o_answers(), "x.press.tar.zst");
    ASSERT_EQ(found.size(), 1U) << each.where;
    EXPECT_EQ(found[0].what, "1 of 6 answers of method \"h2o\" is not what was recorded");
    EXPECT_EQ(found[0].where, each.where);
    if (!each.expected.empty()) {
      EXPECT_EQ(found[0].expected, each.expected);
    }
    if (!each.got.empty()) {
      EXPECT_EQ(found[0].got, each.got);
    }
  }
  Json recorded = h2o_answers();
  for (Json& answer : recorded["answers"]) answer["nll_nats"][0] = nll + 100;
  EXPECT_EQ(golden_differences(recorded, h2o_answers(), "x")[0].what,
            "6 of 6 answers of method \"h2o\" are not what was recorded");
  recorded = h2o_answers();
  recorded["answers"].erase(5);
  EXPECT_EQ(golden_differences(recorded, h2o_answers(), "x")[0].expected, "5 answers");
}

TEST(GoldenDifferences, AreNoneWhereRoundingOrOtherWordsAreAllThatDiffers) {
  Json recorded = h2o_answers();
  for (Json& nll : recorded["answers"][0]["nll_nats"]) nll = nll.get<double>() + 1e-4;
  recorded["answers"][1]["settled"] = false;
  recorded["answers"][1]["kept"][0][0] = "0-2";
  EXPECT_TRUE(golden_differences(recorded, h2o_answers(), "x").empty());
  EXPECT_TRUE(golden_differences(h2o_answers(), recorded, "x").empty());
  Json refused = answers_of(PluginKind::kMethod, "kvzip");
  const Json now = refused;
  refused["answers"][0]["refused"] = "in other words";
  EXPECT_TRUE(golden_differences(refused, now, "x").empty());
}

TEST(GoldenDifferences, OfDocumentsAndValues) {
  const ScratchFolder folder;
  write_file(folder.path() / "a.jsonl", records(3));
  const Json read = answers_of(PluginKind::kDataset, lines_in(folder));
  Json other = read;
  other["answers"][1]["sha256"] = std::string(64, 'a');
  EXPECT_EQ(golden_differences(other, read, "x")[0].where, "x: document \"a.jsonl#2\": sha256");
  other = read;
  other["ended"] = false;
  EXPECT_EQ(golden_differences(other, read, "x")[0].where, "x: ended");

  const Json values = answers_of(PluginKind::kMetric, "perplexity");
  for (const auto& [factor, differs] : {std::pair{1.0 + 5e-5, false}, {1.0 + 1e-3, true}}) {
    other = values;
    other["answers"][0]["value"] = values["answers"][0]["value"].get<double>() * factor;
    EXPECT_EQ(!golden_differences(other, values, "x").empty(), differs) << factor;
  }
  other = values;
  other["answers"][0]["value"] = "nan";
  EXPECT_EQ(golden_differences(other, values, "x")[0].where, "x: perplexity of dense: value");
  EXPECT_TRUE(golden_differences(other, other, "x").empty());
  other = values;
  other["answers"][0]["unit"] = "nats";
  EXPECT_EQ(golden_differences(other, values, "x")[0].expected, "nats");
}

TEST(GoldenDifferences, OfAnotherPluginOrAnotherModelAreSomethingElse) {
  Json other = h2o_answers();
  other["name"] = "knorm";
  EXPECT_EQ(golden_differences(other, h2o_answers(), "x")[0].what,
            "the golden answers are another plugin's");
  other = h2o_answers();
  other["model"]["weights_sha256"] = std::string(64, 'b');
  other["answers"][0]["nll_nats"][0] = 0;
  EXPECT_EQ(problem_of([&] { golden_differences(other, h2o_answers(), "x"); }).what,
            "the golden answers were recorded on another starter model");
  const Problem nowhere = problem_of([] { find_starter_model("/nowhere/starter"); });
  EXPECT_EQ(nowhere.what, "the starter model, which golden answers are about, cannot be had");
  EXPECT_NE(nowhere.fix.find("pressroom train starter"), std::string::npos);
}

// A method that does something else on another machine.
TEST(GoldenDifferences, AreFoundInAMethodThatChangedItsMind) {
  PluginHost odd({cli_plugin_dir()});
  const PluginUse use = parse_plugin_use("moody", PluginKind::kMethod, "the test", odd);
  const Json recorded = golden_answers(PluginKind::kMethod, use, odd, RunControl());
  ::setenv("MOODY", "1", 1);
  const Json now = golden_answers(PluginKind::kMethod, use, odd, RunControl());
  ::unsetenv("MOODY");
  const std::vector<Problem> found = golden_differences(recorded, now, "x");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].what, "6 of 6 answers of method \"moody\" are not what was recorded");
}

TEST(ParseGolden, RefusesWhatIsNoGoldenFile) {
  const std::string text = golden_text(h2o_answers());
  const auto with = [&](const std::string& what, const std::string& instead) {
    std::string changed = text;
    const std::size_t at = changed.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return changed.replace(at, what.size(), instead);
  };
  const std::string deep(100'000, '[');
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "x"},
      {"[]", "x"},
      {"null", "x"},
      {deep, "x"},
      {std::string(kMostGoldenBytes + 1, ' '), "x"},
      {text + '\0', "x"},
      {text + "{}", "x"},
      {text.substr(0, text.size() / 2), "x"},
      {with("\"kind\":", "\"kind\": \"metric\", \"kind\":"), "x"},
      {with("golden/1", "golden/2"), "x: schema"},
      {with("\"schema\"", "\"scheme\""), "x: schema"},
      {with("\"method\"", "\"press\""), "x: kind"},
      {with("\"method\"", "\"metric\""), "x: answers[0].protocol"},
      {with("\"h2o\"", "\"../h2o\""), "x: name"},
      {with("\"name\"", "\"label\""), "x: label"},
      {with("weights_sha256\":\"", "weights_sha256\":\"A"), "x: model.weights_sha256"},
      {with(":192", ":-192"), "x: answers[0].budget_tokens"},
      {with(":192", ":192.5"), "x: answers[0].budget_tokens"},
      {with(":192", ":99999999999999999999"), "x: answers[0].budget_tokens"},
      {with("\"engine\":\"decode\"", "\"engine\":\"a\\u001b[31m\""), "x: answers[0].engine"},
      {with("\"kept\":[[\"", "\"kept\":[[\"0-999999999999 "), "x: answers[0].kept"},
      {with("\"kept\":[[", "\"kept\":[[],["), "x: answers[0].kept"},
      {with("\"nll_nats\":[", "\"nll_nats\":[\"1\","), "x: answers[0].nll_nats"},
      {with("\"nll_nats\":[", "\"nll_nats\":[1e999,"), "x"},
      {with("\"nll_nats\":", "\"settled\":true,\"nll_nats\":"), "x: answers[0].settled"},
      {with("\"answers\": [", "\"answers\": [7,"), "x: answers[0]"},
      {with("\"answers\":", "\"documents\": 6, \"answers\":"), "x: documents"}};
  for (const auto& [bytes, where] : cases) {
    // A name of its own: C++17 lets no lambda capture a part of a structured binding.
    const std::string& golden = bytes;
    const Problem problem = problem_of([&] { parse_golden(golden, "x"); });
    EXPECT_EQ(problem.where, where) << bytes.substr(0, 300);
    EXPECT_LT(problem.text().size(), 1000U);
  }
  EXPECT_EQ(parse_golden(text, "x"), h2o_answers());
}

TEST(GoldenUse, HasTheParametersOfTheProjectAndTheirPlaces) {
  const ScratchFolder folder;
  write_file(folder.path() / "test/a.txt", "text");
  const auto use_of = [&](const std::string& yaml, PluginKind kind, const std::string& name) {
    ProblemList problems;
    const YamlNode root = parse_yaml(YamlText(yaml, "bundle.yaml", 0), problems);
    return golden_use(kind, name, root.find("golden")->value, folder.path(), host());
  };
  EXPECT_EQ(use_of("golden: {n_sink: 3}", PluginKind::kMethod, "h2o").text(),
            parse_plugin_use("{name: h2o, n_sink: 3}", PluginKind::kMethod, "x", host()).text());
  EXPECT_EQ(use_of("golden:", PluginKind::kMetric, "cache").text(),
            parse_plugin_use("cache", PluginKind::kMetric, "x", host()).text());
  EXPECT_EQ(std::get<std::string>(
                use_of("golden: {path: test/a.txt}", PluginKind::kDataset, "text").values["path"]),
            (folder.path() / "test/a.txt").string());
  EXPECT_EQ(problem_of([&] { use_of("golden:\n  sink: 3", PluginKind::kMethod, "h2o"); }).where,
            "bundle.yaml:2:3");
  EXPECT_EQ(problem_of([&] { use_of("golden: {name: tova}", PluginKind::kMethod, "h2o"); }).what,
            "the plugin is named by its source");
  EXPECT_NE(problem_of([&] { use_of("golden:", PluginKind::kDataset, "text"); }).what.find("path"),
            std::string::npos);
}

}  // namespace
}  // namespace pressroom::golden_test
