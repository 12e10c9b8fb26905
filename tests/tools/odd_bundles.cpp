// Makes what nobody should: keys without a passphrase, bundles that are each wrong in one way, and
// indexes that `pressroom plugin publish` would not make. For the tests of the whole program.
//
//   pressroom_odd_bundles key FILE                       FILE, and FILE.pub
//   pressroom_odd_bundles bundles GOOD KEY FOLDER        FOLDER/WHAT_IS_WRONG.press.tar.zst
//   pressroom_odd_bundles expired REPOSITORY KEY         its index ended yesterday
//   pressroom_odd_bundles expired_key REPOSITORY KEY OTHER_KEY BUNDLE
//                                                        so did OTHER_KEY, which signed the bundle
//
// GOOD is a bundle of a method with one variant, for this harness, and one source src/*.cpp.
#include <archive.h>
#include <archive_entry.h>
#include <zstd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/strings.h"
#include "base/utc_time.h"
#include "base/whole_file.h"
#include "bundle/bundle_archive.h"
#include "bundle/bundle_contents.h"
#include "bundle/bundle_frame.h"
#include "bundle/bundle_manifest.h"
#include "bundle/member_path.h"
#include "bundle/variant.h"
#include "pressroom/error.h"
#include "repository/publish.h"
#include "signing/signature.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kDay{24};

SecretKey key_in(const std::string& file) { return SecretKey::parse(text_of_file(file), "", file); }

[[noreturn]] void cannot_make(const std::string& why) {
  throw Error({"an odd bundle cannot be made", "", "", why, "give it a good one"});
}

void replace_once(std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) cannot_make("there is no \"" + from + '"');
  text.replace(at, from.size(), to);
}

// --- Archives that write_bundle would not make.

class RawTar {
 public:
  using Change = std::function<void(archive_entry*)>;

  explicit RawTar(const BundleMembers& members) : writer_(archive_write_new()) {
    archive_write_set_format_pax_restricted(writer_);
    archive_write_set_bytes_in_last_block(writer_, 1);
    archive_write_open(writer_, &bytes_, nullptr, append, nullptr);
    for (const auto& [path, member] : members) {
      add(path, member.bytes, [executable = member.executable](archive_entry* entry) {
        archive_entry_set_perm(entry, executable ? 0755 : 0644);
      });
    }
  }
  ~RawTar() { archive_write_free(writer_); }
  RawTar(const RawTar&) = delete;
  RawTar& operator=(const RawTar&) = delete;

  RawTar& add(const std::string& path, const std::string& content, const Change& change = {}) {
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, path.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    if (change) change(entry);
    if (archive_write_header(writer_, entry) < ARCHIVE_WARN) {
      cannot_make(archive_error_string(writer_));
    }
    archive_write_data(writer_, content.data(), content.size());
    archive_entry_free(entry);
    return *this;
  }

  std::string bundle() {
    archive_write_close(writer_);
    return pack_frame(bytes_);
  }

 private:
  static la_ssize_t append(archive*, void* text, const void* piece, std::size_t size) {
    static_cast<std::string*>(text)->append(static_cast<const char*>(piece), size);
    return static_cast<la_ssize_t>(size);
  }

  archive* writer_;
  std::string bytes_;
};

// A zstd frame written by hand: gigabytes of one character in no time.
class HandMadeFrame {
 public:
  void add(std::string_view bytes) {
    put_header(kRaw, bytes.size());
    frame_ += bytes;
  }
  // In blocks of so many, each of which takes four bytes.
  void repeat(char c, std::uint64_t count, std::uint64_t block = 128 << 10) {
    while (count > 0) {
      const std::uint64_t size = std::min(count, block);
      put_header(kRepeated, size);
      frame_ += c;
      count -= size;
    }
  }
  std::string bytes() {
    put_header(kRaw | kLast, 0);
    return frame_;
  }

