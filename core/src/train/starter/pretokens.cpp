#define PCRE2_CODE_UNIT_WIDTH 8
#include "train/starter/pretokens.h"

#include <pcre2.h>

#include <cstdint>
#include <memory>
#include <string>

#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr std::string_view kPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

using Code = std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)>;
using MatchData = std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)>;

Code compile() {
  int number = 0;
  PCRE2_SIZE offset = 0;
  Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(kPattern.data()), kPattern.size(),
                          PCRE2_UTF | PCRE2_UCP, &number, &offset, nullptr),
            pcre2_code_free);
  PRESSROOM_ASSERT(code != nullptr);
  pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);
  return code;
}

}  // namespace

std::vector<std::string_view> split_pretokens(std::string_view text) {
  const Code code = compile();
  const MatchData match(pcre2_match_data_create(1, nullptr), pcre2_match_data_free);
  std::vector<std::string_view> pieces;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::uint32_t options = at == 0 ? 0 : PCRE2_NO_UTF_CHECK;
    const int found = pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                                  text.size(), at, options, match.get(), nullptr);
    if (found < 0) {
      throw Error({"the text is not valid UTF-8", "", "UTF-8",
                   "PCRE2 error " + std::to_string(found), "convert the text, e.g. with iconv"});
    }
    const PCRE2_SIZE* span = pcre2_get_ovector_pointer(match.get());
    PRESSROOM_ASSERT(span[0] == at && span[1] > at);
    pieces.push_back(text.substr(span[0], span[1] - span[0]));
    at = span[1];
  }
  return pieces;
}

}  // namespace pressroom
