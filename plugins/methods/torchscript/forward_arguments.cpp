#include "forward_arguments.h"

#include <ATen/core/jit_type.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "pressroom/error.h"

namespace pressroom {
namespace {

const std::string kLayer = "layer";

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "nothing" : text;
}

template <typename Number>
std::optional<c10::IValue> number_from(const std::string& text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc() || stop != end) return std::nullopt;
  return c10::IValue(value);
}

// `text` as an argument of this type; nothing where it is none.
std::optional<c10::IValue> value_from(const std::string& text, const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::OptionalType:
      return value_from(text, type->expectRef<c10::OptionalType>().getElementType());
    case c10::TypeKind::IntType:
      return number_from<std::int64_t>(text);
    case c10::TypeKind::FloatType:
      return number_from<double>(text);
    case c10::TypeKind::StringType:
      return c10::IValue(text);
    case c10::TypeKind::BoolType:
      if (text == "true" || text == "True") return c10::IValue(true);
      if (text == "false" || text == "False") return c10::IValue(false);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

class ArgumentReader {
 public:
  ArgumentReader(const c10::FunctionSchema& forward, const std::string& file)
      : forward_(forward), file_(file) {
    // The first argument is `self`.
    for (std::size_t i = 1; i < forward.arguments().size(); ++i) {
      names_.push_back(forward.arguments()[i].name());
    }
  }

  ForwardArguments read(const std::vector<std::string>& needs,
                        const std::vector<std::string>& constants) {
    for (const std::string& need : needs) {
      if (contains(names_, need)) continue;
      throw Error({"forward() lacks an argument that \"needs\" lists", file_, need, listed(names_),
                   "add it to forward(), or remove it from \"needs\""});
    }
    for (const std::string name : kPressInputs) {
      const bool wanted = needs.empty() || contains(needs, name);
      if (contains(names_, name) && (wanted || name == "positions" || name == "heads")) {
        given_.inputs.insert(name);
      }
    }
    given_.layer = contains(names_, kLayer);
    for (const std::string& text : constants) add_constant(text);
    for (const std::string& name : names_) check(declared(name));
    return given_;
  }

 private:
  const c10::Argument& declared(const std::string& name) const {
    return forward_.arguments()[static_cast<std::size_t>(*forward_.argumentIndexWithName(name))];
  }

  bool is_input(const std::string& name) const {
    return given_.inputs.count(name) > 0 || name == kLayer;
  }

  void add_constant(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      throw Error({"an argument for forward() has no value", file_, "name=value", text, ""});
    }
    const std::string name = text.substr(0, equals);
    if (!contains(names_, name) || is_input(name)) {
      std::vector<std::string> free;
      std::copy_if(names_.begin(), names_.end(), std::back_inserter(free),
                   [&](const std::string& other) { return !is_input(other); });
      const std::string near = closest_match(name, free);
      throw Error({"forward() has no argument of this name to be given", file_, listed(free), text,
                   near.empty() ? "" : "did you mean \"" + near + "\"?"});
    }
    const auto value = value_from(text.substr(equals + 1), declared(name).type());
    if (!value) {
      throw Error({"an argument for forward() is not of its type", file_,
                   name + ": " + declared(name).type()->str() + ", of int, float, bool or str",
                   text, ""});
    }
    given_.constants[name] = *value;
  }

  void check(const c10::Argument& argument) const {
    const std::string& name = argument.name();
    if (is_input(name)) {
      const c10::TypePtr type =
          name == kLayer ? c10::TypePtr(c10::IntType::get()) : c10::TypePtr(c10::TensorType::get());
      if (type->isSubtypeOf(*argument.type())) return;
      throw Error({"an argument of forward() has another type than what it is given", file_,
                   name + ": " + type->str(), argument.type()->str(), "change its type"});
    }
    if (argument.default_value() || given_.constants.count(name) > 0) return;
    throw Error({"forward() wants an argument that it is not given", file_,
                 listed({std::begin(kPressInputs), std::end(kPressInputs)}) +
                     ", layer, and what \"arguments\" lists",
                 name, "add it to \"needs\" or \"arguments\", or give it a default"});
  }

  const c10::FunctionSchema& forward_;
  const std::string& file_;
  std::vector<std::string> names_;
  ForwardArguments given_;
};

}  // namespace

ForwardArguments read_arguments(const c10::FunctionSchema& forward,
                                const std::vector<std::string>& needs,
                                const std::vector<std::string>& constants,
                                const std::string& file) {
  return ArgumentReader(forward, file).read(needs, constants);
}

}  // namespace pressroom