 private:
  static constexpr std::uint64_t kLast = 1;
  static constexpr std::uint64_t kRaw = 0 << 1;
  static constexpr std::uint64_t kRepeated = 1 << 1;

  void put_header(std::uint64_t kind, std::uint64_t size) {
    const std::uint64_t header = kind | size << 3;
    for (int shift = 0; shift < 24; shift += 8) frame_ += static_cast<char>(header >> shift);
  }

  // No content size, no checksum; a window of 128 KiB.
  std::string frame_ = std::string("\x28\xB5\x2F\xFD\x00\x38", 6);
};

// The header of one file, as POSIX has it; sizes from 8 GiB on as GNU tar writes them.
std::string tar_header(const std::string& path, std::uint64_t size) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) {
    header.replace(at, text.size(), text);
  };
  const auto octal = [](std::uint64_t number, std::size_t digits) {
    std::string text(digits, '0');
    for (; number > 0 && digits > 0; number /= 8)
      text[--digits] = static_cast<char>('0' + number % 8);
    return text;
  };
  put(0, path);
  put(100, octal(0644, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  if (size >> 33 == 0) {
    put(124, octal(size, 11));
  } else {
    header[124] = '\x80';
    for (std::size_t i = 0; i < 8; ++i) header[135 - i] = static_cast<char>(size >> (8 * i));
  }
  put(136, octal(0, 11));
  put(148, "        ");
  header[156] = '0';
  put(257, std::string("ustar\0"
                       "00",
                       8));
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, octal(sum, 6) + std::string("\0 ", 2));
  return header;
}

// The bundle of one file of `size` times `c`, in blocks as of HandMadeFrame.
std::string repeated_bundle(const std::string& path, std::uint64_t size, char c,
                            std::uint64_t there, std::uint64_t block) {
  HandMadeFrame frame;
  frame.add(tar_header(path, size));
  frame.repeat(c, there, block);
  frame.repeat('\0', (512 - there % 512) % 512 + 1024);
  return frame.bytes();
}

std::string bundle_of_empty_files(std::uint64_t count) {
  std::string tar;
  tar.reserve(512 * count + 1024);
  for (std::uint64_t i = 0; i < count; ++i) tar += tar_header("src/" + std::to_string(i), 0);
  tar.append(1024, '\0');
  std::string bytes(ZSTD_compressBound(tar.size()), '\0');
  bytes.resize(ZSTD_compress(bytes.data(), bytes.size(), tar.data(), tar.size(), 1));
  return bytes;
}

// --- Bundles of members that are wrong.

class OddBundles {
 public:
  OddBundles(const std::string& good, const std::string& key, fs::path folder)
      : bytes_(text_of_file(good)),
        members_(parse_bundle(bytes_, good)),
        manifest_(verify_contents(members_, good)),
        key_(key_in(key)),
        folder_(std::move(folder)) {
    for (const auto& [path, member] : members_) {
      if (begins_with(path, kSourceFolder) && ends_with(path, ".cpp")) source_ = path;
      if (variant_path(path)) variant_ = path;
    }
    if (source_.empty() || variant_.empty()) cannot_make("no source, or no variant");
  }

  void write() {
    tampered();
    archives();
    too_large();
    manifests();
    variants();
    sources();
    goldens();
    signatures();
    put("cut", bytes_.substr(0, bytes_.size() / 2));
  }

 private:
  using Change = std::function<void(BundleMembers&, BundleManifest&)>;

  void put(const std::string& name, const std::string& bytes) const {
    write_file_atomically(folder_ / (name + ".press.tar.zst"), bytes, Sync::kLater);
  }

  // Of members that were not made to agree with each other.
  void put_members(const std::string& name, const BundleMembers& members) const {
    put(name, bundle_bytes(members, name));
  }

  // As its author would make it after the change: with the manifest of its files, and signed.
  void put_made_again(const std::string& name, const Change& change) const {
    BundleMembers members = members_;
    BundleManifest manifest = manifest_;
    change(members, manifest);
    manifest.files = listed_files(members);
    members[kManifestPath].bytes = bundle_manifest_text(manifest, name);
    sign_again(members, key_);
    put_members(name, members);
  }

