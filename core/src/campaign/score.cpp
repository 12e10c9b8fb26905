#include "campaign/score.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "admission/admitted_run.h"
#include "admission/bind_method.h"
#include "base/file_kinds.h"
#include "base/output_file.h"
#include "campaign/dense_reference.h"
#include "campaign/plan.h"
#include "campaign/sampling.h"
#include "engine/eviction/eviction.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"
#include "tokenizer/tokenizer.h"
#include "trace/trace_file.h"

namespace pressroom {
namespace {

std::string read_input(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::error_code reason(errno, std::generic_category());
  const bool directory = std::filesystem::is_directory(file);
  std::string content;
  if (stream && !directory) content.assign(std::istreambuf_iterator<char>(stream), {});
  // By what was read, and not by another look at the path: a pipe gives its bytes once.
  std::vector<Problem> problems = stand_in(file, content.substr(0, kStandInBytes));
  if (!problems.empty()) throw Error(std::move(problems));
  if (!content.empty()) return content;
  throw Error({"the input cannot be read", file, "a readable file with something in it",
               !stream.is_open() ? reason.message()
               : directory       ? "a directory"
                                 : "an empty file",
               "check the path"});
}

// What `request` asks of `method` on a document of `tokens` tokens.
RunTerms terms_of(const ScoreRequest& request, const Method& method, std::int64_t tokens) {
  RunTerms terms = pressroom::terms_of(request.method);
  terms.context_tokens = tokens;
  RunSettings& settings = terms.settings;
  settings.protocol = request.protocol.under(request.method.server);
  settings.random = RandomKey(request.seed);
  settings.threads = threads_or_all(request.threads);
  settings.keep_hidden = request.fidelity;
  settings.kv_dtype = request.kv_dtype.value_or(settings.kv_dtype);
  plan_run(
      method, request.positions ? request.positions : request.method.positions,
      [&] {
        return budget_as_asked(request.budget_tokens, request.sparsity,
                               settings.protocol.compressed_tokens(tokens), request.method.name);
      },
      terms);
  terms.engine = choose_engine(request.engine == "both" ? "replay" : request.engine, settings.plan,
                               request.method.name);
  return terms;
}

// `run` has kept its hidden states. Dense goes through the same engine, so that the engines'
// rounding is no part of the difference.
Fidelity against_dense(const Model& model, const RunSettings& settings, Engine engine,
                       const TokenDocument& document, const DocumentRun& run,
                       const RunControl& control) {
  DenseReference dense(settings, engine);
  if (!evicts(settings.plan)) dense.take({run});
  return fidelity_of(model, dense.hidden(model, {document}, control).front(), run.hidden,
                     run.targets, settings.threads);
}

}  // namespace

std::vector<std::int64_t> parse_ids(const std::string& json_text, const std::string& file) {
  const auto json = nlohmann::json::parse(json_text, nullptr, /*allow_exceptions=*/false);
  bool whole = json.is_array();
  for (const auto& id : json) whole = whole && id.is_number_integer();
  if (whole) return json.get<std::vector<std::int64_t>>();
  throw Error({"the ids cannot be read", file, "a JSON array of whole numbers",
               json_text.substr(0, std::min<std::size_t>(json_text.find('\n'), 40)),
               "pressroom tokenize writes one"});
}

std::vector<std::int64_t> read_ids(const std::string& ids_file, const std::string& text_file,
                                   const ModelFiles& files) {
  if (!ids_file.empty()) return parse_ids(read_input(ids_file), ids_file);
  return Tokenizer::load(files.tokenizer)->encode(read_input(text_file), Special::kNone);
}

namespace {

void check_trace_file(const ScoreRequest& request) {
  if (request.trace_file.empty()) return;
  if (request.protocol.kind == ProtocolKind::kWindow) {
    throw Error({"the trace cannot be written", request.trace_file,
                 "a protocol under which entries leave", request.protocol.text(),
                 "leave out the trace, or choose another protocol"});
  }
  check_output_file("the trace", request.trace_file, {request.text_file, request.ids_file});
}

}  // namespace

ScoreResult score_document(const ScoreRequest& request, PluginHost& host,
                           const RunControl& control) {
  check_trace_file(request);
  const ModelFiles files = find_model(request.model);
  const ModelDescription description = read_description(files);
  const std::unique_ptr<Method> method = make_configured_method(request.method, host);
  TokenDocument document;
  document.id = request.text_file.empty() ? request.ids_file : request.text_file;
  document.ids = read_ids(request.ids_file, request.text_file, files);
  const auto tokens = static_cast<std::int64_t>(document.ids.size());

  check_ids(document, description.facts.vocabulary, request.protocol);
  check_context(description, tokens);
  if (request.fidelity) DenseReference::check_protocol(request.protocol);
  RunTerms terms = terms_of(request, *method, tokens);
  terms.settings.check_views = request.check_views || !is_installed(request.method, host);
  if (std::optional<Refusal> refusal = refusal_of(terms)) {
    const bool is_inert = refusal->reason == Refusal::Reason::kRepeatsDense;
    if (is_inert) {
      refusal->problems.front().fix =
          "lower the budget, or say --allow-inert to see the dense figures";
    }
    if (!is_inert || !request.allow_inert) throw Error(refusal->problems);
  }
  bind_method(*method, request.method.name, files, description.facts);
  terms.settings.reading = reconstruction_of(terms.settings.plan, files);
  const ModelLimits limits = {description.facts, request.beyond_positions, "--beyond-positions"};
  RunTerms of_document = terms;
  of_document.where = document.id;  // what is too long for the model is the document
  const AdmittedRun run(*method, of_document, limits);
  const RunSettings& settings = run.terms().settings;
  TraceHeader trace = {request.model,
                       request.method.text(),
                       settings.protocol.text(),
                       settings.budget_tokens,
                       settings.positions,
                       document.id,
                       token_ids_sha256(document.ids),
                       to_string(settings.kv_dtype)};

  LoadOptions load;
  load.dtype = request.dtype;
  load.device = request.device;
  load.threads = settings.threads;
  load.progress = request.load_progress;
  const std::unique_ptr<Model> model = Model::load(files, load);
  document.id = "document";  // random numbers do not depend on what the file is called
  ScoreResult result;
  result.engine = terms.engine;
  CheckedRuns runs = run.run(*model, {document}, control);
  if (auto problem = repeats_dense_in_fact(terms, runs); problem && !request.allow_inert) {
    problem->fix += " (--allow-inert shows the dense figures)";
    throw Error(*problem);
  }
  result.run = std::move(runs.documents.front());
  if (request.engine == "both") {
    terms.engine = Engine::kDecode;
    const AdmittedRun decoded(*method, terms, limits);
    result.decoded = std::move(decoded.run(*model, {document}, control).documents.front());
    result.parting = first_parting(result.run, *result.decoded);
  }
  if (request.fidelity) {
    result.fidelity = against_dense(*model, settings, result.engine, document, result.run, control);
  }
  if (!request.trace_file.empty()) {
    write_trace(request.trace_file, trace_of(result.run, std::move(trace)));
  }
  result.model = request.model;
  result.protocol = settings.protocol;
  result.method = request.method.name;
  result.dtype = request.dtype;
  result.seed = request.seed;
  result.beyond_training = run.is_beyond_training();
  result.positions = settings.positions;
  result.kv_dtype = settings.kv_dtype;
  result.budget_tokens = settings.budget_tokens;
  result.ids_sha256 = token_ids_sha256(document.ids);
  result.kv_bytes = result.run.entries_per_step.back() * result.run.bytes_per_entry;
  result.seconds = runs.seconds;
  return result;
}

}  // namespace pressroom
