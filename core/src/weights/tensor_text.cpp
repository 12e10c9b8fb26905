#include "weights/tensor_text.h"

#include "pressroom/error.h"

namespace pressroom {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i ? ", " : "") + std::to_string(shape[i]);
  }
  return text + "]";
}

std::string excerpt(const std::string& text) {
  std::string shown = text.size() <= 200 ? text : text.substr(0, 200) + "...";
  for (char& letter : shown) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = '?';
  }
  return shown;
}

std::string in_quotes(const std::string& text) { return "\"" + excerpt(text) + "\""; }

void missing_tensor(const WeightSource& weights, const std::string& name,
                    const std::vector<std::int64_t>* shape) {
  const std::string near = closest_match(name, weights.names());
  const std::string wanted = in_quotes(name);
  throw Error({"a tensor is missing", weights.place(name),
               shape == nullptr ? wanted : wanted + " " + shape_text(*shape),
               near.empty() ? "no such tensor" : "no such tensor; there is " + in_quotes(near),
               "check that config.json and the weights belong together"});
}

}  // namespace pressroom
