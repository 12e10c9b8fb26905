// What a dataset reader answers: the documents that it reads, and that it reads them again.
//
//   const ReaderAnswers read = reader_answers(use, starter, host, control);
//   read.answers[0];   // {"id": "a.txt#1", "sha256": "..."}
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "config/config.h"
#include "engine/run.h"
#include "golden/starter_model.h"

namespace pressroom {

inline constexpr std::int64_t kMostGoldenDocuments = 1000;

struct ReaderAnswers {
  // Of each document its id and the SHA-256 of its text - of its token ids where it has those, as
  // token_ids_sha256 (campaign/sampling.h) -, and of tasks where their answers are: "120-124
  // 300-304", in bytes.
  nlohmann::ordered_json answers;
  std::int64_t documents = 0;
  bool ended = false;  // there are no more; else kMostGoldenDocuments of them were read
};

// Reads them twice. Throws Error where the reader cannot be made or read, reads other documents the
// second time, has none, or gives two the same id; Interrupted on request.
ReaderAnswers reader_answers(const PluginUse& use, const StarterModel& starter, PluginHost& host,
                             const RunControl& control);

}  // namespace pressroom
