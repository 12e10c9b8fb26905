#include "tokenizer/added_tokens.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "tokenizer/component.h"
#include "tokenizer/utf8.h"

namespace pressroom {

using nlohmann::json;

AddedTokens AddedTokens::from_json(const json& array, const std::string& where) {
  AddedTokens result;
  for (const json& entry : array) {
    const std::string place = where + "[" + std::to_string(result.tokens_.size()) + "]";
    AddedToken token;
    token.id = token_id(entry.at("id"), place);
    token.content = entry.at("content").get<std::string>();
    token.lstrip = flag(entry, "lstrip", false);
    token.rstrip = flag(entry, "rstrip", false);
    token.normalized = flag(entry, "normalized", !flag(entry, "special", false));
    if (token.content.empty()) refuse_option(place, "content", token.content, "a non-empty string");
    if (flag(entry, "single_word", false)) refuse_option(place, "single_word", true, "false");
    result.tokens_.push_back(std::move(token));
  }
  result.index(result.first_, false);
  result.index(result.second_, true);
  return result;
}

void AddedTokens::index(Round& round, bool normalized) const {
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].normalized != normalized) continue;
    round[static_cast<unsigned char>(tokens_[i].content.front())].push_back(i);
  }
  for (std::vector<std::size_t>& bucket : round) {
    std::stable_sort(bucket.begin(), bucket.end(), [this](std::size_t a, std::size_t b) {
      return tokens_[a].content.size() > tokens_[b].content.size();
    });
  }
}

const AddedToken* AddedTokens::match(const Round& round, std::string_view text) const {
  for (const std::size_t i : round[static_cast<unsigned char>(text.front())]) {
    const std::string& content = tokens_[i].content;
    if (text.substr(0, content.size()) == content) return &tokens_[i];
  }
  return nullptr;
}

std::vector<AddedTokens::Piece> AddedTokens::split(std::string_view text) const {
  std::vector<Piece> first;
  split(first_, text, first);
  std::vector<Piece> pieces;
  for (const Piece& piece : first) {
    if (piece.id == kText) {
      split(second_, piece.text, pieces);
    } else {
      pieces.push_back(piece);
    }
  }
  return pieces;
}

void AddedTokens::split(const Round& round, std::string_view text,
                        std::vector<Piece>& pieces) const {
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size();) {
    const AddedToken* token = match(round, text.substr(at));
    if (token == nullptr) {
      ++at;
      continue;
    }
    std::size_t begin = at;
    std::size_t end = at + token->content.size();
    if (token->lstrip) begin -= trailing_white_space(text.substr(done, at - done));
    if (token->rstrip) end += leading_white_space(text.substr(end));
    if (begin > done) pieces.push_back({kText, text.substr(done, begin - done)});
    pieces.push_back({token->id, text.substr(begin, end - begin)});
    done = at = end;
  }
  if (done < text.size()) pieces.push_back({kText, text.substr(done)});
}

}  // namespace pressroom
