#include "campaign/run_cell.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "base/json_text.h"
#include "base/utf8.h"
#include "campaign/asked_measurements.h"
#include "campaign/cell_checks.h"
#include "campaign/cell_measurements.h"
#include "campaign/collect_metrics.h"
#include "campaign/generate_answers.h"
#include "campaign/prepared_campaign.h"
#include "engine/fidelity/fidelity.h"
#include "pressroom/error.h"
#include "trace/trace_file.h"

namespace pressroom {
namespace {

std::int64_t process_peak_bytes() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

// One for each document. Hidden states of `runs` are gone afterwards.
std::vector<Fidelity> compare_with_dense(const PlannedCell& planned, const CellParts& parts,
                                         const std::vector<TokenDocument>& documents,
                                         std::vector<DocumentRun>& runs) {
  // A run of dense is its own reference, unless the group has one already: then that is what all of
  // it is compared with.
  if (parts.dense->serves(planned) && !parts.dense->is_held()) parts.dense->take(runs);
  const std::vector<at::Tensor>& dense = parts.dense->hidden(parts.model, documents, parts.control);
  std::vector<Fidelity> all;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (parts.control.stop_requested()) throw Interrupted();
    all.push_back(
        fidelity_of(parts.model, dense[i], runs[i].hidden, runs[i].targets, parts.threads));
    runs[i].hidden = at::Tensor();
  }
  return all;
}

void write_traces(const CellParts& parts, const std::vector<Window>& windows,
                  const std::vector<DocumentRun>& runs) {
  if (parts.trace_stem.empty()) return;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    TraceHeader header = parts.trace_header;
    header.document = windows[i].tokens.id;
    header.ids_sha256 = windows[i].ids_sha256;
    write_trace(parts.trace_stem + "." + std::to_string(i) + ".trace",
                trace_of(runs[i], std::move(header)));
  }
}

AnswerRule answer_rule(const CellParts& parts) {
  const AnswersConfig& asked = parts.config.answers;
  const ModelFacts& facts = parts.model.facts();
  return {*parts.tokenizer, parts.end_ids, asked.stop, asked.most_tokens,
          parts.config.beyond_positions ? std::numeric_limits<std::int64_t>::max()
                                        : facts.max_positions};
}

// Puts what was said into the answers of a document, where some metric looks at them.
void add_generated(std::vector<GeneratedAnswer>& generated, DocumentMeasurements& measured) {
  for (std::size_t i = 0; i < measured.answer_texts.size(); ++i) {
    AnswerText& answer = measured.answer_texts[i];
    answer.is_generated = true;
    answer.is_exact = generated[i].is_exact;
    answer.is_cut = generated[i].is_cut;
    answer.text = std::move(generated[i].text);
  }
}

