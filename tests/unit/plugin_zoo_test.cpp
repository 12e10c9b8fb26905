// What the host says of each broken plugin in tests/zoo, word for word.
#include <elf.h>

#include <algorithm>
#include <cstddef>

#include "plugin_test_support.h"

namespace pressroom::plugin_zoo_test {
namespace {

namespace fs = std::filesystem;

std::vector<Problem> refusals_of(const PluginHost& host, const fs::path& file) {
  std::vector<Problem> found;
  for (const Problem& problem : host.refused()) {
    if (problem.where == file.string()) found.push_back(problem);
  }
  return found;
}

TEST(PluginZoo, RefusesMisfitsByTheirManifestsAlone) {
  const PluginHost host({zoo()});
  for (const std::string name :
       {"bad_name", "damaged_manifest", "debug_containers", "incomplete_manifest", "newer_sdk",
        "no_manifest", "other_abi", "other_sdk", "other_torch", "swapped_virtuals", "twin_a",
        "unknown_headers", "unknown_kind"}) {
    SCOPED_TRACE(name);
    const std::vector<Problem> problems = refusals_of(host, zoo() / (name + ".so"));
    ASSERT_EQ(problems.size(), 1U);
    expect_approved(name, normalised(problems.front().text(), zoo()));
  }
}

// What "swapped_virtuals" is refused for is no difference of files: a comment is none.
TEST(PluginZoo, LoadsWhatWasBuiltAgainstTheSameDeclarations) {
  PluginHost host({zoo()});
  EXPECT_EQ(host.describe(PluginKind::kMethod, "commented_headers").summary, "a specimen");
}

TEST(PluginZoo, GivesTheReasonWhenARefusedPluginIsAskedFor) {
  PluginHost host({zoo()});
  for (const std::string name : {"newer_sdk", "other_abi", "other_sdk", "other_torch"}) {
    SCOPED_TRACE(name);
    expect_approved(name, error_text(zoo(), [&] { host.make_method(name); }));
    expect_approved(name, error_text(zoo(), [&] { host.find(PluginKind::kMethod, name); }));
  }
  expect_approved("twin_a", error_text(zoo(), [&] { host.make_method("twin"); }));
}

TEST(PluginZoo, ExplainsWhyAPluginCannotBeLoaded) {
  PluginHost host({zoo()});
  for (const std::string name :
       {"another_name", "contradicting_parameters", "no_entry_point", "null_descriptor",
        "null_object", "object_of_another_kind", "other_descriptor_size", "throwing_describe",
        "throwing_entry_point", "throwing_error", "throwing_factory", "throwing_integer",
        "undefined_symbol"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(host.find(PluginKind::kMethod, name).name, name) << "its manifest is good";
    expect_approved(name, error_text(zoo(), [&] { host.make_method(name); }));
    expect_approved(name, error_text(zoo(), [&] { host.describe(PluginKind::kMethod, name); }));
  }
}

TEST(PluginZoo, RefusesFilesThatAreNotWholeSharedObjects) {
  const std::string good = read_file(zoo() / "good_method.so");
  std::string foreign = good;
  foreign.at(offsetof(Elf64_Ehdr, e_machine)) = static_cast<char>(0xff);
  std::string object_file = good;
  object_file.at(offsetof(Elf64_Ehdr, e_type)) = ET_REL;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"empty", ""},
      {"not_elf", "method: h2o\nthis is a note somebody left here\n"},
      {"truncated", good.substr(0, good.size() / 2)},
      {"cut_in_header", good.substr(0, 40)},
      {"other_processor", foreign},
      {"not_shared", object_file},
  };
  const ScratchFolder scratch;
  for (const auto& [name, bytes] : cases) {
    write_file(scratch.path() / ("pressroom_method_" + name + ".so"), bytes);
  }
  PluginHost host({scratch.path()});
  EXPECT_TRUE(host.plugins().empty());
  EXPECT_EQ(host.refused().size(), cases.size());
  for (const auto& [name, bytes] : cases) {
    SCOPED_TRACE(name);
    // A name of its own: C++17 lets no lambda capture a part of a structured binding.
    const std::string& method = name;
    std::string text = error_text(scratch.path(), [&] { host.make_method(method); });
    text = replaced(text, std::to_string(bytes.size()) + " bytes, with", "SIZE bytes, with");
    text = replaced(text, "where this one is " + std::to_string(EM_X86_64), "where THIS");
    text = replaced(text, "where this one is " + std::to_string(EM_AARCH64), "where THIS");
    text = replaced(text,
                    std::to_string(*reinterpret_cast<const Elf64_Half*>(
                        &foreign[offsetof(Elf64_Ehdr, e_machine)])),
                    "OTHER");
    expect_approved(name, text);
  }
}

// No length and no byte of the tables makes the reader fall over or look beyond the file.
TEST(PluginZoo, SurvivesEveryCutAndEveryDamagedTableByte) {
  const std::string whole = read_file(zoo() / "good_stranger.so");
  const ScratchFolder scratch;
  const fs::path file = scratch.path() / "specimen.so";
  const auto outcomes = [&](const std::string& bytes) {
    write_file(file, bytes);
    const PluginHost host({scratch.path()});
    return std::make_pair(host.plugins().size(), host.refused().size());
  };
  const auto accepted = std::make_pair(std::size_t{1}, std::size_t{0});
  const auto refused = std::make_pair(std::size_t{0}, std::size_t{1});
  ASSERT_EQ(outcomes(whole), accepted);

  for (std::size_t size = 0; size < whole.size(); size += whole.size() / 100) {
    EXPECT_EQ(outcomes(whole.substr(0, size)), refused) << "cut at " << size;
  }
  Elf64_Ehdr header;
  std::copy_n(whole.data(), sizeof(header), reinterpret_cast<char*>(&header));
  const std::size_t table = header.e_shoff;
  const std::size_t table_end = table + header.e_shnum * sizeof(Elf64_Shdr);
  ASSERT_LE(table_end, whole.size());
  const auto damage = [&](std::size_t at) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string bytes = whole;
      bytes[at] = value;
      const auto outcome = outcomes(bytes);
      EXPECT_TRUE(outcome == accepted || outcome == refused) << "byte " << at;
    }
  };
  for (std::size_t at = 0; at < sizeof(header); ++at) damage(at);
  for (std::size_t at = table; at < table_end; at += 7) damage(at);
}

}  // namespace
}  // namespace pressroom::plugin_zoo_test
