#include "weights/weight_form.h"

#include <cstddef>
#include <iterator>

namespace pressroom {
namespace {

struct FormFacts {
  const char* name;
  std::int64_t elements, bytes;  // of a block
};

// In the order of the enumeration.
constexpr FormFacts kForms[] = {{"F32", 1, 4},      {"BF16", 1, 2},    {"F16", 1, 2},
                                {"Q8_0", 32, 34},   {"Q4_0", 32, 18},  {"Q4_1", 32, 20},
                                {"Q4_K", 256, 144}, {"Q6_K", 256, 210}};

const FormFacts& facts_of(WeightForm form) { return kForms[static_cast<std::size_t>(form)]; }

}  // namespace

const char* to_string(WeightForm form) { return facts_of(form).name; }

std::optional<WeightForm> weight_form_named(const std::string& name) {
  for (std::size_t i = 0; i < std::size(kForms); ++i) {
    if (name == kForms[i].name) return static_cast<WeightForm>(i);
  }
  return std::nullopt;
}

std::string weight_form_names() {
  std::string names;
  for (const FormFacts& form : kForms)
    names += (names.empty() ? "" : ", ") + std::string(form.name);
  return names;
}

std::int64_t block_elements(WeightForm form) { return facts_of(form).elements; }

std::int64_t block_bytes(WeightForm form) { return facts_of(form).bytes; }

}  // namespace pressroom
