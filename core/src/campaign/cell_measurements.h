// From what the engine recorded of a cell's windows to what is stored and what metrics are told.
//
//   result.documents.push_back(document_result(window, run));
//   measured.push_back(measurements_of(window, run, model.facts()));   // for collectors
//   result.size_curve = size_curve_of(runs);
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "campaign/sampling.h"
#include "engine/run.h"
#include "pressroom/metric.h"
#include "pressroom/model_facts.h"
#include "results/cell.h"

namespace pressroom {

// What a cell's file says of a document.
DocumentResult document_result(const Window& window, const DocumentRun& run);

// The answers of a window, which are ranges of its tokens, as ranges of its scored `targets`.
std::vector<AnswerTargets> answer_targets(const Window& window,
                                          const std::vector<std::int64_t>& targets);

// The answers of a window in words, forced: what `measured` says of their tokens.
std::vector<AnswerText> answer_texts(const Window& window, const DocumentMeasurements& measured);

// When each entry of the run left, and where the window's spans stand.
EntryLifetimes lifetimes_of(const Window& window, const DocumentRun& run);

// What every metric is told of a document run on a model, and the distributions that the run kept.
DocumentMeasurements measurements_of(const Window& window, const DocumentRun& run,
                                     const ModelFacts& model);

// SHA-256 over the positions held, layer by layer and head by head.
std::string kept_sha256(const std::vector<std::vector<std::vector<std::int64_t>>>& kept);

// How large the caches of a cell were: means over `runs` at up to 64 steps, evenly spaced over the
// longest of them; a run that has ended no longer counts. Empty under the window protocol, whose
// caches hold one window each.
CacheSizeCurve size_curve_of(const std::vector<DocumentRun>& runs);

}  // namespace pressroom
