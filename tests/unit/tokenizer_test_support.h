// Tokenizers for tests: small files written on the spot, and cases of text and ids.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pressroom/error.h"
#include "tokenizer/tokenizer.h"

namespace pressroom::tokenizer_test {

using nlohmann::json;
using Ids = std::vector<std::int64_t>;
using Tokenizers = std::unique_ptr<Tokenizer>;

inline Tokenizers load_text(const std::string& contents, const std::string& extension = ".json") {
  const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::filesystem::path file = ::testing::TempDir() + "pressroom_" + test + extension;
  std::ofstream(file, std::ios::binary) << contents;
  struct Removal {
    const std::filesystem::path& file;
    ~Removal() { std::filesystem::remove(file); }
  } removal{file};
  return Tokenizer::load(file);
}

inline Tokenizers load(const json& contents) { return load_text(contents.dump()); }

// The message of the Error that `act` throws, "" when it throws none.
template <class Act>
std::string error_of(Act act) {
  try {
    act();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

// What a message about a tokenizer must say, and must not.
inline void expect_readable(const std::string& message) {
  EXPECT_NE(message.find("\n  do: "), std::string::npos) << message;
  for (const char* foreign : {"json.exception", "std::", "bad_", "basic_string", "vector"}) {
    EXPECT_EQ(message.find(foreign), std::string::npos) << message;
  }
}

// The 256 spellings of bytes, under the ids that GPT-2 gives them: the code points in order.
inline json alphabet() {
  json vocab;
  const auto add = [&vocab](int first, int last) {
    for (int code = first; code <= last; ++code) {
      std::string character(1, static_cast<char>(code));
      if (code >= 0x80) {
        character = {static_cast<char>(0xC0 + code / 64), static_cast<char>(0x80 + code % 64)};
      }
      vocab[character] = vocab.size();
    }
  };
  add('!', '~');
  add(0xA1, 0xAC);
  add(0xAE, 0xFF);
  add(0x100, 0x100 + 67);
  return vocab;
}

inline json file_of(const json& vocab, const json& merges) {
  return {{"added_tokens", json::array()},
          {"normalizer", nullptr},
          {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
          {"post_processor", nullptr},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", merges}}}};
}

struct Case {
  std::string text;
  Ids ids;
};

inline void expect_cases(const Tokenizer& tokenizer, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(tokenizer.encode(c.text, Special::kNone), c.ids) << c.text;
    EXPECT_EQ(tokenizer.decode(c.ids), c.text);
  }
}

}  // namespace pressroom::tokenizer_test
