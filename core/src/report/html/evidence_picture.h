// The picture of one lost needle: which layers and KV heads still held an answer's evidence when it
// was asked for.
//
//   if (answer.answer.held.entries > 0) markup += evidence_picture(answer, campaign.directory);
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "report/html/shown_answers.h"

namespace pressroom {

// Numbers that the picture of `held` has.
std::size_t heads_of(const HeldEntries& held);

// <details> with a table of shares, a row a layer, a column a KV head; which heads held nothing,
// and, where the document has a trace, the command that shows what the emptiest head held.
// `directory` is the campaign's.
std::string evidence_picture(const ShownAnswer& answer, const std::filesystem::path& directory);

}  // namespace pressroom
