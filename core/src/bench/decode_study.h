// The speed study: what a decoded token costs under each method at each length of the sequence, and
// what is held then, beside dense.
//
//   DecodeStudyRequest request;
//   request.model = "starter";
//   request.text_file = "novel.txt";
//   request.methods = {h2o, streaming_llm};
//   request.lengths = {256, 1024, 4096};
//   const DecodeStudy study = study_decoding(request, host, control);
//   study.mean_ms(study.runs[1]).mean;             // of a token
//   study.speedup(study.runs[1]);                  // over dense at the same length
//   to_json(study);                                // what --json prints
//   decode_figures(study);                         // bench/decode_figures.h
//
// A run is a prompt of `length` tokens fed at once, and then the tokens of the text one by one,
// each timed from its id to the logits after it; the first few are not counted. The prompt is
// compressed and the tokens behind it are held to the budget, as under `{kind: prefill,
// continuation: hold}`, and the run is held to the invariants of every run. All runs take turns, in
// another order every round, until the mean of each is known as well as was asked.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admission/admitted_run.h"
#include "bench/decode_run.h"
#include "bench/mean_interval.h"
#include "config/config.h"
#include "model/model.h"

namespace pressroom {

// Lengths of prompts where none are asked for, as far as text and model reach.
inline const std::vector<std::int64_t> kUsualLengths = {256, 512, 1024, 2048};

struct DecodeStudyRequest {
  std::string model;
  std::string ids_file;            // a JSON array of token ids; or
  std::string text_file;           // a text, encoded without special tokens
  std::vector<PluginUse> methods;  // dense comes first, asked for or not
  std::vector<std::int64_t> lengths;
  std::vector<std::int64_t> sequences = {1};  // decoded at once, up to kMostFewRows
  std::int64_t warmup_tokens = 8;             // fed after the prompt and not counted
  std::int64_t tokens = 128;                  // measured, of each sequence
  std::int64_t every = 0;                     // tokens of a stretch; 0: no stretches
  std::int64_t budget_tokens = 256;
  std::int64_t most_repeats = 10;
  double precision = 0.02;   // half of the interval of a mean, as a part of it: good enough
  std::uint64_t seed = 0;    // of the order of runs, and of methods that draw random numbers
  std::int64_t threads = 0;  // 0: all cores
  WeightDtype dtype = WeightDtype::kFloat32;
  // In which dense is run as well, to find its fastest. Those that cannot hold the model are left
  // out.
  std::vector<WeightDtype> rival_dtypes;
  KvDtype kv_dtype = KvDtype::kFloat32;  // of caches
  std::optional<Positions> positions;    // of all methods; default: each method's own
  bool beyond_positions = false;         // run although the model was made for fewer positions
  LoadProgress load_progress;

  // Called before each run: the round it is in, how many of the round were made, how many it has.
  std::function<void(std::int64_t round, std::size_t done, std::size_t all, const std::string&)>
      on_run = [](std::int64_t, std::size_t, std::size_t, const std::string&) {};
};

// One method at one length, for so many sequences at once.
struct StudiedRun {
  PluginUse method;
  bool is_dense = false;
  RunTerms terms;  // but for what depends on the machine
  WeightDtype dtype = WeightDtype::kFloat32;
  DecodeShape shape;

  std::int64_t weight_bytes = 0;  // that a step reads
  // One of each round, from the first to that in which its mean was known: repeat i of two runs was
  // measured in the same round.
  std::vector<DecodeRepeat> repeats;
};

struct DecodeStudy {
  std::string model;
  std::int64_t weight_bytes = 0;  // held, in the dtype asked for
  WeightDtype dtype = WeightDtype::kFloat32;
  KvDtype kv_dtype = KvDtype::kFloat32;
  std::string blas;
  std::string ids_sha256;  // of all tokens used
  std::int64_t threads = 0;
  std::vector<std::int64_t> lengths, sequences;
  std::int64_t warmup_tokens = 0, tokens = 0, every = 0, budget_tokens = 0, most_repeats = 0;
  double precision = 0;
  std::uint64_t seed = 0;
  // Bytes a second that all threads read, measured before each round; nothing where there was no
  // memory for it.
  std::vector<std::optional<double>> read_bandwidth;
  // By length and number of sequences: dense in the dtype asked for, the methods in their order,
  // dense in the other dtypes.
  std::vector<StudiedRun> runs;
  // Dtypes that dense could not be run in, and why.
  std::vector<std::pair<WeightDtype, std::string>> left_out;

  // Milliseconds of a token, over repeats: of the mean of each.
  MeanInterval mean_ms(const StudiedRun& run) const;
  // Two repeats that agree know nothing yet.
  bool is_precise(const StudiedRun& run) const {
    return static_cast<std::int64_t>(run.repeats.size()) >= kLeastRepeats &&
           mean_ms(run).is_within(precision);
  }
  // Of all measured tokens of all repeats.
  double quantile_ms(const StudiedRun& run, double fraction) const;
  // Of all sequences together.
  double tokens_per_second(const StudiedRun& run) const;
  // What memory gave, the median of the first `rounds` rounds.
  std::optional<double> bandwidth(std::size_t rounds) const;
  // Weights and what attention reads, once a step, over its mean time; and as a part of what memory
  // gave in the rounds that the run was in.
  double bytes_per_second(const StudiedRun& run) const;
  std::optional<double> bandwidth_share(const StudiedRun& run) const;
  // The baselines, at the run's length and number of sequences: dense with the run's own weights,
  // and dense with the weights by which the run's speed-up is the smallest, which may be the same.
  const StudiedRun& dense(const StudiedRun& run) const;
  const StudiedRun& fastest_dense(const StudiedRun& run) const;
  // Mean time of a baseline over that of the run, of the rounds that both were in: what settles
  // early has not seen how the machine was later. Above 1 where the run is faster.
  double speedup(const StudiedRun& run) const;
  double speedup_over_fastest(const StudiedRun& run) const;
  // Their 95 % intervals: Student's t over the logarithms of the rounds' own ratios. Nothing for
  // one round, and for a run that is its own baseline.
  std::optional<Interval> speedup_interval(const StudiedRun& run) const;
  std::optional<Interval> speedup_interval_over_fastest(const StudiedRun& run) const;
  // Tokens a second over those of one sequence alone, of the rounds that both were in; nothing
  // where that was not run.
  std::optional<double> ratio_to_one_sequence(const StudiedRun& run) const;
};

// The runs that `request` asks for, whose `lengths` are given; nothing has been measured. Throws
// Error for methods, budgets and positions that do not go together.
std::vector<StudiedRun> planned_study(const DecodeStudyRequest& request, PluginHost& host);

// Throws Error for a request that cannot be served, before a model is loaded, and for a run whose
// caches are not what the budget says; Interrupted when `control` asks to stop.
DecodeStudy study_decoding(const DecodeStudyRequest& request, PluginHost& host,
                           const RunControl& control);

// The object that `pressroom bench decode --json` prints (docs/schemas/bench_decode.schema.json).
// The study's own fields have its names: seq_length, kv_cache_size, avg_decode_latency_ms,
// tokens_per_sec.
nlohmann::ordered_json to_json(const DecodeStudy& study);

}  // namespace pressroom
