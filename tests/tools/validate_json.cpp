// pressroom_validate_json SCHEMA FILE...: exit code 1, with everything that is wrong, when a file
// is not what the schema says.
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>

#include "schema_check.h"

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::cerr << "usage: pressroom_validate_json SCHEMA FILE...\n";
    return 2;
  }
  bool wrong = false;
  for (int i = 2; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (const std::string& error : pressroom::schema_errors(argv[1], text)) {
      std::cerr << argv[i] << ": " << error << "\n";
      wrong = true;
    }
  }
  return wrong ? 1 : 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 2;
}
