// Numbers as text, the same in every locale.
//
//   exact(0.1) == "0.1"            significant(12.3456, 4) == "12.35"
//   sparsity_text(0) == "0.0"      significant(0.0000123, 3) == "1.23e-05"
//
// And numbers of a file that there may be none of:
//
//   csv_line({csv_number(test.p)});                    // absent: ""
//   json["p_value"] = json_number(test.p);             // absent, NaN or infinite: null
//   json["num_tokens"] = json_count(loss.targets);     // absent: null
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace pressroom {

inline constexpr double kBytesPerMegabyte = 1e6;

// The shortest text that reads back as `value`: what files hold. "nan", "inf", "-inf".
std::string exact(double value);

// `value` to `digits` significant digits, for people: fixed from 1e-4 to 1e7, else with exponent.
std::string significant(double value, int digits);

// `value` with `decimals` digits after the point.
std::string fixed(double value, int decimals);

// A sparsity as names of files and tests spell it: exact, as a plain decimal, and with a point:
// "0.0", "0.9", "0.0001".
std::string sparsity_text(double sparsity);

// exact, or "" for what is absent.
std::string csv_number(const std::optional<double>& value);

// Null for what is absent or not finite: JSON has no NaN.
nlohmann::ordered_json json_number(const std::optional<double>& value);

// Null for what is absent.
nlohmann::ordered_json json_count(const std::optional<std::int64_t>& value);

}  // namespace pressroom
