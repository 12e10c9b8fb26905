#define PCRE2_CODE_UNIT_WIDTH 8
#include "tokenizer/components/split_pattern.h"

#include <pcre2.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "pressroom/error.h"
#include "tokenizer/components/component.h"
#include "tokenizer/components/split_syntax.h"

namespace pressroom {
namespace {

struct Free {
  void operator()(pcre2_code* p) const { pcre2_code_free(p); }
  void operator()(pcre2_compile_context* p) const { pcre2_compile_context_free(p); }
  void operator()(pcre2_match_context* p) const { pcre2_match_context_free(p); }
  void operator()(pcre2_match_data* p) const { pcre2_match_data_free(p); }
};

template <class T>
using Owned = std::unique_ptr<T, Free>;

std::string message_of(int code) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(code, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

// PCRE2's own limit is a constant; trying `\s*[\r\n]+` on a long run of spaces is linear in it.
std::uint32_t match_limit(std::size_t text_bytes) {
  constexpr std::size_t kLeast = 10'000'000;
  constexpr std::size_t kStepsPerByte = 16;
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(kLeast + kStepsPerByte * text_bytes, UINT32_MAX));
}

Owned<pcre2_code> compile(const std::string& pattern, bool young, const std::string& where) {
  const std::string translated = to_pcre2_syntax(pattern, young, where);
  const Owned<pcre2_compile_context> context(pcre2_compile_context_create(nullptr));
  if (!context) throw std::bad_alloc();
  // Else it is what PCRE2 was built with, and so are the meanings of `.`, `^` and `$`.
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  int code = 0;
  PCRE2_SIZE offset = 0;
  Owned<pcre2_code> compiled(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                    PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE, &code, &offset, context.get()));
  if (!compiled) {
    throw Error({"the split pattern is malformed: " + message_of(code), where,
                 "a regular expression", json_quoted(pattern), "fix the pattern"});
  }
  std::uint32_t matches_nothing = 0;
  // An empty match would leave walk() where it is, for ever.
  pcre2_pattern_info(compiled.get(), PCRE2_INFO_MATCHEMPTY, &matches_nothing);
  if (matches_nothing != 0) {
    throw Error({"the split pattern can match the empty string", where,
                 "a pattern that takes at least one character", json_quoted(pattern),
                 "fix the pattern"});
  }
  // Without JIT (a build of PCRE2 may lack it) matching is slower and gives the same words.
  pcre2_jit_compile(compiled.get(), PCRE2_JIT_COMPLETE);
  return compiled;
}

}  // namespace

const char kGpt2Split[] =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

struct SplitPattern::Code {
  Owned<pcre2_code> compiled;
  Owned<pcre2_code> young;  // for texts with characters that PCRE2 may be too old for
  std::string pattern;
  std::string where;
};

struct SplitPattern::Matcher::State {
  Owned<pcre2_match_data> data;
  Owned<pcre2_match_context> limits;
};

SplitPattern::Matcher::Matcher()
    : state_(new State{Owned<pcre2_match_data>(pcre2_match_data_create(1, nullptr)),
                       Owned<pcre2_match_context>(pcre2_match_context_create(nullptr))}) {
  if (!state_->data || !state_->limits) throw std::bad_alloc();
}

SplitPattern::Matcher::~Matcher() = default;

SplitPattern::SplitPattern(const std::string& pattern, const std::string& where)
    : code_(new Code{nullptr, nullptr, pattern, where}) {
  code_->compiled = compile(pattern, false, where);
  code_->young = compile(pattern, true, where);
}

SplitPattern::~SplitPattern() = default;
SplitPattern::SplitPattern(SplitPattern&&) noexcept = default;
SplitPattern& SplitPattern::operator=(SplitPattern&&) noexcept = default;

