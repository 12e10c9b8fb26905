#include "tokenizer/added_tokens.h"

#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "tokenizer/component.h"
#include "tokenizer/utf8.h"

namespace pressroom {

using nlohmann::json;

AddedTokens AddedTokens::from_json(const json& array, const Normalizer& normalizer,
                                   const std::string& where) {
  std::vector<AddedToken> tokens;
  for (const json& entry : array) {
    const std::string place = where + "[" + std::to_string(tokens.size()) + "]";
    AddedToken token;
    token.id = token_id(entry.at("id"), place);
    token.content = entry.at("content").get<std::string>();
    token.lstrip = flag(entry, "lstrip", false);
    token.rstrip = flag(entry, "rstrip", false);
    token.normalized = flag(entry, "normalized", !flag(entry, "special", false));
    if (token.content.empty()) refuse_option(place, "content", token.content, "a non-empty string");
    if (flag(entry, "single_word", false)) refuse_option(place, "single_word", true, "false");
    tokens.push_back(std::move(token));
  }
  return AddedTokens(std::move(tokens), normalizer);
}

AddedTokens::AddedTokens(std::vector<AddedToken> tokens, const Normalizer& normalizer)
    : tokens_(std::move(tokens)) {
  Normalizer::Work work;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const AddedToken& token = tokens_[i];
    const auto value = static_cast<std::int32_t>(i);
    if (token.normalized) {
      normalized_.add(normalizer.apply(token.content, work), value);
    } else {
      raw_.add(token.content, value);
    }
  }
}

void AddedTokens::split_raw(std::string_view text, std::vector<Piece>& pieces) const {
  split(raw_, text, pieces);
}

void AddedTokens::split_normalized(std::string_view text, std::vector<Piece>& pieces) const {
  split(normalized_, text, pieces);
}

void AddedTokens::split(const TokenTrie& round, std::string_view text,
                        std::vector<Piece>& pieces) const {
  pieces.clear();
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size();) {
    const TokenTrie::Match match = round.longest(text.substr(at));
    if (match.value == TokenTrie::kNone) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[match.value];
    std::size_t begin = at;
    std::size_t end = at + match.length;
    at = end;  // a token may begin in the white space that this one takes: the reference finds it
    if (token.lstrip && begin > done)
      begin -= trailing_white_space(text.substr(done, begin - done));
    if (token.rstrip) end += leading_white_space(text.substr(end));
    if (begin > done) pieces.push_back({kText, text.substr(done, begin - done)});
    pieces.push_back({token.id, text.substr(begin, end - begin)});
    done = end;
  }
  if (done < text.size()) pieces.push_back({kText, text.substr(done)});
}

}  // namespace pressroom
