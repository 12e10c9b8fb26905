#include "tokenizer/components/normalizer.h"

#include <utf8proc.h>

#include <algorithm>
#include <bitset>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/utf8.h"
#include "tokenizer/components/component.h"

namespace pressroom {
namespace {

constexpr char32_t kFirstActive = 0x300;
constexpr unsigned char kFirstActiveLead = 0xCC;  // of kFirstActive
constexpr char32_t kTableEnd = 0x10000;
// The vowel before the first trailing consonant, from which these are counted. utf8proc 2.8 takes
// it for the consonant number 0, which a syllable swallows; on its own it stays, as the standard
// has it.
constexpr char32_t kBeforeTrailing = 0x11A7;
constexpr auto kForm = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);

// Characters younger than Unicode 9, up to Unicode 17, that have a combining class or a part in a
// composition: as its result, its starter or its mark.
constexpr char32_t kYoungMarks[][2] = {
    {0x7FD, 0x7FD},     {0x897, 0x89F},     {0x8CA, 0x8D3},     {0x9FE, 0x9FE},
    {0xC3C, 0xC3C},     {0xD3B, 0xD3C},     {0xEBA, 0xEBA},     {0x1715, 0x1715},
    {0x1ABF, 0x1ADD},   {0x1AE0, 0x1AEB},   {0x1DF6, 0x1DFA},   {0xA82C, 0xA82C},
    {0x105C9, 0x105C9}, {0x105D2, 0x105D2}, {0x105DA, 0x105DA}, {0x105E4, 0x105E4},
    {0x10D24, 0x10D27}, {0x10D69, 0x10D6D}, {0x10EAB, 0x10EAC}, {0x10EFA, 0x10EFB},
    {0x10EFD, 0x10EFF}, {0x10F46, 0x10F50}, {0x10F82, 0x10F85}, {0x11070, 0x11070},
    {0x1133B, 0x1133B}, {0x11382, 0x11385}, {0x1138B, 0x1138B}, {0x1138E, 0x1138E},
    {0x11390, 0x11391}, {0x113B8, 0x113B8}, {0x113BB, 0x113BB}, {0x113C2, 0x113C2},
    {0x113C5, 0x113C5}, {0x113C7, 0x113C9}, {0x113CE, 0x113D0}, {0x1145E, 0x1145E},
    {0x11839, 0x1183A}, {0x11930, 0x11930}, {0x11935, 0x11935}, {0x11938, 0x11938},
    {0x1193D, 0x1193E}, {0x11943, 0x11943}, {0x119E0, 0x119E0}, {0x11A34, 0x11A34},
    {0x11A47, 0x11A47}, {0x11A99, 0x11A99}, {0x11D42, 0x11D42}, {0x11D44, 0x11D45},
    {0x11D97, 0x11D97}, {0x11F41, 0x11F42}, {0x1611E, 0x16129}, {0x1612F, 0x1612F},
    {0x16D63, 0x16D63}, {0x16D67, 0x16D6A}, {0x16FF0, 0x16FF1}, {0x1E08F, 0x1E08F},
    {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF}, {0x1E4EC, 0x1E4EF},
    {0x1E5EE, 0x1E5EF}, {0x1E6E3, 0x1E6E3}, {0x1E6E6, 0x1E6E6}, {0x1E6EE, 0x1E6EF},
    {0x1E6F5, 0x1E6F5}};

bool is_young_mark(char32_t code) {
  const auto* after =
      std::upper_bound(std::begin(kYoungMarks), std::end(kYoungMarks), code,
                       [](char32_t value, const char32_t(&range)[2]) { return value < range[0]; });
  return after != std::begin(kYoungMarks) && code <= (*std::prev(after))[1];
}

void decompose(char32_t code, std::vector<utf8proc_int32_t>& codes) {
  constexpr std::size_t kLongest = 32;
  const std::size_t before = codes.size();
  codes.resize(before + kLongest);
  const utf8proc_ssize_t length = utf8proc_decompose_char(
      static_cast<utf8proc_int32_t>(code), codes.data() + before, kLongest, kForm, nullptr);
  codes.resize(before + length);
}

void compose(std::vector<utf8proc_int32_t>& codes) {
  const auto size = static_cast<utf8proc_ssize_t>(codes.size());
  codes.resize(utf8proc_normalize_utf32(codes.data(), size, kForm));
}

// An active character may change, or change with the one before it. Conservative: every mark is.
bool compute_active(char32_t code) {
  const bool hangul_syllable = code >= 0xAC00 && code <= 0xD7A3;
  const bool hangul_part = code >= 0x1100 && code <= 0x11FF;
  // A syllable is composed as it is, and a part behind it is active and takes it along.
  const bool passive = hangul_syllable || code == kBeforeTrailing || is_young_mark(code);
  if (code < kFirstActive || passive) return false;
  const utf8proc_property_t* property = utf8proc_get_property(static_cast<std::int32_t>(code));
  const bool mark = property->category == UTF8PROC_CATEGORY_MN ||
                    property->category == UTF8PROC_CATEGORY_MC ||
                    property->category == UTF8PROC_CATEGORY_ME;
  if (mark || hangul_part || property->combining_class != 0) return true;
  std::vector<utf8proc_int32_t> codes;
  decompose(code, codes);
  compose(codes);
  return codes.size() != 1 || codes[0] != static_cast<utf8proc_int32_t>(code);
}

bool is_active(char32_t code) {
  static const auto kTable = [] {
    std::bitset<kTableEnd> table;
    for (char32_t c = kFirstActive; c < kTableEnd; ++c) table[c] = compute_active(c);
    return table;
  }();
  return code < kTableEnd ? kTable[code] : compute_active(code);
}

void append_nfc(std::string_view span, std::string& result) {
  std::vector<utf8proc_int32_t> codes;
  while (!span.empty()) {
    const std::size_t length = character_length(span);
    decompose(code_point(span.substr(0, length)), codes);
    span.remove_prefix(length);
  }
  const auto rank = [](utf8proc_int32_t code) {
    return utf8proc_get_property(code)->combining_class;
  };
  const auto is_starter = [&](utf8proc_int32_t code) { return rank(code) == 0; };
  for (auto begin = codes.begin(); begin != codes.end();) {
    const auto end = std::find_if(begin, codes.end(), is_starter);
    // Unicode's canonical order: marks of one class must not change places.
    std::stable_sort(begin, end, [&](auto a, auto b) { return rank(a) < rank(b); });
    begin = end == codes.end() ? end : end + 1;
  }
  compose(codes);
  for (const utf8proc_int32_t code : codes) result += utf8_of(static_cast<char32_t>(code));
}

// Walks a text from one stretch of active characters to the next.
class Stretches {
 public:
  explicit Stretches(std::string_view text) : text_(text) {}

