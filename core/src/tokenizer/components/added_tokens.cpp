#include "tokenizer/components/added_tokens.h"

#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <unordered_set>

#include "base/utf8.h"
#include "pressroom/error.h"
#include "tokenizer/components/component.h"

namespace pressroom {

std::int32_t TokenTrie::child(std::int32_t node, unsigned char byte) const {
  for (const auto& [label, next] : nodes_[node].next) {
    if (label == byte) return next;
  }
  return kNone;
}

void TokenTrie::add(std::string_view key, std::int32_t value) {
  std::int32_t node = kNone;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto byte = static_cast<unsigned char>(key[i]);
    std::int32_t next = i == 0 ? first_[byte] : child(node, byte);
    if (next == kNone) {
      next = static_cast<std::int32_t>(nodes_.size());
      nodes_.emplace_back();
      if (i == 0) {
        first_[byte] = next;
      } else {
        nodes_[node].next.emplace_back(byte, next);
      }
    }
    node = next;
  }
  if (nodes_[node].value == kNone) nodes_[node].value = value;
}

TokenTrie::Match TokenTrie::longest(std::string_view text) const {
  Match best{kNone, 0};
  std::int32_t node = first_[static_cast<unsigned char>(text[0])];
  for (std::size_t i = 1; node != kNone; ++i) {
    if (nodes_[node].value != kNone) best = {nodes_[node].value, i};
    if (i == text.size()) break;
    node = child(node, static_cast<unsigned char>(text[i]));
  }
  return best;
}

namespace {

using nlohmann::json;
using Vocabulary = std::unordered_map<std::string, std::int32_t>;

AddedToken read_token(const json& entry, const std::string& where) {
  AddedToken token;
  token.id = token_id(required(entry, "id", where), where);
  token.content = required_text(entry, "content", where);
  token.lstrip = flag(entry, "lstrip", false, where);
  token.rstrip = flag(entry, "rstrip", false, where);
  token.special = flag(entry, "special", false, where);
  token.normalized = flag(entry, "normalized", !token.special, where);
  if (token.content.empty()) refuse_option(where, "content", token.content, "a non-empty string");
  if (flag(entry, "single_word", false, where)) {
    refuse_option(where, "single_word", true, "false");
  }
  return token;
}

void number(std::vector<AddedToken>& listed, const Vocabulary& vocabulary) {
  // By content, whatever id the file gives: what the vocabulary has keeps its id there, the rest
  // are counted on from its size.
  Vocabulary fresh;
  for (AddedToken& token : listed) {
    const auto known = vocabulary.find(token.content);
    if (known != vocabulary.end()) {
      token.id = known->second;
      token.own_bytes = false;
    } else {
      const std::size_t next = vocabulary.size() + fresh.size();
      token.id = fresh.emplace(token.content, static_cast<std::int32_t>(next)).first->second;
    }
  }
}

// What the reference makes of a list in which a content may stand several times: of those that are
// special somewhere it looks for the first special one, of the others for each; and white space is
// taken as the last one says that is not a repetition in all.
std::vector<AddedToken> as_looked_for(const std::vector<AddedToken>& listed) {
  std::set<std::tuple<std::string, bool, bool, bool, bool>> seen;
  std::unordered_map<std::string, const AddedToken*> last;
  std::unordered_set<std::string> special;
  std::vector<AddedToken> result;
  for (const AddedToken& token : listed) {
    if (token.special && special.insert(token.content).second) result.push_back(token);
  }
  for (const AddedToken& token : listed) {
    const bool repeated =
        !seen.emplace(token.content, token.lstrip, token.rstrip, token.normalized, token.special)
             .second;
    if (repeated) continue;
    last[token.content] = &token;
    if (special.count(token.content) == 0) result.push_back(token);
  }
  for (AddedToken& token : result) {
    token.lstrip = last[token.content]->lstrip;
    token.rstrip = last[token.content]->rstrip;
  }
  return result;
}

}  // namespace

AddedTokens AddedTokens::from_json(const json& array, const Vocabulary& vocabulary,
                                   const Normalizer& normalizer, const std::string& where) {
  if (!array.is_null() && !array.is_array()) {
    refuse_option(where, "added_tokens", array, "a list");
  }
  std::vector<AddedToken> tokens;
  Normalizer::Work work;
  for (const json& entry : array) {
    const std::string place = where + "[" + std::to_string(tokens.size()) + "]";
    tokens.push_back(read_token(entry, place));
    const AddedToken& token = tokens.back();
    if (token.normalized && normalizer.apply(token.content, work).empty()) {
      refuse_option(place, "content", token.content, "a string that the normalizer leaves some of");
    }
  }
  number(tokens, vocabulary);
  return AddedTokens(as_looked_for(tokens), normalizer);
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
    // `done` may lie behind `begin`: in white space that the token before has taken.
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
