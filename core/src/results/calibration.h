// What a calibration found, and calibration.json, which keeps it beside the results.
//
//   {"schema": "pressroom.calibration/1", "to": "dms", "by": "measured_ratio", "groups": [
//     {"dataset": "books", "context_length": 512, "content_key": ..., "kept_ratio": 0.4321,
//      "sparsity": 0.5679, "windows": [{"id": "a@0", "ids_sha256": ...}, ...],
//      "methods": [{"method": "h2o", "content_key": ..., "budget_tokens": 221,
//                   "kept_ratio": 0.4316, "runs": 1}, ...]}, ...], "sha256": ...}
//
// Under `by: mean_held` groups and methods have "mean_held_ratio" as well. CalibrationStore is the
// file while the calibration goes on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace pressroom {

struct CalibratedMethod {
  std::string method;       // its label
  std::string content_key;  // SHA-256 of all that the finding depends on
  std::int64_t budget_tokens = 0;
  double kept = 0;  // fraction of the entries seen, under that budget
  double held = 0;  // mean over steps, as a fraction of the window; 0 where it was not asked for
  std::int64_t runs = 0;
};

struct CalibrationWindow {
  std::string id;
  std::string ids_sha256;
};

// One dataset at one context.
struct CalibratedGroup {
  std::string dataset;  // its label
  std::int64_t context_tokens = 0;
  std::string content_key;  // of what was measured
  double kept = 0;          // by the method that sets the measure
  double held = 0;          // likewise, CalibratedMethod::held
  std::vector<CalibrationWindow> windows;
  std::vector<CalibratedMethod> methods;

  // What cells are labelled with: the fraction removed, to 4 decimals.
  double sparsity() const;
  const CalibratedMethod* method(const std::string& label) const;  // nullptr when it is not there
};

struct Calibration {
  std::string to;
  std::string by;
  std::vector<CalibratedGroup> groups;

  const CalibratedGroup* group(const std::string& dataset, std::int64_t context_tokens) const;
};

nlohmann::ordered_json to_json(const Calibration& calibration);

// Throws Error, naming `file`, when the text is not a whole calibration of this version, as it was
// written.
Calibration calibration_from_json(const std::string& text, const std::string& file);

// calibration.json while a calibration goes on: what is known already, and what is found.
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
