#include "test_folders.h"

namespace pressroom {

std::filesystem::path test_dir() { return PRESSROOM_TEST_DIR; }
std::filesystem::path plugin_dir() { return PRESSROOM_PLUGIN_DIR; }
std::filesystem::path cli_plugin_dir() { return PRESSROOM_CLI_PLUGIN_DIR; }
std::filesystem::path zoo_dir() { return PRESSROOM_ZOO_DIR; }

}  // namespace pressroom
