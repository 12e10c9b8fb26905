// What `pressroom generate` shows: the text as it comes, and what it took.
#pragma once

#include <cstdint>
#include <ostream>

#include "generate/generation.h"

namespace pressroom {

// Runs `generation` with its text, or its token ids as a JSON array, on standard output as they
// come. Ends early, without a word, when the reader goes away: `reader_is_gone` tells.
GenerationResult generate_streamed(const Generation& generation, bool shows_ids,
                                   bool& reader_is_gone);

// A few lines for people, of a generation of `tokens` tokens.
void print_stats(const GenerationStats& stats, std::int64_t tokens, std::ostream& out);

}  // namespace pressroom
