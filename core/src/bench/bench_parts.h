// What the benches of documents and of decoding have in common.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "admission/admitted_run.h"
#include "config/config.h"
#include "engine/run.h"
#include "model/model_files.h"

namespace pressroom {

// `uses` behind the baseline, whether it is among them or not.
std::vector<PluginUse> with_dense_first(const std::vector<PluginUse>& uses, PluginHost& host);

// Throws Error for a method whose budget holds all of a document: its times would be dense's.
void refuse_budget_of_all(const RunTerms& terms);

// `count` documents of `tokens` tokens, one after another out of `ids`: "document 0", ... Throws
// Error, naming `file`, where there are fewer.
std::vector<TokenDocument> documents_of_text(const std::vector<std::int64_t>& ids,
                                             const std::string& file, std::int64_t tokens,
                                             std::int64_t count);

}  // namespace pressroom