void run_into(CellResult& result, const PlannedCell& planned, const Method& method,
              const std::vector<Window>& windows, const CellParts& parts) {
  const Model& model = parts.model;
  const AskedMeasurements asked(parts.metrics, windows, parts.config.protocol.how, parts.tokenizer);
  std::vector<TokenDocument> documents = asked.documents();
  RunTerms terms = terms_of(planned, parts.config);
  RunSettings& settings = terms.settings;
  settings.reading = parts.reading;
  settings.threads = parts.threads;
  settings.keep_hidden = parts.dense != nullptr;  // tokens x hidden size x 4 bytes a document
  settings.keep_distributions = asked.needs().distribution;
  settings.check_views = parts.check_views;
  const AdmittedRun run(method, terms, limits_of(parts.config, model.facts()));
  if (parts.config.answers.are_generated) {
    check_answer_room(windows, parts.config.protocol.how, answer_rule(parts));
  }
  CheckedRuns checked = run.run(model, documents, parts.control);
  // Of this run alone: others of the same documents keep no logits.
  for (TokenDocument& document : documents) document.wanted_logits.clear();
  std::vector<DocumentRun>& runs = checked.documents;
  result.seconds = checked.seconds;

  CellMeasurements cell;
  cell.model = model.facts();
  cell.budget_tokens = planned.cell.budget_tokens;
  cell.context_tokens = planned.cell.context_tokens;
  cell.seconds = result.seconds;
  cell.weight_bytes = model.weight_bytes();
  cell.process_peak_bytes = process_peak_bytes();
  // The run is whole and right so far. A row that only repeats dense, or that no one could have a
  // second time, is no result all the same.
  if (const auto problem = repeats_dense_in_fact(terms, checked)) throw Error(*problem);
  if (parts.repeats) {
    check_repeats({planned.engine, model, method, parts.control}, settings, documents.front(),
                  runs.front());
  }
  // After these: a trace is of a cell that can be a result.
  write_traces(parts, windows, runs);
  result.size_curve = size_curve_of(runs);
  std::vector<Fidelity> fidelity(runs.size());
  if (parts.dense != nullptr) fidelity = compare_with_dense(planned, parts, documents, runs);
  std::vector<std::vector<GeneratedAnswer>> generated;
  if (parts.config.answers.are_generated) {
    generated = generate_answers(model, method, run.terms().settings, windows, answer_rule(parts),
                                 parts.control);
  }
  std::vector<DocumentMeasurements> measured;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    result.documents.push_back(document_result(windows[i], runs[i]));
    measured.push_back(asked.measured(i, runs[i], model.facts()));
    if (!generated.empty()) add_generated(generated[i], measured.back());
    measured.back().kl_nats = std::move(fidelity[i].kl_nats);
    measured.back().is_dense_top1 = std::move(fidelity[i].is_same_top1);
    const std::vector<std::int64_t>& fed = runs[i].tokens_per_step;
    cell.tokens += std::accumulate(fed.begin(), fed.end(), std::int64_t{0});
  }
  result.metrics = collect_metrics(asked, measured, cell);
  result.answers = answers_of(measured);
}

}  // namespace

CellResult run_cell(const PlannedCell& planned, const Method& method,
                    const std::vector<Window>& windows, const CellParts& parts) {
  CellResult result;
  result.cell = planned.cell;
  std::string failure;
  try {
    run_into(result, planned, method, windows, parts);
    return result;
  } catch (const Interrupted&) {
    throw;  // the user's will, and no failure of the cell
  } catch (const std::bad_alloc&) {
    // Its what() says "std::bad_alloc". Smaller cells may still go well, so the campaign goes on.
    failure =
        "out of memory\n  do:       run fewer threads or shorter contexts, or hold weights in 16 "
        "bits";
  } catch (const std::exception& error) {
    const std::string message = error.what();
    // Without libtorch's trace. Made safe for terminals here, as only an Error's text is by itself.
    failure = escaped(message.substr(0, message.find("\nException raised from ")));
  } catch (...) {
    // Methods are anyone's code, and one may throw an int: the night goes on.
    failure = "the method threw something that is no std::exception";
  }
  // An exception whose what() is "" must not pass for a result.
  if (failure.empty()) failure = "the run ended with an exception without a message";
  // A failed cell has no numbers, not those of the documents or metrics that went well before. What
  // it took it took.
  CellResult failed;
  failed.cell = planned.cell;
  failed.seconds = result.seconds;
  failed.error = std::move(failure);
  return failed;
}

void store_token_texts(const Window& window, const Tokenizer& tokenizer,
                       const CampaignDirectory& directory) {
  using Json = nlohmann::ordered_json;
  const std::string name = "tokens/" + window.ids_sha256 + ".json";
  if (std::filesystem::exists(directory.path() / name)) return;
  Json json = {{"document", window.tokens.id}, {"ids_sha256", window.ids_sha256}};
  json["tokens"] = Json::array();
  for (const std::int64_t id : window.tokens.ids) {
    json["tokens"].push_back(tokenizer.token_bytes(id));
  }
  directory.write(name, json_line(json) + "\n");
}

}  // namespace pressroom
