#include <nlohmann/json.hpp>

#include "base/number_text.h"
#include "bench/decode_study.h"
#include "bench/timing.h"

namespace pressroom {
namespace {

using StudyJson = nlohmann::ordered_json;

StudyJson config_json(const DecodeStudy& study) {
  StudyJson config = {{"model", study.model},
                      {"dtype", to_string(study.dtype)},
                      {"kv_dtype", to_string(study.kv_dtype)},
                      {"seq_lengths", study.lengths},
                      {"sequences", study.sequences},
                      {"num_warmup_tokens", study.warmup_tokens},
                      {"num_decode_tokens", study.tokens},
                      {"budget_tokens", study.budget_tokens},
                      {"precision", study.precision},
                      {"most_runs", study.most_repeats},
                      {"seed", study.seed},
                      {"threads", study.threads}};
  config["every"] = study.every > 0 ? StudyJson(study.every) : StudyJson(nullptr);
  return config;
}

StudyJson sizes_json(const SequenceSizes& held) {
  return {{"kv_cache_size", held.most_entries},
          {"kv_entries", held.entries},
          {"kv_bytes", held.bytes},
          {"kv_allocated_bytes", held.allocated_bytes}};
}

// Means over the repeats, of a stretch that all of them have.
StudyJson stretches_json(const StudiedRun& run) {
  StudyJson all = StudyJson::array();
  for (std::size_t i = 0; i < run.repeats.front().stretches.size(); ++i) {
    double seconds = 0;
    for (const DecodeRepeat& repeat : run.repeats) seconds += repeat.stretches[i].seconds_per_token;
    const DecodeStretch& last = run.repeats.back().stretches[i];
    StudyJson stretch = {
        {"tokens", last.last_token},
        {"avg_decode_latency_ms", 1e3 * seconds / static_cast<double>(run.repeats.size())}};
    stretch.update(sizes_json(last.held));
    stretch["process_bytes"] = json_count(last.process_bytes);
    all.push_back(std::move(stretch));
  }
  return all;
}

StudyJson interval_json(const std::optional<Interval>& interval) {
  if (!interval) return nullptr;
  return {interval->low, interval->high};
}

StudyJson speed_json(const DecodeStudy& study, const StudiedRun& run) {
  const MeanInterval mean = study.mean_ms(run);
  StudyJson json = {{"avg_decode_latency_ms", mean.mean},
                    {"ci95_decode_latency_ms", interval_json(mean.ci95)},
                    {"std_decode_latency_ms", json_number(mean.sd)},
                    {"p50_decode_latency_ms", study.quantile_ms(run, 0.5)},
                    {"p95_decode_latency_ms", study.quantile_ms(run, 0.95)},
                    {"num_runs", run.repeats.size()},
                    {"is_precise", study.is_precise(run)},
                    {"tokens_per_sec", study.tokens_per_second(run)}};
  std::vector<double> prefills;
  for (const DecodeRepeat& repeat : run.repeats) prefills.push_back(repeat.prefill_seconds);
  json["prefill_seconds"] = spread_of(prefills).median;
  return json;
}

StudyJson studied_run_json(const DecodeStudy& study, const StudiedRun& run) {
  const DecodeRepeat& last = run.repeats.back();
  StudyJson json = {{"mode", run.is_dense ? "baseline" : run.method.label},
                    {"method", run.method.text()},
                    {"positions", to_string(run.terms.settings.positions)},
                    {"dtype", to_string(run.dtype)},
                    {"kv_dtype", to_string(run.terms.settings.kv_dtype)},
                    {"seq_length", run.shape.length},
                    {"sequences", run.shape.sequences}};
  json.update(speed_json(study, run));
  json.update(sizes_json(last.held));
  json.update(
      {{"evicted_entries", last.held.evicted},
       {"weight_bytes_per_step", run.weight_bytes},
       {"kv_bytes_per_step", last.kv_bytes_per_step},
       {"gigabytes_per_second", study.bytes_per_second(run) / 1e9},
       {"bandwidth_share", json_number(study.bandwidth_share(run))},
       {"speedup", study.speedup(run)},
       {"ci95_speedup", interval_json(study.speedup_interval(run))},
       {"speedup_over_fastest_dense", study.speedup_over_fastest(run)},
       {"ci95_speedup_over_fastest_dense", interval_json(study.speedup_interval_over_fastest(run))},
       {"fastest_dense_dtype", to_string(study.fastest_dense(run).dtype)},
       {"ratio_to_one_sequence", json_number(study.ratio_to_one_sequence(run))},
       {"mean_nll", last.mean_nll}});
  if (study.every > 0) json["stretches"] = stretches_json(run);
  return json;
}

}  // namespace

nlohmann::ordered_json to_json(const DecodeStudy& study) {
  StudyJson json = {{"schema", "pressroom.bench_decode/1"},
                    {"config", config_json(study)},
                    {"blas", study.blas},
                    {"ids_sha256", study.ids_sha256},
                    {"weight_bytes", study.weight_bytes},
                    {"read_gigabytes_per_second", nullptr},
                    {"results", StudyJson::array()},
                    {"left_out", StudyJson::array()}};
  if (const auto bandwidth = study.bandwidth(study.read_bandwidth.size())) {
    json["read_gigabytes_per_second"] = *bandwidth / 1e9;
  }
  for (const StudiedRun& run : study.runs) json["results"].push_back(studied_run_json(study, run));
  for (const auto& [dtype, why] : study.left_out) {
    json["left_out"].push_back({{"dtype", to_string(dtype)}, {"why", why}});
  }
  return json;
}

}  // namespace pressroom
