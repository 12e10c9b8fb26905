// What came in place of a model's files, and is told apart from damage.
#include "model/model_files.h"

#include <algorithm>

#include "stream_test_support.h"
#include "tokenizer/tokenizer.h"

namespace pressroom::model_files_test {
namespace {

namespace fs = std::filesystem;

constexpr char kPointer[] =
    "version https://git-lfs.github.com/spec/v1\noid sha256:4665f1f2\nsize 3939656\n";
constexpr char kPage[] = "<!DOCTYPE html><html><body>Sign in</body></html>";

// Beside files that are whole, each of a model's files in turn.
class StandIns : public testing::TestWithParam<const char*> {
 protected:
  StandIns() {
    write_model(path(), TinyShape(), random_weights(TinyShape(), RandomKey(1)));
    fs::rename(path() / "model.safetensors", path() / "one.safetensors");
    nlohmann::json map;
    for (const auto& tensor : random_weights(TinyShape(), RandomKey(1))) {
      map[tensor.first] = "one.safetensors";
    }
    write_file(path() / "model.safetensors.index.json",
               nlohmann::json({{"weight_map", map}}).dump());
  }
  fs::path path() const { return folder_.path(); }

 private:
  ScratchFolder folder_;
};

TEST_P(StandIns, AreNamedForWhatTheyAre) {
  ASSERT_NO_THROW(Model::load(find_model(path().string())));
  const fs::path file = path() / GetParam();
  const std::string model = file.extension() == ".gguf" ? file.string() : path().string();
  write_file(file, kPointer);
  const Problem pointer = problem_of([&] { Model::load(find_model(model)); });
  EXPECT_EQ(pointer.what, "the file is a Git LFS pointer, not the data");
  EXPECT_EQ(pointer.where, file.string());
  EXPECT_TRUE(has(pointer.fix, "git lfs pull")) << pointer.fix;

  write_file(file, std::string(40, '\n') + kPage);
  const Problem page = problem_of([&] { Model::load(find_model(model)); });
  EXPECT_EQ(page.what, "the file is a page of a web server, not the data");
  EXPECT_EQ(page.where, file.string());
}

INSTANTIATE_TEST_SUITE_P(Files, StandIns,
                         testing::Values("config.json", "model.safetensors", "one.safetensors",
                                         "model.safetensors.index.json", "model.gguf"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST(StandInTokenizer, IsNamedForWhatItIs) {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "tokenizer.json";
  write_file(file, kPointer);
  EXPECT_EQ(problem_of([&] { Tokenizer::load(file); }).what,
            "the file is a Git LFS pointer, not the data");
  write_file(file, kPage);
  EXPECT_EQ(problem_of([&] { Tokenizer::load(file); }).what,
            "the file is a page of a web server, not the data");
}

TEST(ModelFiles, SaysThatAnAdapterIsNoModel) {
  const ScratchFolder folder;
  write_file(folder.path() / "adapter_model.safetensors", "x");
  const Problem problem = problem_of([&] { find_model(folder.path().string()); });
  EXPECT_EQ(problem.got, "adapter_model.safetensors, an adapter");
  EXPECT_TRUE(has(problem.fix, "base model")) << problem.fix;
}

}  // namespace
}  // namespace pressroom::model_files_test
