#include "bench/decode_study.h"

#include <algorithm>
#include <map>
#include <memory>

#include "admission/bind_method.h"
#include "base/process_memory.h"
#include "bench/bench_parts.h"
#include "bench/read_bandwidth.h"
#include "campaign/sampling.h"
#include "campaign/score.h"
#include "engine/threads.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using Models = std::map<WeightDtype, std::unique_ptr<Model>>;

const std::string& text_name(const DecodeStudyRequest& request) {
  return request.ids_file.empty() ? request.text_file : request.ids_file;
}

// Those asked for; else the usual ones that text and model have room for, and in any case the
// first, whose refusal says what is missing.
std::vector<std::int64_t> lengths_of(const DecodeStudyRequest& request, std::int64_t there,
                                     const ModelFacts& facts) {
  if (!request.lengths.empty()) return request.lengths;
  const std::int64_t most_sequences =
      *std::max_element(request.sequences.begin(), request.sequences.end());
  std::vector<std::int64_t> lengths;
  for (const std::int64_t length : kUsualLengths) {
    const std::int64_t tokens = length + request.warmup_tokens + request.tokens;
    const bool fits = tokens * most_sequences <= there &&
                      (tokens <= facts.max_positions || request.beyond_positions);
    if (fits || lengths.empty()) lengths.push_back(length);
  }
  return lengths;
}

// The model in the dtype asked for, and in each of its rivals that can hold it.
Models load_models(const DecodeStudyRequest& request, const ModelFiles& files, DecodeStudy& study) {
  Models models;
  LoadOptions load;
  load.threads = study.threads;
  load.progress = request.load_progress;
  load.dtype = request.dtype;
  models[request.dtype] = Model::load(files, load);
  for (const WeightDtype dtype : request.rival_dtypes) {
    if (models.count(dtype) > 0) continue;
    load.dtype = dtype;
    try {
      models[dtype] = Model::load(files, load);
    } catch (const Error& error) {
      const Problem& problem = error.problems().front();
      study.left_out.emplace_back(dtype, problem.what + ": " + problem.got);
    } catch (const std::exception& error) {
      if (!tells_of_memory(error)) throw;
      study.left_out.emplace_back(dtype, "there is no memory for it");
    }
  }
  return models;
}

// A run, its method and its documents, made again and again.
class StudyRunner {
 public:
  StudyRunner(const DecodeStudyRequest& request, const ModelFiles& files, const Model& model,
              const std::vector<std::int64_t>& ids, PluginHost& host, StudiedRun& run)
      : model_(model),
        method_(make_configured_method(run.method, host)),
        documents_(documents_of_text(ids, text_name(request), run.shape.all_tokens(),
                                     run.shape.sequences)),
        run_(run) {
    bind_method(*method_, run.method.name, files, model.facts());
    run.terms.settings.reading = reconstruction_of(run.terms.settings.plan, files);
    run.weight_bytes = model.weight_bytes_of_step();
  }

  void run_once(const RunControl& control) {
    run_.repeats.push_back(
        decode_once(model_, *method_, run_.terms, run_.shape, documents_, control));
  }

  std::string name() const {
    std::string name = run_.terms.where + ", " + to_string(run_.dtype);
    if (run_.shape.sequences > 1) {
      name += ", " + std::to_string(run_.shape.sequences) + " sequences";
    }
    return name;
  }

 private:
  const Model& model_;
  std::unique_ptr<Method> method_;
  std::vector<TokenDocument> documents_;
  StudiedRun& run_;
};

// In rounds, until every mean is known well enough.
void measure_in_rounds(const DecodeStudyRequest& request, std::vector<StudyRunner>& runners,
                       const RunControl& control, DecodeStudy& study) {
  for (std::int64_t round = 0;; ++round) {
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < study.runs.size(); ++i) {
      std::vector<double> means;
      for (const DecodeRepeat& repeat : study.runs[i].repeats) {
        means.push_back(repeat.seconds_per_token());
      }
      if (!is_settled(means, request.precision, request.most_repeats)) left.push_back(i);
    }
    if (left.empty()) return;
    // As often as there are rounds, so that a slow hour is slow for what is compared with it, too.
    study.read_bandwidth.push_back(measured_read_bandwidth(study.threads));
    const RandomKey order = RandomKey(request.seed).with("order of runs").with(round);
    std::size_t done = 0;
    for (const std::size_t place : shuffled_order(left.size(), order)) {
      StudyRunner& runner = runners[left[place]];
      request.on_run(round + 1, done++, left.size(), runner.name());
      runner.run_once(control);
    }
  }
}

DecodeStudy begun(const DecodeStudyRequest& request) {
  DecodeStudy study;
  study.model = request.model;
  study.dtype = request.dtype;
  study.kv_dtype = request.kv_dtype;
  study.blas = blas_in_use();
  study.threads = threads_or_all(request.threads);
  study.lengths = request.lengths;
  study.sequences = request.sequences;
  study.warmup_tokens = request.warmup_tokens;
  study.tokens = request.tokens;
  study.every = request.every;
  study.budget_tokens = request.budget_tokens;
  study.most_repeats = request.most_repeats;
  study.precision = request.precision;
  study.seed = request.seed;
  return study;
}

}  // namespace

DecodeStudy study_decoding(const DecodeStudyRequest& asked, PluginHost& host,
                           const RunControl& control) {
  DecodeStudyRequest request = asked;
  const ModelFiles files = find_model(request.model);
  const ModelDescription description = read_description(files);
  const std::vector<std::int64_t> ids = read_ids(request.ids_file, request.text_file, files);
  request.lengths = lengths_of(request, static_cast<std::int64_t>(ids.size()), description.facts);
  DecodeStudy study = begun(request);
  study.runs = planned_study(request, host);
  std::int64_t used = 0;
  for (const StudiedRun& run : study.runs) {
    const std::int64_t tokens = run.shape.all_tokens();
    check_context(description, tokens);
    check_limits(run.terms, {description.facts, request.beyond_positions, "--beyond-positions"});
    for (const TokenDocument& document :
         documents_of_text(ids, text_name(request), tokens, run.shape.sequences)) {
      check_ids(document, description.facts.vocabulary, run.terms.settings.protocol);
    }
    used = std::max(used, tokens * run.shape.sequences);
  }
  study.ids_sha256 = token_ids_sha256({ids.begin(), ids.begin() + used});

  const Models models = load_models(request, files, study);
  study.weight_bytes = models.at(request.dtype)->weight_bytes();
  const auto has_no_model = [&](const StudiedRun& run) { return models.count(run.dtype) == 0; };
  study.runs.erase(std::remove_if(study.runs.begin(), study.runs.end(), has_no_model),
                   study.runs.end());
  std::vector<StudyRunner> runners;
  for (StudiedRun& run : study.runs) {
    runners.emplace_back(request, files, *models.at(run.dtype), ids, host, run);
  }
  measure_in_rounds(request, runners, control, study);
  return study;
}

}  // namespace pressroom
