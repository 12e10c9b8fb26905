#include "plugin/loaded_plugin.h"

#include <algorithm>
#include <boost/core/demangle.hpp>
#include <boost/dll/shared_library.hpp>
#include <map>
#include <mutex>
#include <set>
#include <system_error>
#include <typeinfo>

#include "plugin/boundary.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

bool has_declared_type(const ParameterSpec& spec) {
  const ParameterValue& value = spec.default_value;
  switch (spec.type) {
    case ParameterType::kBool:
      return std::holds_alternative<bool>(value);
    case ParameterType::kInteger:
      return std::holds_alternative<std::int64_t>(value);
    case ParameterType::kNumber:
      return std::holds_alternative<double>(value);
    case ParameterType::kString:
    case ParameterType::kPath:
      return std::holds_alternative<std::string>(value);
    case ParameterType::kTokensOrFraction:
      return std::holds_alternative<TokensOrFraction>(value);
    case ParameterType::kIntegerList:
      return std::holds_alternative<std::vector<std::int64_t>>(value);
    case ParameterType::kNumberList:
      return std::holds_alternative<std::vector<double>>(value);
    case ParameterType::kStringList:
      return std::holds_alternative<std::vector<std::string>>(value);
    case ParameterType::kMethod:
      return false;  // an inner method has no default
  }
  return false;
}

std::vector<double> numbers_of(const ParameterValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return {static_cast<double>(*integer)};
  }
  if (const auto* number = std::get_if<double>(&value)) return {*number};
  if (const auto* tokens = std::get_if<TokensOrFraction>(&value)) return {tokens->value};
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
    return {list->begin(), list->end()};
  }
  if (const auto* list = std::get_if<std::vector<double>>(&value)) return *list;
  return {};
}

bool in_range(const ParameterSpec& spec) {
  const std::vector<double> numbers = numbers_of(spec.default_value);
  const bool inside = std::all_of(numbers.begin(), numbers.end(), [&](double number) {
    return (!spec.minimum || number >= *spec.minimum) && (!spec.maximum || number <= *spec.maximum);
  });
  const auto* integer = std::get_if<std::int64_t>(&spec.default_value);
  if (integer && spec.is_odd && *integer % 2 == 0) return false;
  const auto* word = std::get_if<std::string>(&spec.default_value);
  if (!word || spec.choices.empty()) return inside;
  return std::count(spec.choices.begin(), spec.choices.end(), *word) > 0;
}

}  // namespace

std::vector<Problem> declaration_problems(const PluginInfo& info, const std::string& plugin,
                                          const std::string& where) {
  std::vector<Problem> problems;
  const auto add = [&](const std::string& what, const std::string& expected,
                       const std::string& got) {
    problems.push_back({plugin + " " + what, where, expected, got,
                        "correct the parameter in the plugin's describe() and rebuild it"});
  };
  std::set<std::string> taken = {"name",      "reader",      "version",    "as",
                                 "positions", "group",       "kv_dtype",   "evict_in_blocks",
                                 "heads",     "append_only", "keep_prompt"};
  const auto take = [&](const std::string& name) {
    if (!taken.insert(name).second) {
      add("declares a parameter name that is taken",
          "names and aliases used once, and none of name, reader, version, as, positions, "
          "group, kv_dtype, evict_in_blocks, heads, append_only, keep_prompt",
          '"' + name + '"');
    }
  };
  for (const ParameterSpec& spec : info.parameters) {
    const std::string quoted = '"' + spec.name + '"';
    if (!is_plain_name(spec.name)) {
      add("declares a parameter whose name cannot be used",
          "lower-case letters, digits and underscores, starting with a letter", quoted);
    }
    take(spec.name);
    std::for_each(spec.aliases.begin(), spec.aliases.end(), take);
    if (spec.required()) continue;
    if (!has_declared_type(spec)) {
      add("gives parameter " + quoted + " a default of another type than it declares",
          to_string(spec.type), to_string(spec.default_value));
    } else if (!in_range(spec)) {
      add("gives parameter " + quoted + " a default that it does not accept", spec.accepts(),
          to_string(spec.default_value));
    }
  }
  return problems;
}

