// The caches of a growing sequence as a safetensors file, and a sequence that goes on from it.
//
//   save_sequence(sequence, origin, "long_prompt.safetensors");
//
//   const SavedCacheFacts facts = saved_cache_facts("long_prompt.safetensors");
//   Sequence again(model, method, settings, "prompt", facts.tokens + 200);
//   load_sequence(again, origin, "long_prompt.safetensors");
//   again.feed(id_of(again.logits()));       // what `sequence` would give next, bit for bit
//
// The file has one tensor for each array of Sequence::stored(), with the heads of a layer one after
// another, and as metadata what it was made from. docs/saved-caches.md says it tensor by tensor.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/sequence.h"
#include "saved_cache/origin.h"

namespace pressroom {

// How much a file holds.
struct SavedCacheFacts {
  std::int64_t tokens = 0;         // fed so far
  std::int64_t prompt_tokens = 0;  // those of them that were the prompt
};

// Writes all or nothing. Memory for the whole file is taken meanwhile. Throws Error where the file
// cannot be written.
void save_sequence(const Sequence& sequence, const SavedSequenceOrigin& origin,
                   const std::filesystem::path& file);

// Of `file`, before there is a sequence with room for it. Throws Error for what is no saved cache,
// or one of another version of the format.
SavedCacheFacts saved_cache_facts(const std::filesystem::path& file);

// Takes up what `file` holds, in place of Sequence::prefill(). Throws Error, and leaves `sequence`
// as it was: for what is no saved cache, or one of another version of the format; for one that was
// made from something else, naming what; for a damaged file; and for what Sequence::restore
// refuses.
void load_sequence(Sequence& sequence, const SavedSequenceOrigin& origin,
                   const std::filesystem::path& file);

}  // namespace pressroom
