#include "bundle/variant.h"

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>

#include "pressroom/error.h"
#include "pressroom/plugin.h"

namespace pressroom {
namespace {

constexpr const char* kRebuildVariant =
    "have the bundle made again with a plugin that was built for it, or without this one";

#if defined(__x86_64__)
constexpr Elf64_Half kOwnMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kOwnMachine = EM_AARCH64;
#endif

struct Processor {
  Elf64_Half machine;
  const char* name;  // as uname -m has it
};

constexpr Processor kProcessors[] = {{EM_X86_64, "x86_64"}, {EM_AARCH64, "aarch64"}};

std::string processor_name(Elf64_Half machine) {
  for (const Processor& processor : kProcessors) {
    if (processor.machine == machine) return processor.name;
  }
  return "machine" + std::to_string(machine);
}

// "1.13.0" -> "1.13"
std::string first_two_numbers(const std::string& version) {
  const std::size_t dot = version.find('.');
  return version.substr(0, dot == std::string::npos ? dot : version.find('.', dot + 1));
}

std::string variant_of(const std::string& sdk, const std::string& torch, const std::string& cxx_abi,
                       const std::string& processor) {
  std::string name =
      first_two_numbers(sdk) + '-' + first_two_numbers(torch) + '-' + cxx_abi + '-' + processor;
  for (char& c : name) {
    if (!is_variant_letter(c)) c = '_';
  }
  return name;
}

// A file in memory, for what reads files.
class MemoryFile {
 public:
  MemoryFile(std::string_view bytes, const std::string& where)
      : number_(::memfd_create("variant", MFD_CLOEXEC)) {
    while (number_ >= 0 && !bytes.empty()) {
      const ssize_t n = ::write(number_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    if (number_ >= 0 && bytes.empty()) return;
    const int code = errno;
    if (number_ >= 0) ::close(number_);
    throw Error({"a plugin of the bundle cannot be looked at", where, "memory for its bytes",
                 std::generic_category().message(code), "free some memory"});
  }
  ~MemoryFile() { ::close(number_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(number_); }

 private:
  int number_;
};

// As read_manifest, of bytes.
PluginRecord record_of(std::string_view bytes, const std::string& where) {
  const MemoryFile file(bytes, where);
  try {
    return read_manifest(file.path());
  } catch (const Error& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) {
      problem.where = where;
      problem.fix = kRebuildVariant;
    }
    throw Error(std::move(problems));
  }
}

}  // namespace

std::string variant_name(const PluginRecord& built, const std::string& processor) {
  const auto said = [&](const char* key) {
    const auto found = built.manifest.find(key);
    return found == built.manifest.end() ? std::string("unknown") : found->second;
  };
  return variant_of(said("sdk"), said("torch"), said("cxx_abi"), processor);
}

std::string variant_name() {
  return variant_of(PRESSROOM_SDK_VERSION, PRESSROOM_TORCH_VERSION, PRESSROOM_CXX_ABI,
                    processor_name(kOwnMachine));
}

BuiltVariant built_variant(std::string_view bytes, const std::string& where) {
  std::string elf(bytes);
  Elf64_Half machine = kOwnMachine;
  constexpr std::size_t kMachineAt = offsetof(Elf64_Ehdr, e_machine);
  if (elf.size() >= sizeof(Elf64_Ehdr)) {
    std::memcpy(&machine, elf.data() + kMachineAt, sizeof machine);
    // The reader of manifests takes plugins of this processor alone. What it looks at is the same
    // in those of others, which are here to be loaded elsewhere: it is shown them as ours.
    std::memcpy(elf.data() + kMachineAt, &kOwnMachine, sizeof machine);
  }
  BuiltVariant built;
  built.record = record_of(elf, where);
  built.variant = variant_name(built.record, processor_name(machine));
  return built;
}

void check_variant(const VariantPath& path, std::string_view bytes, const BundleManifest& bundle,
                   const std::string& where) {
  const auto refuse = [&](const std::string& what, const std::string& expected,
                          const std::string& got) {
    throw Error({what, where, expected, got, kRebuildVariant});
  };
  if (path.name != bundle.name) {
    refuse("a variant is not named after the plugin", bundle.name + ".so", path.name + ".so");
  }
  const auto [record, built] = built_variant(bytes, where);
  if (record.kind != bundle.kind || record.name != bundle.name) {
    refuse("a variant is another plugin than the bundle's", quoted_label(bundle.kind, bundle.name),
           quoted_label(record.kind, record.name));
  }
  if (record.version != bundle.version.text()) {
    refuse("a variant is of another version than the bundle", bundle.version.text(),
           record.version);
  }
  if (built != path.variant) {
    refuse("a variant was built for another harness than its folder says", path.variant, built);
  }
}

}  // namespace pressroom
