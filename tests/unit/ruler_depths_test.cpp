// Where the reader ruler hides what it asks for.
#include <gtest/gtest.h>

#include <set>

#include "ruler_test_support.h"

namespace pressroom::ruler_test {
namespace {

// numpy.round(numpy.linspace(0, 100, 40)).astype(int)
const std::set<int> kDepths = {0,  3,  5,  8,  10, 13, 15, 18, 21, 23, 26, 28, 31, 33,
                               36, 38, 41, 44, 46, 49, 51, 54, 56, 59, 62, 64, 67, 69,
                               72, 74, 77, 79, 82, 85, 87, 90, 92, 95, 97, 100};

// What stands before each needle, in pieces of haystack: sentences of prose, which end in "." but
// are not needles, or lines.
std::vector<std::size_t> pieces_before_needles(const std::string& context, bool is_prose,
                                               std::size_t* all) {
  std::vector<std::size_t> before;
  *all = 0;
  const std::string separator = is_prose ? " " : "\n";
  const std::string needle = "One of the special magic ";
  std::string rest = context;
  while (!rest.empty()) {
    std::size_t end;
    if (rest.rfind(needle, 0) == 0) {
      before.push_back(*all);
      end = rest.find('.');
      ++end;
    } else {
      ++*all;
      end = is_prose ? rest.find('.') : rest.find('\n');
      end = end == std::string::npos ? rest.size() : end + (is_prose ? 1 : 0);
      // The last sentence may be cut short, with a needle behind it.
      const std::size_t next = rest.find(separator + needle);
      if (is_prose && next < end) end = next;
    }
    rest.erase(0, end);
    if (rest.rfind(separator, 0) == 0) rest.erase(0, separator.size());
  }
  return before;
}

// The numbers behind "hidden before " in what a document says of its making.
std::vector<std::size_t> places_told(const Document& document) {
  const std::string told = "something hidden before ";
  std::vector<std::size_t> places;
  for (const std::string& place :
       split(document.provenance.substr(document.provenance.find(told) + told.size()), ", ")) {
    places.push_back(std::stoul(place));
  }
  return places;
}

int depth_in_id(const Document& document) {
  const std::vector<std::string> parts = split(document.id, "-depth-");
  return parts.size() == 2 ? std::stoi(parts[1]) : -1;
}

TEST(RulerDepths, AreThoseThatDocumentsTell) {
  for (const std::string& task : std::vector<std::string>{"niah_single_1", "niah_single_2",
                                                          "niah_multikey_1", "niah_multivalue"}) {
    SCOPED_TRACE(task);
    for (const Document& document : samples_of(task)) {
      std::size_t pieces = 0;
      const std::vector<std::size_t> found =
          pieces_before_needles(context_of(document), has_prose(task), &pieces);
      EXPECT_EQ(found, places_told(document)) << context_of(document);
      EXPECT_NE(document.provenance.find(": " + std::to_string(pieces) +
                                         (has_prose(task) ? " sentences" : " lines")),
                std::string::npos)
          << document.provenance;
    }
  }
}

TEST(RulerDepths, OfProseAreTheFortyOfTheRecipe) {
  std::set<int> seen;
  for (const Document& document : samples_of("niah_single_2")) {
    std::size_t sentences = 0;
    const std::size_t before = pieces_before_needles(context_of(document), true, &sentences).at(0);
    const int depth = depth_in_id(document);
    EXPECT_EQ(document.id.rfind("niah_single_2-long_book-", 0), 0U) << document.id;
    EXPECT_EQ(kDepths.count(depth), 1U) << depth;
    EXPECT_EQ(before, sentences * static_cast<std::size_t>(depth) / 100) << document.id;
    seen.insert(depth);
  }
  EXPECT_EQ(seen, kDepths) << "500 documents miss a depth with probability 1e-4";
}

TEST(RulerDepths, OfNoiseAreAnyLine) {
  std::set<std::size_t> seen;
  std::size_t lines = 0;
  for (const Document& document : samples_of("niah_single_1")) {
    const std::size_t before = pieces_before_needles(context_of(document), false, &lines).at(0);
    EXPECT_LT(before, lines);
    EXPECT_NEAR(depth_in_id(document),
                100.0 * static_cast<double>(before) / static_cast<double>(lines), 0.5);
    seen.insert(before);
  }
  EXPECT_GE(seen.size(), lines - 1);
}

// Among needles: the one that is asked for stands anywhere, too.
TEST(RulerDepths, OfNeedlesAmongNeedlesAreAnyLine) {
  std::set<std::size_t> seen;
  for (const Document& document : samples_of("niah_multikey_3")) {
    const std::string needle = spans_of(document, "evidence", 0).at(0);
    const std::vector<std::string> lines = split(context_of(document), "\n");
    const auto found = std::find(lines.begin(), lines.end(), needle);
    ASSERT_NE(found, lines.end());
    EXPECT_EQ(static_cast<std::size_t>(found - lines.begin()), places_told(document).at(0));
    seen.insert(places_told(document).at(0));
  }
  EXPECT_GT(seen.size(), 15U);
}

}  // namespace
}  // namespace pressroom::ruler_test
