// Writes the directory of a made-up campaign, as a run leaves it: for tests of what reads one, and
// to time them.
//
//   pressroom_make_campaign DIRECTORY CELLS [LEFT]
//
// Dense and as many methods as CELLS (in fours) take, at sparsities 0.5, 0.7 and 0.9, contexts 512
// and 1024, two seeds; of methods the later ones are worse, and one has a label that is markup. The
// last LEFT cells have not been run. Eviction traces of one window of the first methods, and answers
// at the larger context. The same words write the same bytes.
#include <cmath>
#include <iostream>
#include <string>

#include "base/sha256.h"
#include "campaign_writer.h"
#include "result_builder.h"
#include "trace/trace_file.h"
#include "trace_test_support.h"

namespace pressroom {
namespace {

constexpr double kSparsities[] = {0.5, 0.7, 0.9};
constexpr std::int64_t kContexts[] = {512, 1024};
constexpr std::uint64_t kSeeds[] = {42, 43};
constexpr std::size_t kDocuments = 12;
constexpr std::int64_t kLayers = 4;
constexpr std::int64_t kHeads = 2;

std::string method_name(std::size_t number) {
  constexpr const char* kNames[] = {"streaming_llm", "h2o", "snapkv",
                                    "<img src=x onerror=alert(1)>"};
  return number < std::size(kNames) ? kNames[number] : "method " + std::to_string(number);
}

CacheSizeCurve size_curve_of(const Cell& cell) {
  CacheSizeCurve curve;
  for (std::int64_t fed = cell.context_tokens / 16; fed <= cell.context_tokens;
       fed += cell.context_tokens / 16) {
    curve.tokens_fed.push_back(fed);
    curve.entries_per_head.push_back(static_cast<double>(std::min(fed, cell.budget_tokens)));
  }
  const double kept = 1 - cell.sparsity;
  for (std::int64_t layer = 0; layer < kLayers; ++layer) {
    const double shift = 0.1 * kept * (static_cast<double>(layer) - 1.5);
    curve.kept.push_back({std::min(kept + shift, 1.0), std::min(kept - shift, 1.0)});
  }
  return curve;
}

// `cost` is the change of the mean nll that the method makes, in nats per token.
CellResult cell_result(const Cell& cell, double cost) {
  Dice text(static_cast<std::uint32_t>(cell.seed * 10007 +
                                       static_cast<std::uint64_t>(cell.context_tokens)));
  Dice noise(static_cast<std::uint32_t>(cell.seed * 31 + static_cast<std::uint64_t>(1000 * cost)));
  CellResult result;
  result.cell = cell;
  result.content_key = sha256_hex(cell.file_stem());
  double sum = 0;
  for (std::size_t i = 0; i < kDocuments; ++i) {
    const std::string id =
        "novel-" + std::to_string(text.below(900)) + ".txt@" + std::to_string(i * 1024);
    const double nll = 2.4 + 0.3 * text.uniform() + cost * (0.7 + 0.6 * noise.uniform());
    DocumentResult document;
    document.id = id;
    document.ids_sha256 = sha256_hex(id + std::to_string(cell.seed));
    for (std::int64_t t = 1; t < cell.context_tokens; ++t) document.targets.push_back(t);
    document.sum_nll_nats = nll * static_cast<double>(document.targets.size());
    document.kept_sha256 = sha256_hex(cell.file_stem() + id);
    result.documents.push_back(document);
    sum += nll;
  }
  const double kept = 1 - cell.sparsity;
  const auto entries = static_cast<double>(cell.budget_tokens);
  add_metric(result, "perplexity", std::exp(sum / kDocuments), "1", Direction::kLowerIsBetter);
  add_metric(result, "kl_mean", cost, "nats", Direction::kLowerIsBetter);
  add_metric(result, "kept_ratio", kept, "1");
  add_metric(result, "mean_cache_entries", entries, "entries");
  add_metric(result, "kv_bytes_peak", entries * 4096, "B", Direction::kLowerIsBetter);
  add_metric(result, "process_peak_bytes", 9e8, "B", Direction::kLowerIsBetter);
  add_metric(result, "tokens_per_second", 900 + 300 * cell.sparsity - 40 * noise.uniform(), "1/s",
             Direction::kHigherIsBetter);
  result.size_curve = size_curve_of(cell);
  result.seconds = static_cast<double>(cell.context_tokens) / 40;
  return result;
}

// Two questions a document. Dense answers them; the others say another word now and then, and of its
// evidence they held less in later layers.
std::vector<DocumentAnswers> made_answers(const CellResult& result) {
  std::vector<DocumentAnswers> all;
  const bool is_dense = result.cell.method == "dense";
  const std::size_t turn = result.cell.method.size();
  for (std::size_t d = 0; d < result.documents.size(); ++d) {
    all.push_back({result.documents[d].id, {}});
    for (std::size_t q = 0; q < 2; ++q) {
      StoredAnswer answer;
      answer.text.id = std::to_string(q);
      answer.text.question = "\nWhat is the special magic number for <long>-" +
                             std::string(60, 'x') + " mentioned in the provided text?";
      answer.text.expected = " The special magic number is 7301945.";
      answer.text.references = {"7301945"};
      answer.text.is_exact = is_dense || (d + q + turn) % 3 == 0;
      answer.text.is_generated = true;
      answer.text.text =
          answer.text.is_exact ? answer.text.expected : " The special magic word is 7301.";
      answer.evidence = {{100, 104}};
      answer.asked_at = 1000;
      answer.held.entries = 4;
      for (std::int64_t layer = 0; layer < kLayers; ++layer) {
        const std::int64_t held = is_dense ? 4 : 4 - layer;
        answer.held.of_head.push_back(std::vector<std::int64_t>(kHeads, held));
      }
      all.back().answers.push_back(std::move(answer));
    }
  }
  return all;
}

// Groups of one method and sparsity, four cells each: dense, then the methods one after another.
std::vector<CellResult> make_results(std::size_t cells) {
  std::vector<CellResult> results;
  for (std::size_t group = 0; 4 * (group + 1) <= cells; ++group) {
    const std::size_t method = group == 0 ? 0 : (group - 1) / std::size(kSparsities);
    for (const std::int64_t context : kContexts) {
      for (const std::uint64_t seed : kSeeds) {
        Cell cell;
        cell.method = group == 0 ? "dense" : method_name(method);
        cell.sparsity = group == 0 ? 0 : kSparsities[(group - 1) % std::size(kSparsities)];
        cell.context_tokens = context;
        cell.budget_tokens = std::llround(static_cast<double>(context) * (1 - cell.sparsity));
        cell.dataset = "novels";
        cell.seed = seed;
        const double cost =
            0.004 * static_cast<double>(method + 1) * std::pow(10, cell.sparsity) * cell.sparsity;
        results.push_back(cell_result(cell, cost));
        if (context == 1024) results.back().answers = made_answers(results.back());
      }
    }
  }
  return results;
}

// A window whose entries leave in the order of their age, later in later layers.
void write_trace_of(const CellResult& result, const std::filesystem::path& directory) {
  const Cell& cell = result.cell;
  const DocumentResult& document = result.documents.front();
  std::vector<std::vector<EvictionLog>> evictions(kLayers);
  for (std::int64_t layer = 0; layer < kLayers; ++layer) {
    for (std::int64_t head = 0; head < kHeads; ++head) {
      std::vector<Leaving> leaving;
      const std::int64_t age = cell.budget_tokens - 8 * layer - head;
      for (std::int64_t p = 4; p + age < cell.context_tokens; ++p) {
        leaving.push_back({p, p + age, 0.5F});
      }
      evictions[static_cast<std::size_t>(layer)].push_back(head_of(cell.context_tokens, leaving));
    }
  }
  Trace trace = trace_with(Indices(static_cast<std::size_t>(cell.context_tokens), 1), evictions);
  trace.header.method = cell.method;
  trace.header.document = document.id;
  trace.header.ids_sha256 = document.ids_sha256;
  trace.header.budget_tokens = cell.budget_tokens;
  write_trace(directory / (cell.file_stem() + ".0.trace"), trace);
  nlohmann::ordered_json tokens = {{"document", document.id}, {"ids_sha256", document.ids_sha256}};
  constexpr const char* kWords[] = {"It", " was", " a", " <b>", "truth", "\n", " univers", "ally"};
  for (std::int64_t t = 0; t < cell.context_tokens; ++t) {
    tokens["tokens"].push_back(kWords[static_cast<std::size_t>(t) % std::size(kWords)]);
  }
  write_file_atomically(directory / "tokens" / (document.ids_sha256 + ".json"), tokens.dump());
}

void make_campaign(const std::filesystem::path& directory, std::size_t cells, std::size_t left) {
  std::vector<CellResult> results = make_results(cells);
  for (std::size_t i = 0; i < results.size(); ++i) {
    CellResult& result = results[i];
    if (i + left >= results.size()) {
      const Cell cell = result.cell;
      result = CellResult();
      result.cell = cell;
      result.error = kNotRun;
    } else if (i >= 4 && i < 40 && result.cell.seed == 42 && result.cell.context_tokens == 512) {
      write_trace_of(result, directory);
    }
  }
  write_campaign(directory, "made up", results);
}

}  // namespace
}  // namespace pressroom

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::cerr << "usage: pressroom_make_campaign DIRECTORY CELLS [LEFT]\n";
    return 2;
  }
  pressroom::make_campaign(argv[1], std::stoul(argv[2]), argc == 4 ? std::stoul(argv[3]) : 0);
  return 0;
}
