#include "tokenizer/bpe/decoder.h"

#include <nlohmann/json.hpp>
#include <numeric>

#include "base/utf8.h"
#include "tokenizer/bpe/bpe_model.h"
#include "tokenizer/bpe/byte_level_bpe.h"
#include "tokenizer/components/component.h"

namespace pressroom {
namespace {

using nlohmann::json;
using Tokens = std::vector<std::string>;

std::string joined(const Tokens& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += token;
  return text;
}

// Each run of byte tokens becomes one token: the bytes.
Tokens with_bytes(const Tokens& tokens) {
  Tokens result;
  bool in_run = false;
  for (const std::string& token : tokens) {
    const auto byte = byte_of_fallback_token(token);
    if (!byte || !in_run) result.emplace_back();
    if (byte) {
      result.back() += static_cast<char>(*byte);
    } else {
      result.back() = token;
    }
    in_run = byte.has_value();
  }
  return result;
}

void replace(const Replacement& replacement, std::string& token) {
  std::string result;
  replacement.apply(token, result);
  token.swap(result);
}

void unmark_spaces(const Metaspace& metaspace, bool first, std::string& token) {
  const bool drop = first && metaspace.prepend != Metaspace::Prepend::kNever;
  std::string result;
  replace_all(token, metaspace.replacement, drop ? "" : " ", result);
  token.swap(result);
}

std::size_t count(const json& value, const std::string& where, const char* option) {
  if (!value.is_number_unsigned()) refuse_option(where, option, value, "a whole number");
  return value.get<std::size_t>();
}

}  // namespace

TokenDecoder TokenDecoder::from_json(const json& component, const std::string& where) {
  TokenDecoder result;
  if (component_type(component, where) == "ByteLevel") {
    result.byte_level_ = true;
  } else {
    result.add(component, where);
  }
  return result;
}

void TokenDecoder::add(const json& component, const std::string& where) {
  const std::string type = component_type(component, where);
  if (type == "Replace") {
    steps_.emplace_back(Replacement::from_json(component, where));
  } else if (type == "ByteFallback") {
    steps_.emplace_back(ByteFallback{});
  } else if (type == "Fuse") {
    steps_.emplace_back(Fuse{});
  } else if (type == "Metaspace") {
    steps_.emplace_back(Metaspace::from_json(component, where));
  } else if (type == "Strip") {
    const std::string& content = required_text(component, "content", where);
    if (content.empty() || character_length(content) != content.size()) {
      refuse_option(where, "content", content, "one character");
    }
    steps_.emplace_back(Strip{content, count(member(component, "start"), where, "start"),
                              count(member(component, "stop"), where, "stop")});
  } else if (type == "Sequence") {
    std::size_t i = 0;
    for (const json& part : required_list(component, "decoders", where)) {
      add(part, where + ".decoders[" + std::to_string(i++) + "]");
    }
  } else {
    refuse_component(
        where, "decoder", type,
        {"ByteFallback", "ByteLevel (alone)", "Fuse", "Metaspace", "Replace", "Sequence", "Strip"});
  }
}

std::string TokenDecoder::decode(Tokens tokens) const {
  if (byte_level_) {
    for (std::string& token : tokens) token = bytes_of(token);
  }
  for (const Step& step : steps_) {
    if (std::holds_alternative<ByteFallback>(step)) {
      tokens = with_bytes(tokens);
    } else if (std::holds_alternative<Fuse>(step)) {
      tokens = {joined(tokens)};
    } else {
      bool first = true;
      for (std::string& token : tokens) {
        if (const auto* replacement = std::get_if<Replacement>(&step)) replace(*replacement, token);
        if (const auto* ends = std::get_if<Strip>(&step)) strip(*ends, token);
        if (const auto* spaces = std::get_if<Metaspace>(&step))
          unmark_spaces(*spaces, first, token);
        first = false;
      }
    }
  }
  return joined(tokens);
}

std::string TokenDecoder::bytes_of(const std::string& token) const {
  if (byte_level_) return bytes_spelled_by(token).value_or(token);
  Tokens one{token};
  for (const Step& step : steps_) {
    if (std::holds_alternative<ByteFallback>(step)) one = with_bytes(one);
    if (const auto* replacement = std::get_if<Replacement>(&step)) replace(*replacement, one[0]);
    if (const auto* spaces = std::get_if<Metaspace>(&step)) unmark_spaces(*spaces, false, one[0]);
  }
  return one[0];
}

void TokenDecoder::strip(const Strip& step, std::string& token) {
  const std::string& mark = step.content;
  for (std::size_t i = 0; i < step.start && token.compare(0, mark.size(), mark) == 0; ++i) {
    token.erase(0, mark.size());
  }
  for (std::size_t i = 0; i < step.stop && token.size() >= mark.size(); ++i) {
    const std::size_t last = token.size() - mark.size();
    if (token.compare(last, mark.size(), mark) != 0) break;
    token.erase(last);
  }
}

}  // namespace pressroom
