// Counts what is right and tells what is not.
//
//   Checks checks;
//   checks.at("phone-dark");
//   checks.expect(rows > 5, "the results table has no rows");
//   return checks.finish();
#pragma once

#include <iostream>
#include <string>

namespace pressroom {

class Checks {
 public:
  void expect(bool good, const std::string& what) {
    ++count_;
    if (good) return;
    ++failed_;
    std::cerr << "FAILED " << where_ << ": " << what << "\n";
  }
  void at(const std::string& where) { where_ = where; }
  // The exit code; a test without checks has failed.
  int finish() const {
    std::cout << count_ << " checks, " << failed_ << " failed\n";
    return failed_ == 0 && count_ > 0 ? 0 : 1;
  }

 private:
  std::string where_;
  int count_ = 0;
  int failed_ = 0;
};

}  // namespace pressroom
