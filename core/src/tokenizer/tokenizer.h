// Text to token ids and back, from a Hugging Face tokenizer.json or a GGUF file.
//
//   auto tokenizer = Tokenizer::load("models/starter/tokenizer.json");
//   std::vector<std::int64_t> ids = tokenizer->encode("In the beginning", Special::kNone);
//
// All BPE is understood: byte-level (GPT-2 and its descendants) and SentencePiece-style (Llama 2,
// Mistral). Ids are those of the `tokenizers` library, whatever the text. A component that is not
// understood is an Error that names it - never a silent approximation. docs/tokenizers.md has the
// lists.
//
// What a letter or a number is comes from the Unicode tables of the installed PCRE2 (Unicode 14 in
// Debian 12) with what Unicode 15 and 16 added; other classes in a split pattern (\p{Lu}, \p{M})
// know what PCRE2 knows.
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

  // Reads `file`: GGUF when it is called .gguf or begins so, a tokenizer.json otherwise. Throws
  // Error when it is missing, torn, or uses an unknown component.
  static std::unique_ptr<Tokenizer> load(const std::filesystem::path& file);

  // Ids of `text`. With Special::kAdd the file's post-processing template (BOS and the like) is
  // applied; with either, an added token spelled out in the text becomes its id.
  //
  // Text that is not valid UTF-8, which the reference cannot take at all, is cut into its longest
  // valid runs and the stray bytes between them, and each stray byte becomes the one token of that
  // byte. Byte-level, every run is split into words on its own; SentencePiece-style, a stray byte
  // is one more character that is no token. So decode(encode(text)) gives back `text` for any bytes
  // unless the file itself normalizes (NFC; a "\u2581" in the text is a space to SentencePiece),
  // adds (add_prefix_space), trims (an added token with lstrip or rstrip) or has an unk_token to
  // stand for what it cannot spell.
  //
  // Throws Error for what the vocabulary cannot spell where there is no unk_token; the reference
  // would leave it out without a word. Of the published vocabularies GPT-NeoX's lacks bytes: the 13
  // that occur in no UTF-8.
  //
  // Linear in the length of the text up to a logarithm; safe to call from several threads.
  virtual std::vector<std::int64_t> encode(std::string_view text, Special special) const = 0;

  // The text of `ids`, special tokens included, as the reference's decode gives it; but bytes that
  // are no UTF-8 (of a cut character, say) stay what they are instead of becoming U+FFFD. For
  // byte-level files that is the token_bytes of each in order; for SentencePiece-style ones less
  // the space that encode puts before a text. Throws Error for an id outside the vocabulary.
  virtual std::string decode(const std::vector<std::int64_t>& ids) const = 0;

  // The raw bytes that token `id` stands for in the middle of a text: " the" for GPT-2's 262 and
  // for SentencePiece's "\u2581the", "\n" for its "<0x0A>", one byte that is no UTF-8 by itself for
  // many others; for an added token its content. What bits per byte counts. Throws Error for an id
  // outside the vocabulary, or in a gap of it.
  virtual std::string token_bytes(std::int64_t id) const = 0;

  // Number of ids, added tokens included (largest id + 1).
  virtual std::int64_t vocabulary_size() const = 0;

  // Number of ids without the added tokens behind them, which a model may not know.
  virtual std::int64_t base_vocabulary_size() const { return vocabulary_size(); }
};

}  // namespace pressroom