  // Finds the next stretch, the character that begins it included: active ones may join it.
  bool next() {
    for (std::size_t at = end_, previous = end_; at < text_.size();) {
      // Latin text and tail bytes go by undecoded; take() goes back to where a character begins.
      if (static_cast<unsigned char>(text_[at]) < kFirstActiveLead) {
        previous = at++;
        continue;
      }
      const std::size_t length = character_length(text_.substr(at));
      if (length > 0 && is_active(code_at(at, length))) return take(previous, at);
      previous = at;
      at += std::max<std::size_t>(length, 1);
    }
    return false;
  }

  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }

 private:
  char32_t code_at(std::size_t at, std::size_t length) const {
    return code_point(text_.substr(at, length));
  }

  bool take(std::size_t previous, std::size_t at) {
    const auto is_tail = [&](std::size_t i) { return (text_[i] & 0xC0) == 0x80; };
    while (previous > end_ && is_tail(previous)) --previous;
    const std::size_t length = character_length(text_.substr(previous));
    // Stray bytes in between, or a mark that the reference does not know, let nothing compose.
    const bool joins =
        length > 0 && previous + length == at && !is_young_mark(code_at(previous, length));
    begin_ = joins ? previous : at;
    for (end_ = at; end_ < text_.size();) {
      const std::size_t next = character_length(text_.substr(end_));
      if (next == 0 || !is_active(code_at(end_, next))) break;
      end_ += next;
    }
    return true;
  }

  std::string_view text_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace

bool to_nfc(std::string_view text, std::string& result) {
  Stretches stretches(text);
  if (!stretches.next()) return false;
  result.clear();
  std::size_t done = 0;
  do {
    result.append(text, done, stretches.begin() - done);
    append_nfc(text.substr(stretches.begin(), stretches.end() - stretches.begin()), result);
    done = stretches.end();
  } while (stretches.next());
  result.append(text, done);
  return true;
}

using nlohmann::json;

Normalizer Normalizer::from_json(const json& component, const std::string& where) {
  Normalizer result;
  if (!component.is_null()) result.add(component, where);
  return result;
}

void Normalizer::add(const json& component, const std::string& where) {
  const std::string type = component_type(component, where);
  if (type == "NFC") {
    steps_.emplace_back(Nfc{});
  } else if (type == "Prepend") {
    steps_.emplace_back(Prepend{required_text(component, "prepend", where)});
  } else if (type == "Replace") {
    steps_.emplace_back(Replacement::from_json(component, where));
  } else if (type == "Sequence") {
    std::size_t i = 0;
    for (const json& part : required_list(component, "normalizers", where)) {
      add(part, where + ".normalizers[" + std::to_string(i++) + "]");
    }
  } else {
    refuse_component(where, "normalizer", type, {"null", "NFC", "Prepend", "Replace", "Sequence"});
  }
}

std::string_view Normalizer::apply(std::string_view text, Work& work) const {
  for (const auto& step : steps_) {
    if (text.empty()) break;
    if (const auto* prepend = std::get_if<Prepend>(&step)) {
      work.next.assign(prepend->content).append(text);
    } else if (const auto* replacement = std::get_if<Replacement>(&step)) {
      replacement->apply(text, work.next);
    } else if (!to_nfc(text, work.next)) {
      continue;
    }
    work.current.swap(work.next);
    text = work.current;
  }
  return text;
}

}  // namespace pressroom
