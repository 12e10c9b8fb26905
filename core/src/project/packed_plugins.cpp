#include "project/packed_plugins.h"

#include <cstdint>

#include "base/file_kinds.h"
#include "base/whole_file.h"
#include "bundle/member_path.h"
#include "bundle/variant.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

std::string label_of(const PluginRecord& record) {
  return quoted_label(record.kind, record.name) + ' ' + record.version;
}

// Throws Error for what is no file of a size that a bundle takes.
std::string bytes_of_plugin(const fs::path& file) {
  const auto refuse = [&](const std::string& got) {
    throw Error({"the plugin to be packed cannot be read", file.string(),
                 "a shared object, as pressroom plugin build makes it", got, "build it again"});
  };
  std::error_code failed;
  const PathKind kind = kind_at(file, failed);
  if (kind != PathKind::kFile) refuse(words_of(kind, failed));
  const std::uint64_t bytes = fs::file_size(file, failed);
  if (!failed && bytes > BundleLimits().member_bytes) refuse(std::to_string(bytes) + " bytes");
  std::string why;
  std::optional<std::string> content = read_regular_file(file, why);
  if (!content) refuse(why);
  return std::move(*content);
}

// "7.0.2" -> 7.0
std::optional<SdkVersion> sdk_of(const PluginRecord& record) {
  const auto said = record.manifest.find("sdk");
  if (said == record.manifest.end()) return std::nullopt;
  const std::size_t first = said->second.find('.');
  const std::size_t second = first == std::string::npos ? first : said->second.find('.', first + 1);
  return parse_sdk_version(said->second.substr(0, second));
}

void add_plugin(const fs::path& file, PackedPlugins& packed, std::vector<Problem>& mistakes) {
  const std::string where = file.string();
  std::string bytes = bytes_of_plugin(file);
  const BuiltVariant built = built_variant(bytes, where);
  const PluginRecord& record = built.record;
  if (!packed.record) {
    packed.record = record;
    const std::optional<Version> version = parse_version(record.version);
    if (version) {
      packed.version = *version;
    } else {
      mistakes.push_back({"the plugin's version cannot be a bundle's", where,
                          "MAJOR.MINOR.PATCH, as in 1.0.0: plain numbers",
                          '"' + record.version + '"', "change it where the plugin is registered"});
    }
  } else if (label_of(*packed.record) != label_of(record)) {
    mistakes.push_back({"a bundle holds one plugin", where, label_of(*packed.record),
                        label_of(record),
                        "pack each by itself, all variants built from one source"});
    return;
  }
  const std::optional<SdkVersion> sdk = sdk_of(record);
  if (!sdk) {
    mistakes.push_back({"the plugin does not say which SDK it was built with", where,
                        "MAJOR.MINOR in its manifest", "no version", "build it again"});
    return;
  }
  packed.sdks.emplace_back(*sdk, where);
  const std::string member = kVariantsFolder + built.variant + '/' + record.name + ".so";
  if (packed.members.emplace(member, BundleMember{std::move(bytes), false}).second) return;
  mistakes.push_back({"two files are of one variant", where, "one for each kind of harness",
                      built.variant + " twice", "leave one of them out"});
}

}  // namespace

PackedPlugins read_plugins(const std::vector<fs::path>& files, std::vector<Problem>& mistakes) {
  PackedPlugins packed;
  for (const fs::path& file : files) {
    try {
      add_plugin(file, packed, mistakes);
    } catch (const Error& error) {
      mistakes.insert(mistakes.end(), error.problems().begin(), error.problems().end());
    }
  }
  if (files.empty()) {
    mistakes.push_back({"there is no plugin to pack", "", "the shared object that was built",
                        "nothing", "build it first: pressroom plugin build"});
  }
  return packed;
}

}  // namespace pressroom
