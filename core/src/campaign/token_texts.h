// The tokens of a window as text, for whoever draws what became of them: eviction traces name
// entries by position alone.
//
//   tokens/<ids_sha256>.json   {"document", "ids_sha256", "tokens": ["It", " is", " a", ...]}
#pragma once

#include <string>

#include "campaign/directory.h"
#include "campaign/sampling.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

// Writes the file of `window` into `directory` unless it is there. Bytes that are not UTF-8 by
// themselves, as of a character that two tokens share, become U+FFFD.
void store_token_texts(const Window& window, const Tokenizer& tokenizer,
                       const CampaignDirectory& directory);

}  // namespace pressroom
