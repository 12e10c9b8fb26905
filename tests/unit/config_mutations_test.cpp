// Campaigns that come with the program, broken in thousands of small ways: whatever is wrong, the
// message says what to do.
#include <cctype>
#include <map>
#include <sstream>

#include "campaign_test_support.h"
#include "config_test_support.h"
#include "test_folders.h"

namespace pressroom::config_mutations_test {
namespace {

using namespace config_test;

namespace fs = std::filesystem;

using Lines = std::vector<std::string>;

Lines lines_of(const fs::path& file) {
  std::istringstream text(read_file(file));
  Lines lines;
  for (std::string line; std::getline(text, line);) {
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  }
  return lines;
}

std::string text_of(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

// What people and editors put in the place of a value.
const char* const kValues[] = {"",
                               "[]",
                               "{}",
                               "~",
                               "qqqqqqqqqqqq",
                               "-1",
                               "1.5",
                               "1e400",
                               "99999999999999999999",
                               "'",
                               "\"",
                               "[",
                               "{",
                               "]",
                               "*a",
                               "&a 1",
                               "!!int 1",
                               "%",
                               "a: b",
                               "\t1",
                               "[[1], [2]]",
                               "{a: {}}",
                               "true",
                               "0x1F",
                               "[1, 1]",
                               "null",
                               "@",
                               "|",
                               "? x",
                               "- 1"};

// Broken copies of `lines`, each in one place.
std::vector<std::string> mutants_of(const Lines& lines) {
  std::vector<std::string> mutants;
  const auto add = [&](std::size_t at, const Lines& instead) {
    Lines copy(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(at));
    copy.insert(copy.end(), instead.begin(), instead.end());
    copy.insert(copy.end(), lines.begin() + static_cast<std::ptrdiff_t>(at) + 1, lines.end());
    mutants.push_back(text_of(copy));
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    add(i, {});
    add(i, {line, line});
    add(i, {"  " + line});
    add(i, {line.substr(0, line.size() / 2)});
    add(i, {"zzzzzzzzzzzzzzzz: 1", line});
    add(i, {"- " + line});
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    add(i, {line.substr(0, colon) + "zzzzzzzzzzzz" + line.substr(colon)});
    add(i, {line.substr(0, colon) + line.substr(colon + 1)});
    for (const char* value : kValues) add(i, {line.substr(0, colon + 1) + " " + value});
    // Inside [ ] and { }: each word, and each value of a key.
    for (std::size_t begin = colon + 1; begin < line.size(); ++begin) {
      const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
      if (!is_word(line[begin]) || is_word(line[begin - 1])) continue;
      std::size_t end = begin;
      while (end < line.size() && (is_word(line[end]) || line[end] == '_' || line[end] == '.'))
        ++end;
      for (const char* value : {"qqqqqqqqqqqq", "-1", "99999999999", "[]", "{}", "~", "true"}) {
        add(i, {line.substr(0, begin) + value + line.substr(end)});
      }
      begin = end;
    }
  }
  return mutants;
}

// Messages without advice, by their first line; places are of no interest.
void collect(const std::vector<Problem>& problems, std::map<std::string, std::string>& without) {
  for (const Problem& problem : problems) {
    if (problem.fix.empty()) without.emplace(problem.what, problem.text());
  }
}

TEST(ConfigMutations, HaveAMessageThatSaysWhatToDo) {
  PluginHost host({plugin_dir()});
  const ConfigFolder folder;
  std::map<std::string, std::string> without;
  std::size_t refused = 0;
  std::size_t tried = 0;
  for (const auto& entry : fs::recursive_directory_iterator(test_dir().parent_path() / "configs")) {
    if (entry.path().extension() != ".yaml") continue;
    for (const std::string& mutant : mutants_of(lines_of(entry.path()))) {
      ++tried;
      const std::vector<Problem> problems =
          problems_of([&] { load_config(folder.write("a.yaml", mutant), {}, host); });
      refused += problems.empty() ? 0 : 1;
      collect(problems, without);
    }
  }
  for (const auto& [what, text] : without) ADD_FAILURE() << text;
  EXPECT_GT(tried, 5000U);
  EXPECT_GT(refused, 3000U);
}

TEST(ConfigMutations, OfFlagsHaveAMessageThatSaysWhatToDo) {
  const ConfigFolder folder;
  FakeCatalog catalog;
  std::map<std::string, std::string> without;
  std::size_t refused = 0;
  for (const char* path : {"name",
                           "model",
                           "protocol",
                           "protocol.context",
                           "protocol.kind",
                           "datasets",
                           "methods",
                           "methods.0",
                           "methods.7",
                           "methods.h2o.recent",
                           "methods.nothing.recent",
                           "sparsity",
                           "seeds",
                           "seeds.3",
                           "metrics",
                           "match",
                           "match.to",
                           "when_model",
                           "positions",
                           "a.b.c",
                           "",
                           ".",
                           "name.x",
                           "protocol..context",
                           "outputs",
                           "threads",
                           "beyond_positions"}) {
    for (const char* value : kValues) {
      const std::vector<Problem> problems = problems_of(
          [&] { load_config(folder.write("a.yaml", kGood), {set(path, value)}, catalog); });
      refused += problems.empty() ? 0 : 1;
      collect(problems, without);
    }
  }
  for (const auto& [what, text] : without) ADD_FAILURE() << text;
  EXPECT_GT(refused, 400U);
}

}  // namespace
}  // namespace pressroom::config_mutations_test