  static void sign_again(BundleMembers& members, const SecretKey& key) {
    members[kSignaturePath].bytes = sign(members.at(kManifestPath).bytes, key, "an odd bundle");
  }

  static std::string kind_of_member(const std::string& path) {
    if (path == kManifestPath) return "manifest";
    if (path == kSignaturePath) return "signature";
    if (path == kReadmePath) return "readme";
    if (path == kGoldenPath) return "golden";
    return variant_path(path) ? "variant" : "source";
  }

  // One byte of one member, all else as it was; of the manifest and its signature one that leaves
  // them readable. Further members of a kind have a number.
  void tampered() const {
    std::map<std::string, int> count;
    for (const auto& [path, member] : members_) {
      const std::string kind = kind_of_member(path);
      BundleMembers members = members_;
      std::string& bytes = members[path].bytes;
      if (kind == "manifest") {
        replace_once(bytes, "\"Ann Author\"", "\"Bnn Author\"");
      } else if (kind == "signature") {
        char& c = bytes[bytes.find('\n') + 40];  // in the base64 of the signature
        c = c == 'A' ? 'B' : 'A';
      } else {
        bytes[bytes.size() / 2] ^= 1;
      }
      const int number = ++count[kind];
      put_members("tampered_" + kind + (number == 1 ? "" : std::to_string(number)), members);
    }
    BundleMembers members = members_;
    replace_once(members[kSignaturePath].bytes, "\ntrusted comment: ", "\ntrusted comment: not ");
    put_members("tampered_comment", members);
  }

  void put_with(const std::string& name, const std::string& path, const std::string& content,
                const RawTar::Change& change = {}) const {
    put(name, RawTar(members_).add(path, content, change).bundle());
  }

  void archives() const {
    put_with("leads_out", "src/../../../escaped", "out");
    put_with("leads_out_at_once", "../escaped", "out");
    put_with("absolute", "/tmp/escaped", "out");
    put_with("symbolic_link", "src/link", "", [](archive_entry* entry) {
      archive_entry_set_filetype(entry, AE_IFLNK);
      archive_entry_set_symlink(entry, "../../../../escaped");
    });
    put_with("hard_link", "src/link", "",
             [](archive_entry* entry) { archive_entry_set_hardlink(entry, "/etc/passwd"); });
    put_with("device", "src/null", "", [](archive_entry* entry) {
      archive_entry_set_filetype(entry, AE_IFCHR);
      archive_entry_set_rdevmajor(entry, 1);
      archive_entry_set_rdevminor(entry, 3);
    });
    put_with("block_device", "src/disk", "", [](archive_entry* entry) {
      archive_entry_set_filetype(entry, AE_IFBLK);
      archive_entry_set_rdevmajor(entry, 8);
    });
    put_with("pipe", "src/pipe", "",
             [](archive_entry* entry) { archive_entry_set_filetype(entry, AE_IFIFO); });
    put_with("runs_as_owner", "src/sh", "",
             [](archive_entry* entry) { archive_entry_set_perm(entry, 04755); });
    put_with("twice", source_, "int another;\n");
    put_with("case_only", "src/cmakelists.txt", "project(another)\n");
    put_with("file_and_folder", "src/CMakeLists.txt/more.txt", "more\n");
    put_with("no_place", "bin/sh", "more\n");
    put_with("not_in_manifest", "src/more.txt", "more\n");
    BundleMembers members = members_;
    members.erase(source_);
    put_members("file_missing", members);
  }

