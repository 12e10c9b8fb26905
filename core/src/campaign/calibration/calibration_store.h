// calibration.json while a calibration goes on: what is known already, and what is found.
#pragma once

#include <filesystem>

#include "results/calibration.h"

namespace pressroom {

class CalibrationStore {
 public:
  // Reads `file` where there is one. Throws Error when it is not a calibration as it was written.
  CalibrationStore(std::filesystem::path file, const std::string& to, const std::string& by);

  // What is known of a group; an empty one where nothing is. Whether it still holds, its content
  // keys say.
  CalibratedGroup known(const std::string& dataset, std::int64_t context_tokens) const;

  // Writes the group as far as it is found, beside all else that is known.
  void keep(const CalibratedGroup& group);

  // Writes the whole, and nothing else, unless the file says so already.
  void finish(const Calibration& whole);

 private:
  void write(const Calibration& calibration) const;

  std::filesystem::path file_;
  Calibration known_;
};

}  // namespace pressroom
