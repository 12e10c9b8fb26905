#include "plugin/manifest.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "plugin/plugin_file.h"
#include "pressroom/plugin.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSection = ".pressroom";
constexpr const char* kDescriptionSection = ".pressroom_description";
constexpr const char* kRebuildWithSdk =
    "rebuild the plugin for this harness: empty its build folder and run cmake there again";
constexpr const char* kRegister =
    "register a class with PRESSROOM_METHOD, PRESSROOM_DATASET or PRESSROOM_METRIC; "
    "if this file is something else, remove it from the plugin folder";

// The lines key=value between the line `first` and the line "end"; nothing where they are damaged.
std::optional<std::map<std::string, std::string>> parse(std::string_view text,
                                                        const std::string& first) {
  std::map<std::string, std::string> entries;
  constexpr std::string_view kLast = "end\n";
  const std::size_t start = text.find(first + '\n');
  if (start == std::string_view::npos) return std::nullopt;
  text.remove_prefix(start + first.size() + 1);
  while (text.substr(0, kLast.size()) != kLast) {
    const std::size_t newline = text.find('\n');
    if (newline == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, newline);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    // What somebody wrote into a file may not steer the terminal that it is shown on.
    entries.emplace(printable(line.substr(0, equals)), printable(line.substr(equals + 1)));
    text.remove_prefix(newline + 1);
  }
  return entries;
}

std::map<std::string, std::string> manifest_of(const PluginFile& file) {
  const std::optional<std::string> section = read_elf_section(file, kSection);
  if (!section) {
    throw Error({"the file is not a Pressroom plugin", file.path().string(),
                 "a manifest in a section called .pressroom", "a shared object without one",
                 kRegister});
  }
  std::optional<std::map<std::string, std::string>> manifest =
      parse(*section, "pressroom-manifest");
  if (!manifest) {
    throw Error({"the plugin's manifest is damaged", file.path().string(),
                 "lines key=value between pressroom-manifest and end",
                 "a .pressroom section without them", kRebuildWithSdk});
  }
  return std::move(*manifest);
}

// Nothing depends on it but what is shown: where it is damaged there is none.
std::map<std::string, std::string> description_of(const PluginFile& file) {
  const std::optional<std::string> section = read_elf_section(file, kDescriptionSection);
  if (!section) return {};
  return parse(*section, "pressroom-description").value_or(std::map<std::string, std::string>());
}

void require_keys(const fs::path& file, const std::map<std::string, std::string>& manifest) {
  std::string missing;
  for (const char* key :
       {"kind", "name", "version", "sdk", "torch", "compiler", "cxx_abi", "build"}) {
    const auto found = manifest.find(key);
    if (found != manifest.end() && !found->second.empty()) continue;
    missing += (missing.empty() ? "" : ", ") + std::string(key);
  }
  if (missing.empty()) return;
  throw Error({"the plugin's manifest is incomplete", file.string(),
               "kind, name, version, sdk, torch, compiler, cxx_abi and build", "no " + missing,
               kRebuildWithSdk});
}

PluginKind parse_kind(const fs::path& file, const std::string& text) {
  if (const std::optional<PluginKind> kind = plugin_kind_named(text)) return *kind;
  throw Error({"the plugin is of an unknown kind", file.string(), "method, dataset or metric",
               '"' + text + '"', kRegister});
}

// "1.13.0" -> "1.13"
std::string major_minor(const std::string& version) {
  const std::size_t dot = version.find('.');
  return version.substr(0, dot == std::string::npos ? dot : version.find('.', dot + 1));
}

// The number before the first dot, or after it; -1 when there is none.
int sdk_number(const std::string& version, bool major) {
  const std::size_t dot = version.find('.');
  const std::string digits =
      major || dot == std::string::npos ? version.substr(0, dot) : version.substr(dot + 1);
  // stoi throws where a number is longer than an int.
  if (digits.empty() || digits.size() > 6) return -1;
  const bool number =
      std::all_of(digits.begin(), digits.end(), [](char c) { return '0' <= c && c <= '9'; });
  return number ? std::stoi(digits) : -1;
}

}  // namespace