template <class Use>
void SplitPattern::walk(std::string_view text, Matcher& matcher, Use use) const {
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  pcre2_match_data* data = matcher.state_->data.get();
  const PCRE2_SIZE* span = pcre2_get_ovector_pointer(data);
  const bool young = may_have_young_characters(text);
  const pcre2_code* compiled = (young ? code_->young : code_->compiled).get();
  pcre2_match_context* limits = matcher.state_->limits.get();
  pcre2_set_match_limit(limits, match_limit(text.size()));
  std::size_t done = 0;
  while (done < text.size()) {
    const auto match = [&](std::uint32_t options) {
      // The text is valid UTF-8 already; checking its rest at each match would be quadratic.
      return pcre2_match(compiled, subject, text.size(), done, PCRE2_NO_UTF_CHECK | options, data,
                         limits);
    };
    int code = match(0);
    // JIT code has 32 KiB of stack; the interpreter takes its memory from the heap.
    if (code == PCRE2_ERROR_JIT_STACKLIMIT) code = match(PCRE2_NO_JIT);
    if (code == PCRE2_ERROR_NOMATCH) break;
    if (code < 0) {
      throw Error({"the split pattern cannot be matched: " + message_of(code), code_->where,
                   "a pattern without nested repeats", json_quoted(code_->pattern),
                   "write the pattern without them"});
    }
    if (span[0] > done) use(text.substr(done, span[0] - done), false);
    use(text.substr(span[0], span[1] - span[0]), true);
    done = span[1];
  }
  if (done < text.size()) use(text.substr(done), false);
}

void SplitPattern::isolate(std::string_view text, Matcher& matcher,
                           std::vector<std::string_view>& words) const {
  walk(text, matcher, [&](std::string_view word, bool) { words.push_back(word); });
}

void SplitPattern::split(std::string_view text, Matcher& matcher, std::vector<Part>& parts) const {
  walk(text, matcher, [&](std::string_view part, bool match) { parts.push_back({part, match}); });
}

namespace {

using nlohmann::json;
using Behavior = Splitter::Behavior;
using Parts = std::vector<SplitPattern::Part>;

Behavior read_behavior(const json& value, const std::string& where) {
  if (value == "Isolated") return Behavior::kIsolated;
  if (value == "Removed") return Behavior::kRemoved;
  if (value == "MergedWithPrevious") return Behavior::kMergedWithPrevious;
  if (value == "MergedWithNext") return Behavior::kMergedWithNext;
  if (value == "Contiguous") return Behavior::kContiguous;
  refuse_option(where, "behavior", value,
                "Isolated, Removed, MergedWithPrevious, MergedWithNext or Contiguous");
}

std::string regex_for(const std::string& literal) {
  std::string regex;
  for (const char c : literal) {
    const bool alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    // Before punctuation a backslash makes it literal, before a letter or digit an escape.
    if (c > ' ' && c < 0x7F && !alphanumeric) regex += '\\';
    regex += c;
  }
  return regex;
}

std::string read_pattern(const json& pattern, const std::string& where) {
  const json& regex = member(pattern, "Regex");
  if (regex.is_string()) return regex.get<std::string>();
  const json& literal = member(pattern, "String");
  if (literal.is_string()) return regex_for(literal.get<std::string>());
  refuse_option(where, "pattern", pattern, R"({"Regex": "..."} or {"String": "..."})");
}

// Whether no word ends between the neighbours `left` and `right`.
bool joins(Behavior behavior, const SplitPattern::Part& left, const SplitPattern::Part& right) {
  switch (behavior) {
    case Behavior::kMergedWithPrevious:
      return right.match && !left.match;
    case Behavior::kMergedWithNext:
      return left.match && !right.match;
    case Behavior::kContiguous:
      return left.match == right.match;
    default:
      return false;
  }
}

}  // namespace

Splitter Splitter::from_json(const json& component, const std::string& where) {
  const Behavior behavior = read_behavior(member(component, "behavior"), where);
  Splitter result(read_pattern(required(component, "pattern", where), where), behavior, where);
  result.invert_ = flag(component, "invert", false, where);
  return result;
}

void Splitter::split(std::string_view text, Work& work,
                     std::vector<std::string_view>& words) const {
  for_each_utf8_run(text, [&](std::string_view run, bool valid) {
    if (valid) {
      split_run(run, work, words);
    } else {
      words.push_back(run);
    }
  });
}

void Splitter::split_run(std::string_view run, Work& work,
                         std::vector<std::string_view>& words) const {
  if (behavior_ == Behavior::kIsolated) return pattern_.isolate(run, work.matcher, words);
  Parts& parts = work.parts;
  parts.clear();
  pattern_.split(run, work.matcher, parts);
  for (SplitPattern::Part& part : parts) part.match = part.match != invert_;
  for (std::size_t i = 0; i < parts.size();) {
    const char* begin = parts[i].text.data();
    const bool removed = behavior_ == Behavior::kRemoved && parts[i].match;
    std::size_t length = parts[i].text.size();
    while (++i < parts.size() && joins(behavior_, parts[i - 1], parts[i])) {
      length += parts[i].text.size();
    }
    if (!removed) words.emplace_back(begin, length);
  }
}

}  // namespace pressroom
