// Text to token ids and back, from a Hugging Face tokenizer.json.
//
//   auto tokenizer = Tokenizer::load("models/starter/tokenizer.json");
//   std::vector<std::int64_t> ids = tokenizer->encode("In the beginning", Special::kNone);
//
// Byte-level BPE (GPT-2 and its descendants) is what exists now; the split pattern, the added
// tokens and the template of special tokens are read from the file. Any component of a
// tokenizer.json that is not understood is an Error that names it - never a silent approximation.
//
// What a letter, a number or a space is comes from the Unicode tables of the installed PCRE2
// (Unicode 14 in Debian 12); characters younger than those tables may be split differently from
// the library that wrote the file, but always decode to themselves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

enum class Special { kNone, kAdd };

class Tokenizer {
 public:
  virtual ~Tokenizer();

  // Reads `file`. Throws Error when it is missing, torn, or uses an unknown component.
  static std::unique_ptr<Tokenizer> load(const std::filesystem::path& file);

  // Ids of `text`. With Special::kAdd the file's post-processing template (BOS and the like) is
  // applied; with either, an added token spelled out in the text becomes its id.
  //
  // Text that is not valid UTF-8 is cut into its longest valid runs and the stray bytes between
  // them: every run is encoded as a text of its own, every stray byte as the one token of that
  // byte, so decode(encode(text)) gives back `text` for any bytes - unless the file itself adds
  // (add_prefix_space), trims (an added token with lstrip or rstrip) or has an unk_token to
  // stand for bytes it cannot spell. Throws Error for such a byte where there is no unk_token.
  //
  // Linear in the length of the text up to a logarithm; safe to call from several threads.
  virtual std::vector<std::int64_t> encode(std::string_view text, Special special) const = 0;

  // The text of `ids`, the token_bytes of each in order; a cut multi-byte character stays cut.
  // Throws Error for an id outside the vocabulary.
  virtual std::string decode(const std::vector<std::int64_t>& ids) const = 0;

  // The raw bytes that token `id` stands for: " the" for GPT-2's 262, one byte that is no UTF-8
  // by itself for many others; for an added token its content. What bits per byte counts.
  // Throws Error for an id outside the vocabulary, or in a gap of it.
  virtual std::string token_bytes(std::int64_t id) const = 0;

  // Number of ids, added tokens included (largest id + 1).
  virtual std::int64_t vocabulary_size() const = 0;
};

}  // namespace pressroom
