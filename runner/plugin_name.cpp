#include "plugin_name.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/strings.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// A file's name has 255 bytes, and the plugin's has more in it than this.
constexpr std::size_t kMostLetters = 64;

// Those that could be a plugin's name, of C++20 as well.
constexpr const char* kWordsOfCpp =
    " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t"
    " char32_t char8_t class co_await co_return co_yield compl concept const const_cast consteval"
    " constexpr constinit continue decltype default delete do double dynamic_cast else enum"
    " explicit export extern false float for friend goto if inline int long mutable namespace new"
    " noexcept not not_eq nullptr operator or or_eq private protected public register"
    " reinterpret_cast requires return short signed sizeof static static_assert static_cast struct"
    " switch template this thread_local throw true try typedef typeid typename union unsigned"
    " using virtual void volatile wchar_t while xor xor_eq ";

bool is_word_of_cpp(const std::string& name) {
  return std::string(kWordsOfCpp).find(" " + name + " ") != std::string::npos;
}

bool can_be_a_name(const std::string& name) {
  return is_plain_name(name) && name.size() <= kMostLetters && !is_word_of_cpp(name);
}

// My-Method -> my_method; "" where nothing comes out that would do.
std::string name_like(const std::string& name) {
  std::string like;
  for (const char c : name) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalnum(letter) != 0) {
      like += static_cast<char>(std::tolower(letter));
    } else if (!like.empty() && like.back() != '_') {
      like += '_';
    }
  }
  like.erase(0, like.find_first_not_of("_0123456789"));
  while (!like.empty() && like.back() == '_') like.pop_back();
  if (is_word_of_cpp(like)) like = "my_" + like;
  return can_be_a_name(like) ? like : "";
}

}  // namespace

PluginKind plugin_kind_from(const std::string& word) {
  std::vector<std::string> kinds;
  for (const PluginKind kind : {PluginKind::kMethod, PluginKind::kDataset, PluginKind::kMetric}) {
    kinds.emplace_back(to_string(kind));
    if (word == kinds.back()) return kind;
  }
  const std::string near = closest_match(word, kinds);
  throw Error({"there is no such kind of plugin", "", joined(kinds), word,
               near.empty() ? "name one of the three, and the plugin behind it"
                            : "did you mean \"" + near + "\"?"});
}

void require_plugin_name(const std::string& name) {
  if (can_be_a_name(name)) return;
  const std::string like = name_like(name);
  throw Error(
      {is_word_of_cpp(name) ? "a word of C++ cannot be a plugin's name"
                            : "this cannot be a plugin's name",
       "",
       "a lower-case letter, then such letters, digits and underscores, " +
           std::to_string(kMostLetters) + " at most",
       name.size() > kMostLetters ? std::to_string(name.size()) + " bytes" : '"' + name + '"',
       like.empty() ? "give another name" : "did you mean \"" + like + "\"?"});
}

void require_unused_name(PluginKind kind, const std::string& name, const PluginHost& host) {
  const std::vector<std::string> names = host.names(kind);
  if (std::find(names.begin(), names.end(), name) == names.end()) return;
  throw Error({"there is " + quoted_label(kind, name) + " already",
               host.find(kind, name).file.string(), "a name that no other has", name,
               "give another name, \"my_" + name + "\" for instance"});
}

std::string class_name(const std::string& plugin_name) {
  std::string name;
  bool begins_word = true;
  for (const char c : plugin_name) {
    if (c != '_') name += begins_word ? static_cast<char>(std::toupper(c)) : c;
    begins_word = c == '_';
  }
  return name;
}

}  // namespace pressroom