  void too_large() const {
    constexpr std::uint64_t kTenGb = 10'000'000'000;
    put("a_million_files", bundle_of_empty_files(1'000'000));
    // zstd has room for 320 MB in 10 kB; the rest is the header's word.
    put("ten_gb_in_10_kb",
        repeated_bundle("src/zeros", kTenGb, '\0', std::uint64_t{2500} << 17, 128 << 10));
    put("ten_gb", repeated_bundle("src/zeros", kTenGb, '\0', kTenGb, 128 << 10));
    // In more bytes, so that only its size speaks against it.
    put("manifest_of_1_gb",
        repeated_bundle(kManifestPath, 1'000'000'000, ' ', 1'000'000'000, 2000));
  }

  void manifests() const {
    const auto put_text = [&](const std::string& name, const std::string& text) {
      BundleMembers members = members_;
      members[kManifestPath].bytes = text;
      sign_again(members, key_);
      put_members(name, members);
    };
    const std::string good = members_.at(kManifestPath).bytes;
    put_text("manifest_of_2_mb", good + std::string(2'000'000, ' '));
    constexpr std::size_t kLevels = 100'000;
    std::string deep = good;
    replace_once(deep, "{",
                 "{\"deep\": " + std::string(kLevels, '[') + std::string(kLevels, ']') + ",");
    put_text("manifest_of_100000_levels", deep);
    std::string later = good;
    replace_once(later, kBundleSchema, "pressroom.bundle/2");
    put_text("manifest_of_a_later_format", later);
    put_text("manifest_is_no_json", "name: canary\n");
    put_made_again("other_sdk_range", [](BundleMembers&, BundleManifest& manifest) {
      const SdkVersion own = this_sdk();
      manifest.sdk = {{own.major + 1, 0}, {own.major + 2, 0}};
    });
  }

  // The variant, built for something else as far as anybody can tell who does not run it.
  void put_variant(const std::string& name, const std::function<void(std::string&)>& change) const {
    put_made_again(name, [&](BundleMembers& members, BundleManifest&) {
      BundleMember member = members.at(variant_);
      members.erase(variant_);
      change(member.bytes);
      const std::string folder = built_variant(member.bytes, name).variant;
      members[kVariantsFolder + folder + "/" + manifest_.name + ".so"] = member;
    });
  }

  // Another first digit of a version in the plugin's own manifest.
  static void set_digit(std::string& bytes, const std::string& line, char digit) {
    const std::size_t at = bytes.find(line);
    if (at == std::string::npos) cannot_make("the plugin's manifest lacks a line" + line);
    bytes[at + line.size()] = digit;
  }

  void variants() const {
    put_variant("other_processor", [](std::string& elf) {
      constexpr std::size_t kMachineAt = 18;     // e_machine
      elf[kMachineAt] = static_cast<char>(183);  // EM_AARCH64
    });
    put_variant("other_sdk", [](std::string& elf) { set_digit(elf, "\nsdk=", '9'); });
    put_variant("other_torch", [](std::string& elf) { set_digit(elf, "\ntorch=", '8'); });
    put_made_again("wrong_folder", [&](BundleMembers& members, BundleManifest&) {
      members["variants/0.1-other/" + manifest_.name + ".so"] = members.at(variant_);
      members.erase(variant_);
    });
  }

  void sources() const {
    put_made_again("without_source", [](BundleMembers& members, BundleManifest&) {
      for (auto member = members.begin(); member != members.end();) {
        member = begins_with(member->first, kSourceFolder) ? members.erase(member) : ++member;
      }
    });
    const auto put_source = [&](const std::string& name, const Change& change) {
      put_made_again(name, [&](BundleMembers& members, BundleManifest& manifest) {
        members.erase(variant_);
        change(members, manifest);
      });
    };
    put_source("does_not_build", [&](BundleMembers& members, BundleManifest&) {
      members.at(source_).bytes += "\n#error this source is broken\n";
    });
    put_source("does_not_configure", [](BundleMembers& members, BundleManifest&) {
      members.at(kSourceProject).bytes += "\nfind_package(WhatNobodyHas REQUIRED)\n";
    });
    put_source("makes_nothing", [](BundleMembers& members, BundleManifest&) {
      members.at(kSourceProject).bytes =
          "cmake_minimum_required(VERSION 3.20)\nproject(nothing LANGUAGES NONE)\n";
    });
    put_source("makes_another_version",
               [](BundleMembers&, BundleManifest& manifest) { manifest.version.patch += 1; });
  }

