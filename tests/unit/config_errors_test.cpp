// What a user reads for each bad config in approved/config_errors, word for word.
#include <algorithm>

#include "config_test_support.h"
#include "test_folders.h"

namespace pressroom::config_errors_test {
namespace {

using namespace config_test;

namespace fs = std::filesystem;

fs::path approved() { return test_dir() / "approved/config_errors"; }

std::vector<std::string> bad_configs() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(approved())) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The paths in a message depend on where the source tree lies.
std::string error_of(const std::string& name) {
  FakeCatalog catalog;
  try {
    load_config(approved() / (name + ".yaml"), {}, catalog);
  } catch (const Error& error) {
    const std::string text = replaced(error.what(), approved().string() + '/', "");
    return replaced(text, approved().parent_path().string() + '/', "FOLDER/") + '\n';
  }
  ADD_FAILURE() << name << " was accepted";
  return "";
}

class ConfigErrors : public testing::TestWithParam<std::string> {};

// With PRESSROOM_APPROVE=1 in the environment the text is rewritten instead, to be read in the diff
// before it is committed.
TEST_P(ConfigErrors, ReadAsApproved) {
  const fs::path file = approved() / (GetParam() + ".txt");
  const std::string text = error_of(GetParam());
  if (std::getenv("PRESSROOM_APPROVE") != nullptr) {
    std::ofstream(file, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(read_file(file), text) << "approved text: " << file;
}

INSTANTIATE_TEST_SUITE_P(Approved, ConfigErrors, testing::ValuesIn(bad_configs()),
                         [](const auto& info) { return info.param; });

TEST(ConfigErrorsFolder, EveryApprovedTextHasItsConfig) {
  std::size_t texts = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(approved())) {
    texts += entry.path().extension() == ".txt" ? 1 : 0;
  }
  EXPECT_EQ(texts, bad_configs().size());
  EXPECT_GE(texts, 20U);
}

}  // namespace
}  // namespace pressroom::config_errors_test
