// Thousands of tokenizer files with something wrong: each is taken or refused with an Error that
// can be read, and none does anything else.
#include <random>

#include "tokenizer_sentencepiece.h"
#include "tokenizer_tiny.h"

namespace pressroom::tokenizer_test::tokenizer_fuzz_test {
namespace {

// Loads and uses a file, and counts which of the two it was: taken or refused.
class Trial {
 public:
  void run(const std::string& contents) {
    const std::string message = error_of([&] {
      const Tokenizers tokenizer = load_text(contents);
      const Ids ids = tokenizer->encode("low <s>x \u00e9\u0301 12\xFF", Special::kAdd);
      tokenizer->decode(ids);
    });
    if (message.empty()) return void(++taken_);
    ++refused_;
    expect_readable(message);
  }

  int taken() const { return taken_; }
  int refused() const { return refused_; }

 private:
  int taken_ = 0;
  int refused_ = 0;
};

// The pointers to everything in `file`; of a long list or object to its first parts only.
void collect(const json& file, const json::json_pointer& at, std::vector<json::json_pointer>& all) {
  constexpr int kMost = 6;
  all.push_back(at);
  if (!file.is_structured()) return;
  int left = kMost;
  for (const auto& [key, value] : file.items()) {
    if (left-- == 0) return;
    collect(value, file.is_array() ? at / std::stoul(key) : at / key, all);
  }
}

TEST(DamagedTokenizer, IsTakenOrRefusedWhateverAPartIsReplacedBy) {
  const std::vector<json> values = {nullptr,
                                    "",
                                    "x",
                                    "\u2581",
                                    -1,
                                    3,
                                    1e300,
                                    18446744073709551615U,
                                    true,
                                    json::array(),
                                    json::object(),
                                    json::array({json::array()}),
                                    {{"type", "Sequence"}},
                                    {{"type", "NFC"}}};
  Trial trial;
  for (const json& whole : {tiny(), sentencepiece()}) {
    std::vector<json::json_pointer> places;
    collect(whole, json::json_pointer(), places);
    for (const json::json_pointer& place : places) {
      for (const json& value : values) {
        json file = whole;
        file[place] = value;
        trial.run(file.dump());
      }
      if (place.empty()) continue;
      trial.run(whole.patch({{{"op", "remove"}, {"path", place.to_string()}}}).dump());
    }
  }
  EXPECT_GT(trial.taken(), 100);
  EXPECT_GT(trial.refused(), 1000);
}

TEST(DamagedTokenizer, IsTakenOrRefusedWhateverByteIsAnother) {
  std::mt19937_64 random(20250708);
  Trial trial;
  for (const json& whole : {tiny(), sentencepiece()}) {
    const std::string text = whole.dump();
    for (int i = 0; i < 1000; ++i) {
      std::string damaged = text;
      for (int left = 1 + static_cast<int>(random() % 3); left > 0; --left) {
        damaged[random() % damaged.size()] = "\"{}[],:0-e\\\xFF\0x\n"[random() % 15];
      }
      trial.run(damaged);
    }
  }
  EXPECT_GT(trial.taken(), 100);
  EXPECT_GT(trial.refused(), 500);
}

}  // namespace
}  // namespace pressroom::tokenizer_test::tokenizer_fuzz_test