namespace {

constexpr const char* kRebuildIt = "rebuild the plugin for this harness";
constexpr const char* kUseMacro =
    "register the class with PRESSROOM_METHOD, PRESSROOM_DATASET or PRESSROOM_METRIC";

// Libraries are never closed, and the map that holds them is never destroyed. With GCC a library
// with inline or template statics stays mapped anyway; where unloading does work, an object or an
// exception of the plugin that outlives it is a crash. Nobody gains by the attempt.
struct OpenLibrary {
  boost::dll::shared_library library;
  std::string changes;  // what its constructors, which run once, left changed behind them; "" none
};

const OpenLibrary& open_library(const fs::path& file) {
  static std::mutex mutex;
  static auto* const libraries = new std::map<fs::path, OpenLibrary>;
  const std::lock_guard<std::mutex> lock(mutex);
  const fs::path key = fs::canonical(file);
  const auto found = libraries->find(key);
  if (found != libraries->end()) return found->second;
  // rtld_now: with lazy binding a missing symbol ends the process at its first call. rtld_local:
  // equally named functions of two plugins stay apart.
  using boost::dll::load_mode::rtld_local;
  using boost::dll::load_mode::rtld_now;
  StateGuard guard;
  boost::dll::shared_library library(key, rtld_now | rtld_local);
  return libraries->emplace(key, OpenLibrary{std::move(library), guard.put_back()}).first->second;
}

// Of Boost.DLL's message the dynamic linker's part: the errno text behind it says nothing true.
std::string linker_message(const std::exception& error) {
  std::string text = error.what();
  const std::string marker = "(dlerror system message: ";
  const std::size_t start = text.find(marker);
  if (start != std::string::npos) {
    text = text.substr(start + marker.size());
    text = text.substr(0, text.rfind("): "));
  }
  return text;
}

// The symbol in "FILE: undefined symbol: _Zxyz, version V", readable; "" when it says other.
std::string undefined_symbol(const std::string& message) {
  const std::string marker = "undefined symbol: ";
  const std::size_t start = message.find(marker);
  if (start == std::string::npos) return "";
  const std::string rest = message.substr(start + marker.size());
  return boost::core::demangle(rest.substr(0, rest.find_first_of(" ,\t\n)")).c_str());
}

bool is_of_kind(const Plugin* plugin, PluginKind kind) {
  switch (kind) {
    case PluginKind::kMethod:
      return dynamic_cast<const Method*>(plugin) != nullptr;
    case PluginKind::kDataset:
      return dynamic_cast<const DatasetReader*>(plugin) != nullptr;
    case PluginKind::kMetric:
      return dynamic_cast<const Metric*>(plugin) != nullptr;
  }
  return false;
}

std::string quoted(const char* text) {
  return text == nullptr ? "nothing" : '"' + std::string(text) + '"';
}

}  // namespace

LoadedPlugin::LoadedPlugin(PluginRecord record)
    : record_(std::move(record)), label_(quoted_label(record_.kind, record_.name)) {
  load();
  check_descriptor();
  const std::unique_ptr<Plugin> plugin = create();
  info_ = at_plugin_boundary(label_, "describing itself", record_.file,
                             [&] { return plugin->describe(); });
  std::vector<Problem> problems = declaration_problems(info_, label_, record_.file.string());
  if (!problems.empty()) throw Error(std::move(problems));
}

void LoadedPlugin::fail(const std::string& what, const std::string& expected,
                        const std::string& got, const std::string& fix) const {
  throw Error({label_ + " " + what, record_.file.string(), expected, got, fix});
}

void LoadedPlugin::load() {
  const PluginCall inside(("loading " + label_).c_str(), "");
  try {
    const auto& [library, changes] = open_library(record_.file);
    if (!changes.empty()) {
      fail("changes how everything after it computes, as soon as it is loaded",
           "settings of the thread and the process that are as they were before", changes,
           "build the plugin without -ffast-math, which sets this when it links, or fix its static "
           "objects");
    }
    if (!library.has(kPluginSymbol)) {
      fail("has no entry point", std::string("an exported symbol ") + kPluginSymbol,
           "a shared object without it", kUseMacro);
    }
    descriptor_ = at_plugin_boundary(label_, "answering the handshake", record_.file,
                                     library.get<PluginEntry>(kPluginSymbol));
  } catch (const std::system_error& error) {
    const std::string message = linker_message(error);
    const std::string symbol = undefined_symbol(message);
    if (symbol.empty()) {
      fail("cannot be loaded", "a shared object whose libraries are all found", message,
           "install what is missing, or rebuild the plugin");
    }
    fail("uses something that neither it nor Pressroom has",
         "every symbol defined in the plugin or in what it links to", "undefined symbol: " + symbol,
         "add the source or library that defines it; pressroom_add_method finds this when linking");
  }
}

void LoadedPlugin::check_descriptor() const {
  if (descriptor_ == nullptr) fail("gives no descriptor", "a descriptor", "null", kUseMacro);
  // The first field alone may be read until it has matched.
  if (descriptor_->descriptor_bytes != sizeof(PluginDescriptor)) {
    fail("has a descriptor of another size", std::to_string(sizeof(PluginDescriptor)) + " bytes",
         std::to_string(descriptor_->descriptor_bytes) + " bytes", kRebuildIt);
  }
  const auto agree = [&](const char* field, const char* given, const std::string& declared) {
    if (given != nullptr && declared == given) return;
    fail(std::string("registers another ") + field + " than its manifest declares",
         quoted(declared.c_str()), quoted(given), kUseMacro);
  };
  agree("kind", descriptor_->kind, to_string(record_.kind));
  agree("name", descriptor_->name, record_.name);
  agree("version", descriptor_->version, record_.version);
  if (descriptor_->create == nullptr) fail("has no factory", "a function", "null", kUseMacro);
}

std::unique_ptr<Plugin> LoadedPlugin::create() const {
  std::unique_ptr<Plugin> plugin(
      at_plugin_boundary(label_, "being made", record_.file, descriptor_->create));
  if (!plugin) {
    fail("makes no object", std::string("a new ") + to_string(record_.kind), "null", kUseMacro);
  }
  if (const Plugin& object = *plugin; !is_of_kind(&object, record_.kind)) {
    fail("makes an object of another kind", std::string("a new ") + to_string(record_.kind),
         boost::core::demangle(typeid(object).name()), kUseMacro);
  }
  return plugin;
}

}  // namespace pressroom
