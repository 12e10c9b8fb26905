#include "model/rotary.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "model/config_file.h"

namespace pressroom {
namespace {

// `rope_scaling` says what it is under one of two names; `rope_parameters` may leave it out.
std::string scaling_kind(const ConfigFile& scaling, const std::string& unsaid) {
  return scaling.text(scaling.has("rope_type") ? "rope_type" : "type", unsaid);
}

// In float32 throughout, as the reference library.
void scale_llama3(const ConfigFile& scaling, std::vector<float>& frequencies) {
  const auto factor = static_cast<float>(scaling.number("factor"));
  const auto low = static_cast<float>(scaling.number("low_freq_factor"));
  const auto high = static_cast<float>(scaling.number("high_freq_factor"));
  const auto original = static_cast<float>(scaling.size("original_max_position_embeddings"));
  // Equal ones would have the blend divide by 0.
  if (!(high > low)) scaling.refuse("high_freq_factor", "more than low_freq_factor");
  for (float& frequency : frequencies) {
    const float wavelength = static_cast<float>(2 * M_PI) / frequency;
    if (wavelength < original / high) continue;
    if (wavelength > original / low) {
      frequency /= factor;
      continue;
    }
    const float smooth = (original / wavelength - low) / (high - low);
    frequency = (1 - smooth) * frequency / factor + smooth * frequency;
  }
}

void divide_by_factors(const ConfigFile& config, std::vector<float>& frequencies) {
  const nlohmann::json& factors = config.json()["rope_frequency_factors"];
  const std::string expected = std::to_string(frequencies.size()) + " numbers";
  if (!factors.is_array() || factors.size() != frequencies.size()) {
    config.refuse("rope_frequency_factors", expected);
  }
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    if (!factors[i].is_number() || !(factors[i].get<float>() > 0)) {
      config.refuse("rope_frequency_factors", expected + " > 0");
    }
    frequencies[i] /= factors[i].get<float>();
  }
}

}  // namespace

std::vector<float> rope_frequencies(const ConfigFile& config, std::int64_t head_dim,
                                    const RopeDefaults& defaults) {
  const ConfigFile parameters = config.section("rope_parameters");
  double theta = config.number("rotary_emb_base", defaults.theta);
  theta = parameters.number("rope_theta", config.number("rope_theta", theta));
  double part = config.number("partial_rotary_factor", defaults.partial_factor);
  part = parameters.number("partial_rotary_factor", config.number("rotary_pct", part));
  const auto rotated = static_cast<std::int64_t>(static_cast<double>(head_dim) * part);
  if (rotated < 2 || rotated > head_dim || rotated % 2 != 0) {
    config.refuse("head_dim", "an even number of rotated channels, from 2 to head_dim");
  }

  std::vector<float> frequencies;
  for (std::int64_t channel = 0; channel < rotated; channel += 2) {
    const float exponent = static_cast<float>(channel) / static_cast<float>(rotated);
    frequencies.push_back(1.0F / std::pow(static_cast<float>(theta), exponent));
  }
  const std::pair<const char*, const char*> places[] = {{"rope_parameters", "default"},
                                                        {"rope_scaling", "nothing"}};
  if (config.has("rope_parameters") && config.has("rope_scaling") &&
      config.json()["rope_parameters"] != config.json()["rope_scaling"]) {
    config.refuse("rope_scaling", "the same as rope_parameters, or one of the two alone",
                  "remove the one that does not hold");
  }
  for (const auto& [key, unsaid] : places) {
    if (!config.has(key)) continue;
    const ConfigFile scaling = config.section(key);
    const std::string kind = scaling_kind(scaling, unsaid);
    if (kind == "linear") {
      for (float& frequency : frequencies) {
        frequency /= static_cast<float>(scaling.number("factor"));
      }
    } else if (kind == "llama3") {
      scale_llama3(scaling, frequencies);
    } else if (kind != "default") {
      config.refuse(key, "rope_type default, linear or llama3");
    }
    break;  // a file that has both says the same twice
  }
  if (config.has("rope_frequency_factors")) divide_by_factors(config, frequencies);
  return frequencies;
}

RotaryTable::RotaryTable(std::int64_t head_dim, const std::vector<float>& frequencies,
                         std::int64_t positions)
    : head_dim_(head_dim),
      half_(static_cast<std::int64_t>(frequencies.size())),
      cosines_(static_cast<std::size_t>(positions * half_)),
      sines_(static_cast<std::size_t>(positions * half_)) {
  for (std::int64_t i = 0; i < half_; ++i) {
    for (std::int64_t position = 0; position < positions; ++position) {
      const float angle = static_cast<float>(position) * frequencies[i];
      cosines_[position * half_ + i] = std::cos(angle);
      sines_[position * half_ + i] = std::sin(angle);
    }
  }
}

void RotaryTable::rotate(const float* in, std::int64_t position, float* out) const {
  const float* cosine = cosines_.data() + position * half_;
  const float* sine = sines_.data() + position * half_;
  for (std::int64_t i = 0; i < half_; ++i) {
    // Both are read before either is written: `in` and `out` may be the same.
    const float first = in[i];
    const float second = in[i + half_];
    out[i] = first * cosine[i] - second * sine[i];
    out[i + half_] = second * cosine[i] + first * sine[i];
  }
  if (out != in) std::copy(in + 2 * half_, in + head_dim_, out + 2 * half_);
}

}  // namespace pressroom
