#include "campaign/sampling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "byte_tokenizer.h"
#include "campaign_test_support.h"
#include "plugin_test_support.h"

namespace pressroom::sampling_test {
namespace {

class Sampling : public testing::Test {
 protected:
  Sampling() {
    write_file(folder_.path() / "tokenizer.json", byte_tokenizer_json());
    tokenizer_ = Tokenizer::load(folder_.path() / "tokenizer.json");
  }

  const Tokenizer& tokenizer() const { return *tokenizer_; }

  std::vector<Window> sample(const std::vector<Document>& documents, std::int64_t context,
                             std::int64_t count, std::uint64_t seed) const {
    ListReader reader(documents);
    return sample_windows(reader, *tokenizer_, context, count, seed);
  }

 private:
  ScratchFolder folder_;
  std::unique_ptr<Tokenizer> tokenizer_;
};

// A document of `tokens` ids that says where each of them stood.
Document numbered(const std::string& id, std::int64_t tokens) {
  Document document;
  document.id = id;
  document.ids.resize(static_cast<std::size_t>(tokens));
  for (std::size_t i = 0; i < document.ids.size(); ++i) {
    document.ids[i] = static_cast<std::int64_t>(i % 251);
  }
  return document;
}

// Windows of 10 tokens: 2 of a, 5 of b, none of c, 3 of d.
std::vector<Document> four_documents() {
  return {numbered("a", 29), numbered("b", 50), numbered("c", 9), numbered("d", 31)};
}

std::vector<std::string> names(const std::vector<Window>& windows) {
  std::vector<std::string> all;
  for (const Window& window : windows) all.push_back(window.tokens.id);
  return all;
}

std::vector<std::string> sorted(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  return words;
}

// Reading and cutting a large dataset takes long: it is done once for all seeds.
TEST_F(Sampling, OfSeveralSeedsIsThatOfEachFromOneReading) {
  class CountingReader : public ListReader {
   public:
    using ListReader::ListReader;
    void rewind() override {
      ++readings;
      ListReader::rewind();
    }
    int readings = 0;
  };
  CountingReader reader(four_documents());
  const std::vector<std::uint64_t> seeds = {3, 1, 2};
  const std::vector<std::vector<Window>> all = sample_windows(reader, tokenizer(), 10, 4, seeds);
  ASSERT_EQ(all.size(), seeds.size());
  EXPECT_EQ(reader.readings, 1);
  std::set<std::vector<std::string>> different;
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    EXPECT_EQ(names(all[i]), names(sample(four_documents(), 10, 4, seeds[i]))) << seeds[i];
    different.insert(names(all[i]));
  }
  EXPECT_GT(different.size(), 1U);
}

TEST_F(Sampling, WindowsDoNotOverlapAndHoldTheTokensTheyName) {
  const std::vector<Window> windows = sample(four_documents(), 10, 10, 42);
  EXPECT_EQ(names(windows), (std::vector<std::string>{"a@0", "a@10", "b@0", "b@10", "b@20", "b@30",
                                                      "b@40", "d@0", "d@10", "d@20"}));
  for (const Window& window : windows) {
    const std::int64_t offset = std::stoll(window.tokens.id.substr(2));
    std::vector<std::int64_t> expected(10);
    std::iota(expected.begin(), expected.end(), offset);
    EXPECT_EQ(window.tokens.ids, expected) << window.tokens.id;
    EXPECT_EQ(window.ids_sha256, token_ids_sha256(expected));
  }
}

TEST_F(Sampling, ASeedChoosesTheSameWindowsWhateverTheOrderOfReading) {
  std::vector<Document> documents = four_documents();
  const std::vector<std::string> chosen = sorted(names(sample(documents, 10, 4, 42)));
  while (std::next_permutation(documents.begin(), documents.end(),
                               [](const Document& a, const Document& b) { return a.id < b.id; })) {
    EXPECT_EQ(sorted(names(sample(documents, 10, 4, 42))), chosen);
  }
}

TEST_F(Sampling, WindowsComeInTheOrderOfTheDataset) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<std::string> chosen = names(sample(four_documents(), 10, 5, seed));
    EXPECT_EQ(chosen, sorted(chosen)) << "seed " << seed;  // ids and offsets sort alike here
  }
}

TEST_F(Sampling, FewerWindowsAreAPartOfMore) {
  const std::vector<std::string> all = sorted(names(sample(four_documents(), 10, 10, 7)));
  std::vector<std::string> before;
  for (std::int64_t count = 1; count <= 10; ++count) {
    const std::vector<std::string> now = sorted(names(sample(four_documents(), 10, count, 7)));
    EXPECT_EQ(now.size(), static_cast<std::size_t>(count));
    EXPECT_TRUE(std::includes(now.begin(), now.end(), before.begin(), before.end())) << count;
    before = now;
  }
  EXPECT_EQ(before, all);
}

TEST_F(Sampling, EveryWindowIsAsLikelyAsEveryOther) {
  std::map<std::string, int> times;
  constexpr int kSeeds = 2000;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    for (const std::string& name : names(sample(four_documents(), 10, 3, seed))) ++times[name];
  }
  ASSERT_EQ(times.size(), 10U);
  // Binomial with p = 3 / 10: mean 600, standard deviation 20.5; five of them are allowed.
  for (const auto& [name, count] : times) EXPECT_NEAR(count, 600, 103) << name;
}

TEST_F(Sampling, TextIsEncodedAndItsScoredBytesAndWordsAreCounted) {
  Document document;
  document.id = "poem.txt";
  document.text = "ab cd\ne  f\tgh and a rest that no window of sixteen reaches";
  document.text.resize(31);
  document.provenance = "poem.txt, 31 bytes";
  const std::vector<Window> windows = sample({document}, 16, 1, 1);
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(windows[0].tokens.id, "poem.txt@0");
  EXPECT_EQ(windows[0].provenance, "poem.txt, 31 bytes");
  EXPECT_EQ(windows[0].tokens.ids,
            (std::vector<std::int64_t>{'a', 'b', ' ', 'c', 'd', '\n', 'e', ' ', ' ', 'f', '\t', 'g',
                                       'h', ' ', 'a', 'n'}));
  EXPECT_EQ(windows[0].scored_bytes, 15);
  EXPECT_EQ(windows[0].scored_words, 6);  // b, cd, e, f, gh, an
}

TEST_F(Sampling, SaysHowMuchADatasetIsTooShort) {
  const std::vector<Problem> problems = problems_of([&] { sample(four_documents(), 10, 11, 1); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].what, "the dataset is too short for this protocol");
  EXPECT_EQ(problems[0].expected, "11 windows of 10 tokens that do not overlap");
  EXPECT_EQ(problems[0].got, "10 such windows; the longest document has 50 tokens");
  EXPECT_EQ(problems_of([&] { sample({}, 10, 1, 1); }).size(), 1U);
}

TEST_F(Sampling, RefusesTwoDocumentsOfOneId) {
  const std::vector<Problem> problems = problems_of([&] {
    sample({numbered("a", 10), numbered("a", 10)}, 10, 2, 1);
  });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].got, "a@0");
}

TEST(TokenIdsSha256, IsOfEachIdAsEightBytesLittleEndian) {
  // hashlib.sha256(b"".join(struct.pack("<q", i) for i in ids)).hexdigest()
  EXPECT_EQ(token_ids_sha256({0, 1, 255, 256, 70000, (std::int64_t{1} << 40) + 5}),
            "1a778acfb75cba03860e57fc572078fdd2affdf61f2f255c9e2247e7ee457749");
  EXPECT_EQ(token_ids_sha256({}),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace pressroom::sampling_test
