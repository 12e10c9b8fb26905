#include <gtest/gtest.h>

#include "hub/blob_download.h"
#include "hub/hub_listing.h"
#include "plugin_test_support.h"

namespace pressroom::hub_files_test {
namespace {

using Names = std::vector<std::string>;

Names chosen(const Names& there, const Names& wanted = {}) {
  HubListing listing;
  for (const std::string& name : there) listing.files.push_back({name, 1, std::string(40, 'a')});
  Names names;
  for (const HubFile& file : choose_files(listing, {"a/b", "main"}, wanted)) {
    names.push_back(file.name);
  }
  return names;
}

TEST(ChooseFiles, TakesWhatMakesAModelAndNothingElse) {
  EXPECT_EQ(chosen({"README.md", "config.json", "flax_model.msgpack", "generation_config.json",
                    "model.safetensors", "onnx/model.onnx", "onnx/config.json", "pytorch_model.bin",
                    "special_tokens_map.json", "tf_model.h5", "tokenizer.json",
                    "tokenizer_config.json", "vocab.json"}),
            (Names{"config.json", "generation_config.json", "model.safetensors",
                   "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"}));
}

TEST(ChooseFiles, TakesShardsAndTheirIndex) {
  EXPECT_EQ(chosen({"config.json", "consolidated.safetensors", "model-00001-of-00002.safetensors",
                    "model-00002-of-00002.safetensors", "model.safetensors.index.json"}),
            (Names{"config.json", "model-00001-of-00002.safetensors",
                   "model-00002-of-00002.safetensors", "model.safetensors.index.json"}));
  // The whole in one file is preferred, as transformers does.
  EXPECT_EQ(chosen({"config.json", "model-00001-of-00001.safetensors", "model.safetensors",
                    "model.safetensors.index.json"}),
            (Names{"config.json", "model.safetensors"}));
}

TEST(ChooseFiles, TakesGgufAlone) {
  EXPECT_EQ(chosen({"README.md", "tiny.gguf"}), Names{"tiny.gguf"});
  EXPECT_EQ(chosen({"a-q4.gguf", "a-q8.gguf"}, {"a-q8.gguf"}), Names{"a-q8.gguf"});
}

TEST(ChooseFiles, SaysWhatToAskForInstead) {
  const struct {
    Names there;
    Names wanted;
    const char* what;
    const char* fix_has;
  } cases[] = {
      {{"a-q4.gguf", "a-q8.gguf"},
       {},
       "the repository has several GGUF files",
       "pressroom pull a/b --file a-q4.gguf"},
      {{"a-q4.gguf", "a-q8.gguf"},
       {"a-q9.gguf"},
       "the repository has no such file",
       "did you mean \"a-q4.gguf\"?"},
      {{"config.json", "pytorch_model.bin"},
       {},
       "the model's weights are there only as pickles, which can run code when they are read",
       "@refs/pr/1"},
      {{"README.md"}, {}, "the repository has no weights that can be read", "another repository"},
      {{"adapter_config.json", "adapter_model.safetensors"},
       {},
       "the repository has weights but no config.json",
       "merged model"},
  };
  for (const auto& a_case : cases) {
    try {
      chosen(a_case.there, a_case.wanted);
      ADD_FAILURE() << a_case.what;
    } catch (const Error& error) {
      EXPECT_EQ(error.problems()[0].what, a_case.what);
      EXPECT_NE(error.problems()[0].fix.find(a_case.fix_has), std::string::npos) << error.what();
    }
  }
}

TEST(Listing, ReadsSizesAndHashes) {
  const std::string sha1(40, 'b');
  const std::string sha256(64, 'c');
  const HubListing listing = parse_listing(
      R"({"sha": "0123456789abcdef0123456789abcdef01234567", "private": false, "siblings": [
        {"rfilename": "w.safetensors", "size": 9, "blobId": ")" +
          sha1 + R"(",
         "lfs": {"size": 9, "sha256": ")" +
          sha256 + R"(", "pointerSize": 134}},
        {"rfilename": "config.json", "size": 2, "blobId": ")" +
          sha1 + R"("},
        {"rfilename": "bare"}]})",
      "URL");
  ASSERT_EQ(listing.files.size(), 3u);
  EXPECT_EQ(listing.files[0].name, "bare");
  EXPECT_EQ(listing.files[0].size, std::nullopt);
  EXPECT_EQ(listing.files[0].etag, "");
  EXPECT_EQ(listing.files[1].etag, sha1);
  EXPECT_EQ(listing.files[2].etag, sha256);
  EXPECT_EQ(listing.files[2].size, 9);
}

TEST(Listing, RefusesNamesThatLeadOutOfTheRepository) {
  for (const char* name : {"../x", "/etc/passwd", "a/../../x", "", ".", "a//b", "a/", "./a",
                           "..\\\\x", "a\\u0000b", "a\\nb"}) {
    const std::string json =
        R"({"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [{"rfilename": ")" +
        std::string(name) + R"("}]})";
    EXPECT_THROW(parse_listing(json, "URL"), Error) << name;
  }
}

TEST(Listing, RefusesAnswersThatAreNone) {
  for (const char* json : {"", "<html>", "[]", "{}", R"({"sha": 1, "siblings": []})",
                           R"({"sha": "../../x", "siblings": []})",
                           R"({"sha": "0123456789abcdef0123456789abcdef01234567"})"}) {
    EXPECT_THROW(parse_listing(json, "URL"), Error) << json;
  }
}

TEST(Listing, TakesTheQuotesOffEtags) {
  EXPECT_EQ(parse_etag("\"abc123\"", "URL"), "abc123");
  EXPECT_EQ(parse_etag("W/\"abc123\"", "URL"), "abc123");
  EXPECT_EQ(parse_etag("abc-2", "URL"), "abc-2");
  for (const char* wrong : {"", "\"\"", "\"../x\"", "\"a/b\"", "\"a.b\""}) {
    EXPECT_THROW(parse_etag(wrong, "URL"), Error) << wrong;
  }
}

TEST(BlobHash, IsWhatGitAndSha256SumSay) {
  const ScratchFolder folder;
  const auto go_on = [] { return false; };
  const std::string git(40, '0');
  const std::string sha256(64, '0');
  write_file(folder.path() / "hello", "hello\n");
  write_file(folder.path() / "empty", "");
  EXPECT_EQ(hash_like(git, folder.path() / "hello", go_on),
            "ce013625030ba8dba906f756967f9e9ca394464a");
  EXPECT_EQ(hash_like(git, folder.path() / "empty", go_on),
            "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  EXPECT_EQ(hash_like(sha256, folder.path() / "hello", go_on),
            "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
  EXPECT_TRUE(can_be_checked(git));
  EXPECT_FALSE(can_be_checked("d41d8cd98f00b204e9800998ecf8427e"));
  EXPECT_THROW(hash_like(git, folder.path() / "missing", go_on), Error);
}

}  // namespace
}  // namespace pressroom::hub_files_test
