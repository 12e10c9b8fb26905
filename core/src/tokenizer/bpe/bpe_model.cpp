#include "tokenizer/bpe/bpe_model.h"

#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "tokenizer/components/component.h"

namespace pressroom {
namespace {

using nlohmann::json;
using Ids = std::unordered_map<std::string, std::int32_t>;

Ids read_vocabulary(const json& vocab, const std::string& where) {
  Ids ids;
  ids.reserve(vocab.size());
  for (const auto& [token, id] : vocab.items()) {
    ids.emplace(token, static_cast<std::int32_t>(token_id(id, where + ".vocab")));
  }
  return ids;
}

std::pair<std::string, std::string> read_pair(const json& merge, const std::string& where) {
  const bool pair = merge.is_array() && merge.size() == 2;
  if (pair && merge[0].is_string() && merge[1].is_string()) {
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  }
  if (merge.is_string()) {
    const std::string& text = merge.get_ref<const std::string&>();
    const std::size_t space = text.find(' ');
    // With a second space, text does not say where the left token ends; a list does.
    const bool two = space != std::string::npos && text.find(' ', space + 1) == std::string::npos;
    if (two) return {text.substr(0, space), text.substr(space + 1)};
  }
  refuse_option(where, "merges", merge, R"("left right" or ["left", "right"])");
}

// The head of a merges.txt that was taken over line by line. The reference drops every such line,
// and only where merges are spelled as text.
bool is_version_line(const json& merge) {
  return merge.is_string() && merge.get_ref<const std::string&>().rfind("#version", 0) == 0;
}

std::vector<BpeMerge> read_merges(const json& merges, const Ids& ids, const std::string& where) {
  std::vector<BpeMerge> result;
  std::size_t index = 0;
  for (const json& merge : merges) {
    const std::string place = where + ".merges[" + std::to_string(index++) + "]";
    if (is_version_line(merge)) continue;
    const auto [left, right] = read_pair(merge, place);
    const auto id = [&ids, &place](const std::string& token) {
      const auto found = ids.find(token);
      if (found != ids.end()) return found->second;
      throw Error({"a merge needs a token that the vocabulary does not have", place,
                   "both parts of the merge, and the two joined, in vocab", json_quoted(token),
                   kGetAnother});
    };
    const auto rank = static_cast<std::uint32_t>(result.size());
    result.push_back({id(left), id(right), id(left + right), rank});
  }
  return result;
}

void refuse_unknown_options(const json& component, const std::string& where) {
  const std::string type = component.contains("type") ? component_type(component, where) : "BPE";
  if (type != "BPE") refuse_component(where, "model", type, {"BPE"});
  const json& dropout = member(component, "dropout");
  if (!dropout.is_null() && dropout != 0) refuse_option(where, "dropout", dropout, "null or 0");
  for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const json& value = member(component, affix);
    if (!value.is_null() && value != "") refuse_option(where, affix, value, "null or \"\"");
  }
}

}  // namespace

BpeDefinition BpeDefinition::from_json(const json& component, const std::string& where) {
  refuse_unknown_options(component, where);
  BpeDefinition result;
  result.where = where;
  result.ids = read_vocabulary(required_object(component, "vocab", where), where);
  result.merges = read_merges(required_list(component, "merges", where), result.ids, where);
  result.fuse_unknown = flag(component, "fuse_unk", false, where);
  result.byte_fallback = flag(component, "byte_fallback", false, where);
  result.ignore_merges = flag(component, "ignore_merges", false, where);
  const json& unknown = member(component, "unk_token");
  if (unknown.is_null()) return result;
  const auto found = result.ids.find(required_text(component, "unk_token", where));
  if (found == result.ids.end()) {
    refuse_option(where, "unk_token", unknown, "null or a token of vocab");
  }
  result.unknown = found->second;
  return result;
}

std::vector<std::optional<std::string>> BpeDefinition::tokens() const {
  std::vector<std::optional<std::string>> result;
  for (const auto& [token, id] : ids) {
    if (static_cast<std::size_t>(id) >= result.size()) result.resize(id + 1);
    if (result[id]) {
      throw Error({"two tokens have one id", where + ".vocab", "an id for each token",
                   std::to_string(id) + " for " + json_quoted(token) + " and another",
                   kGetAnother});
    }
    result[id] = token;
  }
  return result;
}

std::optional<unsigned char> byte_of_fallback_token(const std::string& token) {
  constexpr char kDigits[] = "0123456789ABCDEF0123456789abcdef";
  const std::string_view digits(kDigits);
  if (token.size() != 6 || token.compare(0, 3, "<0x") != 0 || token[5] != '>') return std::nullopt;
  const std::size_t high = digits.find(token[3]);
  const std::size_t low = digits.find(token[4]);
  if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned char>((high % 16) * 16 + low % 16);
}

}  // namespace pressroom