  void goldens() const {
    using Json = nlohmann::ordered_json;
    const auto put_golden = [&](const std::string& name, const std::function<void(Json&)>& change) {
      put_made_again(name, [&](BundleMembers& members, BundleManifest&) {
        Json golden = Json::parse(members.at(kGoldenPath).bytes);
        change(golden);
        members.at(kGoldenPath).bytes = golden.dump();
      });
    };
    put_golden("golden_by_1e-3", [](Json& golden) {
      Json& nll = golden.at("answers").at(0).at("nll_nats").at(0);
      nll = nll.get<double>() + 1e-3;
    });
    put_golden("golden_kept", [](Json& golden) {
      golden.at("answers").at(0).at("kept").at(0).at(0) = "0-190 255";
    });
    put_golden("golden_of_another_model", [](Json& golden) {
      golden.at("model").at("weights_sha256") = std::string(64, '0');
    });
    put_golden("golden_without_answers",
               [](Json& golden) { golden.at("answers") = Json::array(); });
    // Nothing is wrong with it; the plugin may be.
    put_made_again("good_again", [](BundleMembers& members, BundleManifest&) {
      members.at(kReadmePath).bytes += "\nMade again.\n";
    });
  }

  void signatures() const {
    BundleMembers members = members_;
    members.erase(kSignaturePath);
    put_members("unsigned", members);
    const SecretKey other = SecretKey::generate();
    sign_again(members, other);
    put_members("signed_by_a_stranger", members);
    const std::string text = members.at(kSignaturePath).bytes;
    Signature forged = Signature::parse(text, "a signature");
    forged.key_id = key_.public_key().id;
    members.at(kSignaturePath).bytes = forged.text();
    put_members("signed_in_anothers_name", members);
    members.at(kSignaturePath).bytes = "signed, Ann\n";
    put_members("signature_is_none", members);
  }

  std::string bytes_;
  BundleMembers members_;
  BundleManifest manifest_;
  SecretKey key_;
  fs::path folder_;
  std::string source_;   // path of the plugin's source
  std::string variant_;  // of its shared object
};

// --- Keys and indexes.

void make_key(const std::string& file) {
  const SecretKey key = SecretKey::generate();
  write_file_atomically(file, key.text_unencrypted());
  write_file_atomically(file + ".pub", key.public_key().text());
}

void let_index_expire(const std::string& repository, const SecretKey& key) {
  PublishRequest request{repository, {}, key, utc_now().after(-2 * kDay)};
  request.valid_for = kDay;
  publish(request);
}

void publish_with_expired_key(const std::string& repository, const SecretKey& key,
                              const SecretKey& other, const std::string& bundle) {
  const UtcTime then = utc_now().after(-10 * kDay);
  PublishRequest request{repository, {bundle}, key, then};
  IndexedKey of_bundle;
  of_bundle.key = other.public_key();
  of_bundle.owner = "Bob Author";
  of_bundle.expires = then.after(kDay);
  request.keys = {of_bundle};
  publish(request);
}

int make(const std::vector<std::string>& words) {
  const std::string what = words.empty() ? "" : words[0];
  if (what == "key" && words.size() == 2) {
    make_key(words[1]);
  } else if (what == "bundles" && words.size() == 4) {
    OddBundles(words[1], words[2], words[3]).write();
  } else if (what == "expired" && words.size() == 3) {
    let_index_expire(words[1], key_in(words[2]));
  } else if (what == "expired_key" && words.size() == 5) {
    publish_with_expired_key(words[1], key_in(words[2]), key_in(words[3]), words[4]);
  } else {
    std::cerr << "usage: see the beginning of odd_bundles.cpp\n";
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace pressroom

int main(int argc, char** argv) {
  try {
    return pressroom::make({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
