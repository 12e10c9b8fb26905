#include <set>

#include "pressroom/made_reader.h"
#include "pressroom/plugin.h"

namespace pressroom {
namespace {

constexpr std::size_t kEndBytes = 4;      // of a prefix and of a suffix
constexpr std::size_t kFewestBytes = 16;  // of a string
constexpr std::size_t kMostBytes = 32;

std::string random_text(RandomKey key, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) {
    text += "abcdefghijklmnopqrstuvwxyz0123456789"[key.with(i).below(36)];
  }
  return text;
}

std::string prefix_of(const std::string& text) { return text.substr(0, kEndBytes); }
std::string suffix_of(const std::string& text) { return text.substr(text.size() - kEndBytes); }

// Strings of random letters and digits, no two of which begin alike or end alike.
class RandomStrings {
 public:
  explicit RandomStrings(RandomKey key) : key_(key) {}

  const std::string& at(std::size_t index) {
    while (strings_.size() <= index) {
      const RandomKey key = key_.with(strings_.size());
      for (int draw = 0;; ++draw) {
        const RandomKey drawn = key.with(draw);
        std::string text = random_text(
            drawn, kFewestBytes + drawn.with("bytes").below(kMostBytes - kFewestBytes + 1));
        if (prefixes_.count(prefix_of(text)) > 0 || suffixes_.count(suffix_of(text)) > 0) continue;
        prefixes_.insert(prefix_of(text));
        suffixes_.insert(suffix_of(text));
        strings_.push_back(std::move(text));
        break;
      }
    }
    return strings_[index];
  }

 private:
  RandomKey key_;
  std::vector<std::string> strings_;  // as far as they were asked for
  std::set<std::string> prefixes_, suffixes_;
};

}  // namespace

// A list of random strings, and questions for the one that has a given beginning and a given end.
// Others have only the beginning, or only the end.
struct PrefixSuffix final : MadeReader<PrefixSuffix> {
  std::int64_t questions = 0, decoys = 0;

  static Declaration<PrefixSuffix> declare() {
    return declare_made("made documents: random strings, questions for them by beginning and end")
        .paper("Li et al., SCBench, ICLR 2025, arXiv 2412.10319")
        .parameter(&PrefixSuffix::questions,
                   integer("questions", 5, "of a document, each for another string")
                       .at_least(1)
                       .at_most(1000))
        .parameter(&PrefixSuffix::decoys,
                   integer("decoys", 1,
                           "for each question: strings with the beginning alone, and as many with "
                           "the end alone")
                       .at_least(0)
                       .at_most(100));
  }

 protected:
  Document make(std::int64_t index) const override {
    const RandomKey key = document_key("prefix_suffix", index);
    RandomStrings strings(key.with("strings"));
    const auto least = static_cast<std::size_t>(questions * (1 + 2 * decoys));
    // A fifth of all beginnings there are: few draws are in vain.
    const std::size_t most = 36 * 36 * 36 * 36 / 5;
    Document document = fitted(least, most, "strings", [&](std::size_t count) {
      return with_strings(key, list_of(strings, count), static_cast<std::size_t>(questions));
    });
    document.id = "prefix_suffix-" + std::to_string(index);
    return document;
  }

 private:
  // `count` strings, of which the first are what is asked for; their decoys follow.
  std::vector<std::string> list_of(RandomStrings& strings, std::size_t count) const {
    std::vector<std::string> list;
    for (std::size_t i = 0; i < count; ++i) list.push_back(strings.at(i));
    auto decoy = static_cast<std::size_t>(questions);
    for (std::size_t q = 0; q < static_cast<std::size_t>(questions); ++q) {
      for (std::int64_t d = 0; d < decoys; ++d, decoy += 2) {
        list[decoy].replace(0, kEndBytes, prefix_of(list[q]));
        std::string& ends_alike = list[decoy + 1];
        ends_alike.replace(ends_alike.size() - kEndBytes, kEndBytes, suffix_of(list[q]));
      }
    }
    return list;
  }

  // `list`, in an order drawn anew, and a question for each of its first `asked`.
  static Document with_strings(RandomKey key, const std::vector<std::string>& list,
                               std::size_t asked) {
    const std::vector<std::size_t> order =
        draw_distinct(key.with("order"), list.size(), list.size());
    Document document;
    append(document,
           "Below is a list of strings, one a line. Find the string with the given beginning and "
           "the given end.",
           "instruction");
    append(document, "\n\n");
    const std::size_t begin = document.text.size();
    std::vector<std::size_t> begins(list.size());
    for (const std::size_t i : order) {
      if (document.text.size() > begin) append(document, "\n");
      begins[i] = document.text.size();
      append(document, list[i]);
    }
    mark(document, "context", begin, document.text.size());
    document.context_end = document.text.size();
    for (std::size_t q = 0; q < asked; ++q) {
      const std::string& text = list[q];
      mark(document, "evidence", begins[q], begins[q] + text.size(), static_cast<std::int64_t>(q));
      ask(document,
          "\n\nThe string that begins with \"" + prefix_of(text) + "\" and ends with \"" +
              suffix_of(text) + "\" is:",
          ' ' + text);
    }
    document.stop = {"\n"};
    return document;
  }
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::PrefixSuffix, "prefix_suffix", "1.0.0")