const char* to_string(PluginKind kind) {
  switch (kind) {
    case PluginKind::kMethod:
      return "method";
    case PluginKind::kDataset:
      return "dataset";
    case PluginKind::kMetric:
      return "metric";
  }
  return "";
}

std::optional<PluginKind> plugin_kind_named(const std::string& word) {
  for (const PluginKind kind : {PluginKind::kMethod, PluginKind::kDataset, PluginKind::kMetric}) {
    if (word == to_string(kind)) return kind;
  }
  return std::nullopt;
}

std::string quoted_label(PluginKind kind, const std::string& name) {
  return std::string(to_string(kind)) + " \"" + name + '"';
}

bool is_plain_name(const std::string& name) {
  const auto letter = [](char c) { return 'a' <= c && c <= 'z'; };
  const auto rest = [&](char c) { return letter(c) || ('0' <= c && c <= '9') || c == '_'; };
  return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), rest);
}

PluginRecord read_manifest(const fs::path& path) {
  const PluginFile file(path);
  PluginRecord record;
  record.file = path;
  record.manifest = manifest_of(file);
  record.description = description_of(file);
  require_keys(path, record.manifest);
  record.kind = parse_kind(path, record.manifest.at("kind"));
  record.name = record.manifest.at("name");
  record.version = record.manifest.at("version");
  if (!is_plain_name(record.name)) {
    throw Error({"the plugin's name cannot be used", path.string(),
                 "lower-case letters, digits and underscores, starting with a letter",
                 '"' + record.name + '"', "register it under another name and rebuild it"});
  }
  return record;
}

std::optional<Problem> incompatibility(const PluginRecord& record) {
  const std::string label = quoted_label(record.kind, record.name);
  const auto& manifest = record.manifest;
  const auto problem = [&](const std::string& what, const std::string& expected,
                           const std::string& got, const char* fix) {
    return Problem{label + " was built " + what, record.file.string(), expected, got, fix};
  };

  const std::string& sdk = manifest.at("sdk");
  const bool same_sdk = sdk_number(sdk, true) == PRESSROOM_SDK_VERSION_MAJOR;
  const std::string this_sdk = std::string("SDK ") + PRESSROOM_SDK_VERSION + ", as this harness";
  if (!same_sdk) return problem("for another plugin SDK", this_sdk, "SDK " + sdk, kRebuildWithSdk);
  const int minor = sdk_number(sdk, false);
  if (minor < 0 || minor > PRESSROOM_SDK_VERSION_MINOR) {
    return problem("for a newer plugin SDK", this_sdk, "SDK " + sdk,
                   "update Pressroom, or rebuild the plugin for this harness");
  }

  const std::string& torch = manifest.at("torch");
  if (major_minor(torch) != major_minor(PRESSROOM_TORCH_VERSION)) {
    return problem("with another libtorch",
                   "libtorch " + major_minor(PRESSROOM_TORCH_VERSION) + ", as this harness",
                   "libtorch " + torch, kRebuildWithSdk);
  }
  if (manifest.at("cxx_abi") != PRESSROOM_CXX_ABI) {
    return problem("with a compiler of another C++ ABI",
                   std::string("ABI ") + PRESSROOM_CXX_ABI + ", as this harness (compiler " +
                       PRESSROOM_COMPILER + ")",
                   "ABI " + manifest.at("cxx_abi") + " (compiler " + manifest.at("compiler") + ")",
                   kRebuildWithSdk);
  }
  // Last: the hash differs with the version of the SDK, too, and says least of what to do.
  const auto interface = manifest.find("interface");
  const std::string built_against = interface == manifest.end() ? "none" : interface->second;
  if (built_against != PRESSROOM_INTERFACE_HASH) {
    return problem("against other headers of the SDK",
                   "interface " PRESSROOM_INTERFACE_HASH ", as this harness",
                   "interface " + built_against,
                   "rebuild it with pressroom_add_method, and with the headers of this harness");
  }
  return std::nullopt;
}

}  // namespace pressroom
