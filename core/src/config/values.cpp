#include "config/values.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hub/hub_cache.h"

namespace pressroom {
namespace {

constexpr double kMostExact = 9007199254740992;  // 2^53: integers beyond are not exact

const char* with_article(ParameterType type) {
  switch (type) {
    case ParameterType::kBool:
      return "true or false";
    case ParameterType::kInteger:
    case ParameterType::kIntegerList:
      return "an integer";
    case ParameterType::kNumber:
    case ParameterType::kNumberList:
      return "a number";
    case ParameterType::kPath:
      return "a path";
    case ParameterType::kTokensOrFraction:
      return "a number of tokens or a fraction";
    default:
      return "a string";
  }
}

class ValueReader {
 public:
  ValueReader(const std::string& subject, const ParameterSpec& spec, const ReadContext& context,
              const std::string& expected, const std::string& manual)
      : subject_(subject),
        spec_(spec),
        context_(context),
        expected_(expected.empty() ? spec.accepts() : expected),
        manual_(manual) {}

  std::optional<ParameterValue> read(const YamlNode& node) const {
    switch (spec_.type) {
      case ParameterType::kBool:
        return typed(node, read_bool(node));
      case ParameterType::kInteger:
        return element(node, read_integer(node));
      case ParameterType::kNumber:
        return element(node, read_number(node));
      case ParameterType::kString:
        return element(node, read_string(node));
      case ParameterType::kPath:
        return path(node);
      case ParameterType::kTokensOrFraction:
        return tokens_or_fraction(node);
      case ParameterType::kIntegerList:
        return list<std::int64_t>(node, read_integer);
      case ParameterType::kNumberList:
        return list<double>(node, read_number);
      case ParameterType::kStringList:
        return list<std::string>(node, read_string);
      case ParameterType::kMethod:
        break;
    }
    PRESSROOM_ASSERT(!"a method is not a plain value");
    return std::nullopt;
  }

 private:
  std::nullopt_t refuse(const YamlNode& node, const std::string& complaint,
                        const std::string& fix) const {
    context_.problems.add(node.place, subject_ + ' ' + complaint, expected_, describe(node),
                          fix.empty() ? manual_ : fix);
    return std::nullopt;
  }

  template <typename T>
  std::optional<T> typed(const YamlNode& node, const Reading<T>& reading) const {
    if (reading.value) return reading.value;
    if (node.kind == YamlKind::kRefused) return std::nullopt;
    const bool nothing = node.kind == YamlKind::kNull;
    return refuse(node, std::string("is not ") + with_article(spec_.type),
                  nothing ? "write a value, or remove it" : reading.hint);
  }

  bool in_range(double value) const {
    return !(spec_.minimum && value < *spec_.minimum) && !(spec_.maximum && value > *spec_.maximum);
  }
  bool is_even(std::int64_t value) const { return spec_.is_odd && value % 2 == 0; }
  bool allowed(std::int64_t value) const {
    return in_range(static_cast<double>(value)) && !is_even(value);
  }
  bool allowed(double value) const { return in_range(value); }
  bool allowed(const std::string& value) const {
    return spec_.choices.empty() ||
           std::find(spec_.choices.begin(), spec_.choices.end(), value) != spec_.choices.end();
  }

  // A value of the right type that also lies in the range or among the choices.
  template <typename T>
  std::optional<T> element(const YamlNode& node, const Reading<T>& reading) const {
    const std::optional<T> value = typed(node, reading);
    if (!value || allowed(*value)) return value;
    if constexpr (std::is_same_v<T, std::string>) {
      const std::string close = closest_match(*value, spec_.choices);
      return refuse(node, "is none of the known values",
                    close.empty() ? "" : "did you mean \"" + close + "\"?");
    }
    if constexpr (std::is_same_v<T, std::int64_t>) {
      const bool is_in_range = in_range(static_cast<double>(*value));
      if (is_in_range && is_even(*value))
        return refuse(node, "is even", "use " + std::to_string(*value + 1));
    }
    return refuse(node, "is out of range", "");
  }

  std::optional<ParameterValue> path(const YamlNode& node) const {
    const std::optional<std::string> text = typed(node, read_string(node));
    if (!text) return std::nullopt;
    if (!text->empty()) return found_path(*text, node);
    if (spec_.required()) return refuse(node, "is empty", "");
    return *text;
  }

  // The path itself, or the snapshot in the hub cache that ORGANISATION/NAME stands for. A name in
  // a folder that exists is a path, there or not.
  std::optional<ParameterValue> found_path(const std::string& text, const YamlNode& node) const {
    const std::filesystem::path path = context_.resolved(text, node.place);
    std::error_code unreadable;
    if (text.find('/') == std::string::npos || !may_be_hub_name(text) ||
        std::filesystem::exists(path.parent_path(), unreadable)) {
      return path.string();
    }
    const HubName name = parse_hub_name(text);
    if (const auto snapshot = find_snapshot(name)) return snapshot->string();
    const Problem missing = missing_from_cache(name);
    context_.problems.add(
        node.place, subject_ + " is neither a path nor in the hub cache",
        expected_ + ", or the ORGANISATION/NAME of a model at the hub",
        describe(node) + ": no folder " + path.parent_path().string() + "; " + missing.got,
        missing.fix);
    return std::nullopt;
  }

  std::optional<ParameterValue> tokens_or_fraction(const YamlNode& node) const {
    const std::optional<double> value = typed(node, read_number(node));
    if (!value) return std::nullopt;
    if (*value < 0 || *value > kMostExact || !in_range(*value)) {
      return refuse(node, "is out of range", "");
    }
    if (*value > 1 && std::trunc(*value) != *value) {
      return refuse(node, "is neither tokens nor a fraction",
                    "write an integer for tokens, or a number below 1 for a share of the budget");
    }
    return TokensOrFraction{*value};
  }

  template <typename T>
  std::optional<ParameterValue> list(const YamlNode& node,
                                     Reading<T> (*read_one)(const YamlNode&)) const {
    std::vector<T> values;
    bool good = true;
    for (const YamlNode* item : items_of(node)) {
      const std::optional<T> value = element(*item, read_one(*item));
      good = good && value;
      if (value) values.push_back(*value);
    }
    if (!good) return std::nullopt;
    return values;
  }

  const std::string& subject_;
  const ParameterSpec& spec_;
  const ReadContext& context_;
  const std::string expected_;
  const std::string& manual_;
};

}  // namespace

std::string ReadContext::resolved(const std::string& path, const YamlPlace& place) const {
  const std::filesystem::path& folder = place.source > 0 ? flag_folder : file_folder;
  return (folder / path).lexically_normal().string();
}

std::optional<ParameterValue> read_value(const std::string& subject, const ParameterSpec& spec,
                                         const YamlNode& node, const ReadContext& context,
                                         const std::string& expected, const std::string& manual) {
  return ValueReader(subject, spec, context, expected, manual).read(node);
}

std::vector<const YamlNode*> items_of(const YamlNode& node) {
  if (node.kind != YamlKind::kSequence) return {&node};
  std::vector<const YamlNode*> items;
  for (const YamlNode& item : node.items) items.push_back(&item);
  return items;
}

}  // namespace pressroom
