// What the tests of the plugin host share: the zoo of specimens, a scratch folder, and messages
// with everything taken out that differs from build to build.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>
#include <string>

#include "plugin/host.h"
#include "pressroom/plugin.h"
#include "scratch_folder.h"
#include "test_folders.h"
#include "text_search.h"

namespace pressroom {

inline std::filesystem::path zoo() { return zoo_dir(); }

// `text` without this machine's paths and this build's versions.
inline std::string normalised(std::string text, const std::filesystem::path& folder) {
  const std::string torch = PRESSROOM_TORCH_VERSION;
  text = replaced(text, folder.string(), "FOLDER");
  text = replaced(text, "libtorch " + torch.substr(0, torch.rfind('.')), "libtorch THIS");
  text = replaced(text, std::string("ABI ") + PRESSROOM_CXX_ABI, "ABI THIS");
  text = replaced(text, std::string("compiler ") + PRESSROOM_COMPILER, "compiler THIS");
  text = replaced(text, "SDK " PRESSROOM_SDK_VERSION, "SDK THIS");
  // Hashes of the SDK's declarations: the harness's, then the plugin's.
  const std::regex expected("expected: interface [0-9a-f]{16}");
  const std::regex got("got:      interface [0-9a-f]{16}");
  text = std::regex_replace(text, expected, "expected: interface THIS");
  return std::regex_replace(text, got, "got:      interface OTHER");
}

// What `call` throws, normalised; a failure of the test when it throws no Error.
inline std::string error_text(const std::filesystem::path& folder,
                              const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return normalised(error.what(), folder);
  }
  ADD_FAILURE() << "no Error was thrown";
  return "";
}

// Compares with tests/approved/plugin_errors/NAME.txt. With PRESSROOM_APPROVE=1 in the environment
// the file is rewritten instead, to be read in the diff before it is committed.
inline void expect_approved(const std::string& name, const std::string& text) {
  const std::filesystem::path file = test_dir() / "approved/plugin_errors" / (name + ".txt");
  if (std::getenv("PRESSROOM_APPROVE") != nullptr) {
    write_file(file, text + '\n');
    return;
  }
  EXPECT_EQ(read_file(file), text + '\n') << "approved text: " << file;
}

}  // namespace pressroom
