// The archive of a bundle: the same bytes for the same files, and nothing unpacked that a stranger
// should not have put there.
#include "bundle/bundle_archive.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <numeric>

#include "bundle_test_support.h"
#include "compressed_bytes.h"
#include "scratch_folder.h"
#include "text_search.h"

namespace pressroom::bundle_archive_test {
namespace {

namespace fs = std::filesystem;

bool is_same(const BundleMembers& a, const BundleMembers& b) {
  const auto same = [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.bytes == y.second.bytes &&
           x.second.executable == y.second.executable;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

BundleMembers parse(const std::string& bytes, const BundleLimits& limits = {}) {
  return parse_bundle(bytes, kBundle, limits);
}

Problem refusal_of(const std::string& bytes, const BundleLimits& limits = {}) {
  return bundle_problem([&] { parse(bytes, limits); });
}

// Names at the edges of what a tar header holds, and of what is allowed.
std::vector<std::string> edge_paths() {
  const auto part = [](std::size_t bytes) { return std::string(bytes, 'n'); };
  std::vector<std::string> paths = {"src/a b", "src/...", "src/..a", "src/.a",
                                    "src/-rf", "src/~",   "src/a:b", "src/\"$(x)'*?"};
  for (const std::size_t bytes : {95, 96, 97, 150, 155, 156, 255})
    paths.push_back("src/" + part(bytes));
  paths.push_back("src/" + part(200) + "/" + part(200) + "/x");
  std::string deep = "src";
  while (deep.size() + 256 < 4096) deep += "/" + std::string(255, 'm');
  deep += "/" + part(4096 - deep.size() - 1);
  paths.push_back(deep);
  std::string nested = "src";
  for (int i = 0; i < 500; ++i) nested += "/d";
  paths.push_back(nested);
  return paths;
}

TEST(BundleArchive, GivesBackWhatWasWritten) {
  BundleMembers members = small_bundle();
  members["manifest.json.minisig"] = {"untrusted comment: x\n", false};
  members["variants/7.0-1.13-1017-cxx11-1-x86_64/h2o.so"] = {std::string(3000, '\0') +
                                                                 "\x7F"
                                                                 "ELF",
                                                             true};
  for (const std::string& path : edge_paths()) members[path] = {path, false};
  for (const std::size_t size : {1, 511, 512, 513, 10240, 300000}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * i >> 3);
    members["src/sizes/" + std::to_string(size)] = {bytes, size % 2 == 0};
  }
  EXPECT_TRUE(is_same(parse(bundle_bytes(members, kBundle)), members));

  const ScratchFolder scratch;
  const fs::path file = scratch.path() / "new folder" / kBundle;
  write_bundle(members, file);
  EXPECT_TRUE(is_same(read_bundle(file), members));
  EXPECT_EQ(read_file(file), bundle_bytes(members, kBundle));
}

TEST(BundleArchive, IsTheSameToTheByteWhoeverWritesItWheneverAndHow) {
  const BundleMembers members = small_bundle();
  const std::string first = bundle_bytes(members, kBundle);
  BundleMembers backwards;
  for (auto it = members.rbegin(); it != members.rend(); ++it) backwards.insert(*it);
  EXPECT_EQ(bundle_bytes(backwards, "elsewhere"), first);

  // Another process, user, umask, time zone, folder and second.
  const ScratchFolder scratch;
  const fs::path file = scratch.path() / "b";
  fs::permissions(scratch.path(), fs::perms::all);
  const std::time_t begun = std::time(nullptr);
  while (std::time(nullptr) == begun) ::usleep(10000);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::umask(0027);
    ::setenv("TZ", "Pacific/Kiritimati", 1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    ::setenv("SOURCE_DATE_EPOCH", "12345", 1);
    ::tzset();
    const bool moved = ::chdir("/") == 0 && (::geteuid() != 0 || ::seteuid(65534) == 0);
    try {
      write_bundle(members, file);
    } catch (const Error&) {
      ::_exit(1);
    }
    ::_exit(moved ? 0 : 2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(read_file(file), first);
}

TEST(BundleArchive, HasNamesInOrderAndNeitherTimesNorOwners) {
  BundleMembers members = small_bundle();
  members["src/" + std::string(255, 'n')] = {"x", false};  // does not fit a plain header
  const std::string bytes = bundle_bytes(members, kBundle);
  archive* reader = archive_read_new();
  archive_read_support_filter_zstd(reader);
  archive_read_support_format_tar(reader);
  ASSERT_EQ(archive_read_open_memory(reader, bytes.data(), bytes.size()), ARCHIVE_OK);
  std::vector<std::string> paths;
  for (archive_entry* entry = nullptr; archive_read_next_header(reader, &entry) == ARCHIVE_OK;) {
    paths.emplace_back(archive_entry_pathname(entry));
    EXPECT_EQ(archive_entry_mtime(entry), 0);
    EXPECT_EQ(archive_entry_mtime_nsec(entry), 0);
    EXPECT_FALSE(archive_entry_atime_is_set(entry) || archive_entry_ctime_is_set(entry));
    EXPECT_EQ(archive_entry_uid(entry), 0);
    EXPECT_EQ(archive_entry_gid(entry), 0);
    EXPECT_EQ(std::string(archive_entry_uname(entry)), "");
    EXPECT_EQ(std::string(archive_entry_gname(entry)), "");
    EXPECT_EQ(archive_entry_perm(entry), members.at(paths.back()).executable ? 0755U : 0644U);
  }
  archive_read_free(reader);
  EXPECT_EQ(paths.size(), members.size());
  EXPECT_TRUE(std::is_sorted(paths.begin(), paths.end()));
  // One frame, of which the zstd command says size and checksum.
  EXPECT_EQ(ZSTD_findFrameCompressedSize(bytes.data(), bytes.size()), bytes.size());
  EXPECT_GT(ZSTD_getFrameContentSize(bytes.data(), bytes.size()), 512U * members.size());
  EXPECT_EQ(static_cast<unsigned char>(bytes[4]) & 4, 4);
}

struct BadPath {
  std::string path, what;
};

std::vector<BadPath> bad_paths() {
  const std::string empty_part = "a file's name has an empty part";
  const std::string leads_out = "a file's name leads out of the bundle";
  const std::string dot = "a file's name has a \".\" in it";
  const std::string control = "a file's name has a control character in it";
  const std::string foreign = "a file's name is not ASCII";
  const std::string too_long = "a file's name is too long";
  const std::string no_place = "a file has no place in a bundle";
  std::string many = "src";
  while (many.size() <= 4096) many += "/abcdefg";
  return {{"/etc/passwd", "a file's name is absolute"},
          {"//src/a", "a file's name is absolute"},
          {"..", leads_out},
          {"../a", leads_out},
          {"src/../../a", leads_out},
          {"src/..", leads_out},
          {"src/a/../b", leads_out},
          {"./README.md", dot},
          {"src/./a", dot},
          {"src/.", dot},
          {"src//a", empty_part},
          {"src/\\..\\a", "a file's name has a backslash in it"},
          {"C:\\a", "a file's name has a backslash in it"},
          {"src/a\nb", control},
          {"src/\x1b[2J", control},
          {"src/\x7f", control},
          {"src/\x01", control},
          {"src/caf\xC3\xA9", foreign},
          {"src/caf\xE9", foreign},
          {"src/\xE2\x80\xAEtxt.exe", foreign},
          {"src/" + std::string(256, 'n'), too_long},
          {many, too_long},
          {"README", no_place},
          {"readme.md", no_place},
          {"MANIFEST.JSON", no_place},
          {"LICENSE", no_place},
          {"src", no_place},
          {"srcs/a", no_place},
          {"SRC/a", no_place},
          {"README.md/a", no_place},
          {"variants", no_place},
          {"variants/h2o.so", no_place},
          {"variants/7.0/.so", no_place},
          {"variants/7.0/h2o.dll", no_place},
          {"variants/7.0/H2O.so", no_place},
          {"variants/7.0/lib/h2o.so", no_place},
          {"variants/7 0/h2o.so", no_place},
          {".bashrc", no_place},
          {"C:/a", no_place}};
}

TEST(BundleArchive, RefusesNamesThatLeadAnywhereElse) {
  for (const BadPath& bad : bad_paths()) {
    SCOPED_TRACE(bad.path.substr(0, 60));
    const Problem problem = refusal_of(zstd_of(MadeTar().add("README.md").add(bad.path).bytes()));
    EXPECT_EQ(problem.what, bad.what);
    EXPECT_EQ(problem.where, kBundle);
    EXPECT_LT(problem.text().size(), 800U);
    // Nor is it written, or listed by a manifest.
    EXPECT_EQ(bundle_problem([&] { bundle_bytes({{bad.path, {}}}, kBundle); }).what, bad.what);
  }
  const std::pair<const char*, const char*> no_files[] = {
      {"", "a file has no name"},
      {"/", "a file's name is absolute"},
      {"src/", "a file's name has an empty part"},
      {"src/a/", "a file's name has an empty part"}};
  for (const auto& [path, what] : no_files) {
    EXPECT_EQ(bundle_problem([&, &path = path] { check_member_path(path, kBundle); }).what, what);
  }
  const std::string with_nul("README.md\0.so", 13);
  EXPECT_EQ(bundle_problem([&] {
              bundle_bytes({{with_nul, {}}}, kBundle);
            }).what,
            "a file's name has a control character in it");
}

TEST(BundleArchive, RefusesLongNamesOfEveryKindOfTar) {
  const std::string outside = "src/" + std::string(200, 'n') + "/../../../../x";
  for (const int format : {ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE}) {
    EXPECT_EQ(refusal_of(zstd_of(MadeTar(format).add(outside).bytes())).what,
              "a file's name leads out of the bundle");
    const std::string inside = "src/" + std::string(200, 'n') + "/x";
    EXPECT_EQ(parse(zstd_of(MadeTar(format).add(inside, "y").bytes())).at(inside).bytes, "y");
  }
}

struct BadEntry {
  MadeTar::Change change;
  std::string what, got;
};

TEST(BundleArchive, RefusesWhatIsNoPlainFile) {
  const auto type = [](unsigned kind) {
    return [kind](archive_entry* entry) { archive_entry_set_filetype(entry, kind); };
  };
  const auto mode = [](int bits) {
    return [bits](archive_entry* entry) { archive_entry_set_perm(entry, bits); };
  };
  const auto symbolic = [](const char* target) {
    return [target](archive_entry* entry) {
      archive_entry_set_filetype(entry, AE_IFLNK);
      archive_entry_set_symlink(entry, target);
    };
  };
  const auto hard = [](const char* target) {
    return [target](archive_entry* entry) { archive_entry_set_hardlink(entry, target); };
  };
  const std::string no_file = "something in the bundle is no plain file";
  const std::string other_mode = "a file of the bundle has another mode";
  const std::vector<BadEntry> entries = {
      {symbolic("/etc/passwd"), no_file, "\"src/x\", a symbolic link"},
      {symbolic("README.md"), no_file, "\"src/x\", a symbolic link"},
      {hard("README.md"), no_file, "\"src/x\", a hard link"},
      {hard("/etc/passwd"), no_file, "\"src/x\", a hard link"},
      {type(AE_IFCHR), no_file, "\"src/x\", a device"},
      {type(AE_IFBLK), no_file, "\"src/x\", a device"},
      {type(AE_IFIFO), no_file, "\"src/x\", a pipe"},
      {type(AE_IFDIR), no_file, "\"src/x/\", a folder"},
      {mode(0600), other_mode, "\"src/x\", 0600"},
      {mode(0666), other_mode, "\"src/x\", 0666"},
      {mode(0777), other_mode, "\"src/x\", 0777"},
      {mode(04755), other_mode, "\"src/x\", 4755"},
      {mode(02755), other_mode, "\"src/x\", 2755"},
      {mode(01644), other_mode, "\"src/x\", 1644"}};
  for (const BadEntry& bad : entries) {
    const std::string tar = MadeTar().add("README.md", "x").add("src/x", "", bad.change).bytes();
    const Problem problem = refusal_of(zstd_of(tar));
    EXPECT_EQ(problem.what, bad.what) << bad.got;
    EXPECT_EQ(problem.got, bad.got);
  }
}

// `tar` with other bytes in its first header, whose sum is right again.
std::string with_header(std::string tar, std::size_t at, const std::string& bytes) {
  tar.replace(at, bytes.size(), bytes);
  tar.replace(148, 8, "        ");
  const auto add = [](unsigned sum, char c) { return sum + static_cast<unsigned char>(c); };
  const unsigned sum = std::accumulate(tar.begin(), tar.begin() + 512, 0U, add);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  return tar.replace(148, 8, std::string(digits, 6) + '\0' + ' ');
}

// Of a name that the locale has no characters for, libarchive says that there is none.
TEST(BundleArchive, RefusesALinkWhoseTargetCannotBeRead) {
  constexpr std::size_t kType = 156;
  constexpr std::size_t kTarget = 157;
  const std::string tar = with_header(MadeTar().add("src/x").bytes(), kTarget, "caf\xC3\xA9");
  EXPECT_EQ(parse(zstd_of(tar)).size(), 1U);  // a file that has a target is still a file
  for (const char* type : {"1", "2"}) {
    EXPECT_EQ(refusal_of(zstd_of(with_header(tar, kType, type))).what,
              "something in the bundle is no plain file");
  }
}

TEST(BundleArchive, RefusesFilesWithHoles) {
  const auto sparse = [](archive_entry* entry) {
    archive_entry_set_size(entry, 1 << 20);
    archive_entry_sparse_add_entry(entry, 1 << 19, 4096);
  };
  const std::string tar = MadeTar(ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE)
                              .add("src/x", std::string(1 << 20, 'x'), sparse)
                              .bytes();
  ASSERT_LT(tar.size(), 100000U);
  EXPECT_EQ(refusal_of(zstd_of(tar)).got, "\"src/x\", a file with holes");
}

TEST(BundleArchive, RefusesNamesThatAreOneOnSomeSystems) {
  const std::string twice = "a file is there twice";
  const std::string by_case = "two names differ only in the case of letters";
  const std::string both = "a name is that of a file and of a folder";
  struct Case {
    std::vector<std::string> paths;
    std::string what;
  };
  for (const Case& c :
       std::vector<Case>{{{"src/a", "src/a"}, twice},
                         {{"README.md", "src/a", "src/b", "README.md"}, twice},
                         {{"src/a", "src/A"}, by_case},
                         {{"src/a", "src/b", "src/aa", "src/a b", "src/A"}, by_case},
                         {{"src/Lib/a", "src/lib/b"}, by_case},
                         {{"src/x/Lib/a", "src/x/LIB/b/c", "src/x/l/a"}, by_case},
                         {{"src/a/b/c", "src/A/b/d", "src/a/b/e"}, by_case},
                         {{"variants/7.0-a/h.so", "variants/7.0-A/h.so"}, by_case},
                         {{"src/a", "src/a/b"}, both},
                         {{"src/a/b", "src/a"}, both},
                         {{"src/a", "src/a b", "src/a-b", "src/a.b", "src/a/b/c"}, both},
                         {{"src/a", "src/A/b"}, both}}) {
    MadeTar tar;
    for (const std::string& path : c.paths) tar.add(path, path);
    EXPECT_EQ(refusal_of(zstd_of(tar.bytes())).what, c.what) << c.paths[0] << " " << c.paths[1];
  }
  const BundleMembers fine = {{"src/a/b", {}}, {"src/a.b", {}}, {"src/ab", {}},
                              {"src/b/A", {}}, {"src/c/a", {}}, {"src/a b/c", {}}};
  EXPECT_TRUE(is_same(parse(bundle_bytes(fine, kBundle)), fine));
}

// A block of a zstd frame: of `size` bytes as they are (type 0), or of one byte so many times (1).
std::string block_header(std::size_t size, std::uint32_t type, bool is_last) {
  return little_endian(static_cast<std::uint32_t>(size) << 3 | type << 1 | (is_last ? 1 : 0), 3);
}

// A frame without checksum or size, for windows of 512 KiB.
const std::string kFrameStart("\x28\xB5\x2F\xFD\0\x48", 6);

// `bytes`, at most 128 KiB, as they are.
std::string frame_of_bytes(const std::string& bytes) {
  return kFrameStart + block_header(bytes.size(), 0, true) + bytes;
}

// A frame that unpacks to `zeros` zeros behind `start`: blocks that repeat a byte take 4 bytes for
// 128 KiB.
std::string frame_of_zeros(const std::string& start, std::uint64_t zeros) {
  constexpr std::uint64_t kBlock = 1 << 17;
  std::string frame = kFrameStart + block_header(start.size(), 0, false) + start;
  for (; zeros > kBlock; zeros -= kBlock) frame += block_header(kBlock, 1, false) + '\0';
  return frame + block_header(zeros, 1, true) + '\0';
}

TEST(BundleArchive, RefusesMoreThanItsLimitsWhileItUnpacks) {
  const std::string header = MadeTar().add("src/x").bytes().substr(0, 512);
  const std::string bomb = frame_of_zeros(header, 1'000'000'000);
  EXPECT_LT(bomb.size(), 32'000U);
  EXPECT_EQ(refusal_of(bomb).what, "the bundle unpacks to far more than a plugin");
  BundleLimits small;
  small.expansion = ~std::uint64_t{0};
  small.unpacked_bytes = 16 << 20;
  EXPECT_EQ(refusal_of(frame_of_zeros(header, 10'000'000'000), small).what,
            "the bundle is too large");

  // What is allowed to the byte is read, and one more is not.
  const BundleMembers members = small_bundle();
  const std::string bytes = bundle_bytes(members, kBundle);
  const std::uint64_t unpacked = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  BundleLimits limits;
  limits.members = members.size();
  limits.member_bytes = members.at("manifest.json").bytes.size();
  limits.unpacked_bytes = unpacked;
  limits.expansion = unpacked / bytes.size() + 1;
  EXPECT_TRUE(is_same(parse(bytes, limits), members));
  const auto with = [&](const std::function<void(BundleLimits&)>& change) {
    BundleLimits less = limits;
    change(less);
    return refusal_of(bytes, less).what;
  };
  EXPECT_EQ(with([](BundleLimits& l) { --l.members; }), "the bundle has too many files");
  EXPECT_EQ(with([](BundleLimits& l) { --l.member_bytes; }), "a file of the bundle is too large");
  EXPECT_EQ(with([](BundleLimits& l) { --l.unpacked_bytes; }), "the bundle is too large");
  EXPECT_EQ(with([](BundleLimits& l) { --l.expansion; }),
            "the bundle unpacks to far more than a plugin");
  EXPECT_EQ(with([](BundleLimits& l) { l.unpacked_bytes = 100; }), "the bundle is too large");
}

TEST(BundleArchive, HoldsTenThousandFilesAndNoMore) {
  MadeTar most;
  for (int i = 0; i < 10'000; ++i) most.add("src/" + std::to_string(i));
  // Ten thousand headers are alike: what is held against them here is their number.
  BundleLimits limits;
  limits.expansion = 100'000;
  EXPECT_EQ(parse(zstd_of(most.bytes()), limits).size(), 10'000U);
  MadeTar more;
  for (int i = 0; i < 10'001; ++i) more.add("src/" + std::to_string(i));
  EXPECT_EQ(refusal_of(zstd_of(more.bytes()), limits).what, "the bundle has too many files");
}

// A header may promise anything.
TEST(BundleArchive, RefusesAHeaderThatPromisesMoreThanThereIs) {
  constexpr std::size_t kSize = 124;
  const std::string tar = MadeTar().add("src/x", std::string(1000, 'x')).bytes();
  const auto promise = [&](const std::string& size) {
    return refusal_of(zstd_of(with_header(tar, kSize, size))).what;
  };
  EXPECT_EQ(promise("00000010000 "), "the bundle is damaged");              // 4096
  EXPECT_EQ(promise("02000000000 "), "the bundle is damaged");              // 256 MiB
  EXPECT_EQ(promise("02000000001 "), "a file of the bundle is too large");  // 256 MiB + 1
  EXPECT_EQ(promise("112402762000"), "a file of the bundle is too large");  // 10 GB
  EXPECT_NE(promise(std::string("\x80\0\0\0\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12)), "");
  EXPECT_NE(promise(std::string(12, '\xFF')), "");  // below nothing
  EXPECT_THROW(parse(zstd_of(tar.substr(0, 512))), Error);
}

TEST(BundleArchive, SaysWhatAFileIsInstead) {
  const std::string tar = MadeTar().add("README.md", "x").bytes();
  const std::pair<std::string, std::string> cases[] = {
      {"", "the bundle is cut short"},
      {"x", "the file is not a bundle"},
      {"\x28\xB5\x2F", "the file is not a bundle"},
      {"\x28\xB5\x2F\xFD", "the bundle is cut short"},
      {tar, "the file is not a bundle"},
      {gzip_of(tar), "the file is not a bundle"},
      {xz_of(tar), "the file is not a bundle"},
      {"PK\x03\x04 a zip", "the file is not a bundle"},
      {"version https://git-lfs.github.com/spec/v1\n",
       "the file is a Git LFS pointer, not the data"},
      {"<!DOCTYPE html><html></html>", "the file is a page of a web server, not the data"},
      {std::string("\x50\x2A\x4D\x18\0\0\0\0", 8),
       "the file is not a bundle"},  // a skippable frame
      {zstd_of(""), "the bundle is cut short"},
      {zstd_of("a text"), "the file is not a bundle"},
      {zstd_of(std::string(3000, 'x')), "the file is not a bundle"},
      {zstd_of(zstd_of(tar)), "the file is not a bundle"},
      {zstd_of(std::string(100, '\0')), "the file is not a bundle"}};
  for (const auto& [bytes, what] : cases) {
    EXPECT_EQ(refusal_of(bytes).what, what) << bytes.substr(0, 40);
  }
  EXPECT_TRUE(parse(zstd_of(std::string(1024, '\0'))).empty());
}

TEST(BundleArchive, RefusesWhateverFollowsIt) {
  const std::string what = "something follows the bundle's content";
  const std::string tar = MadeTar().add("README.md", "x").bytes();
  const std::string whole = zstd_of(tar);
  const std::string skippable("\x50\x2A\x4D\x18\2\0\0\0xy", 10);
  for (const std::string& behind : {std::string("x"), std::string(1, '\0'), std::string(512, '\0'),
                                    whole, zstd_of(""), skippable, gzip_of("x")}) {
    EXPECT_EQ(refusal_of(whole + behind).what, what);
  }
  const std::string zeros(1024, '\0');
  for (const std::string& behind :
       {std::string("x"), zeros + "x", MadeTar().add("src/x", "y").bytes(), std::string(512, 'x'),
        zeros + MadeTar().add("src/x", "y").bytes()}) {
    EXPECT_EQ(refusal_of(zstd_of(tar + behind)).what, what);
  }
  // As GNU tar fills its last record.
  EXPECT_EQ(parse(zstd_of(tar + zeros + zeros)).at("README.md").bytes, "x");
  std::string between = tar;
  between[between.size() - 600] = 'x';  // between the two blocks of zeros
  EXPECT_THROW(parse(zstd_of(between)), Error);
}

TEST(BundleArchive, RefusesEveryCut) {
  const std::string whole = bundle_bytes(small_bundle(), kBundle);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string what = refusal_of(whole.substr(0, size)).what;
    EXPECT_EQ(what, size == 0 || size >= 4 ? "the bundle is cut short" : "the file is not a bundle")
        << size;
  }
  // Cut before it was compressed.
  const std::string tar =
      MadeTar().add("README.md", "x").add("src/x", std::string(600, 'y')).bytes();
  for (std::size_t size = 0; size < tar.size(); ++size) {
    EXPECT_THROW(parse(zstd_of(tar.substr(0, size))), Error) << size;
  }
}

TEST(BundleArchive, IsRefusedOrTheSameWithAnyBitFlipped) {
  const BundleMembers members = small_bundle();
  const std::string whole = bundle_bytes(members, kBundle);
  int read = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
      try {
        const BundleMembers found = parse(damaged);
        verify_contents(found, kBundle);
        EXPECT_TRUE(is_same(found, members)) << at << " bit " << bit;
        ++read;
      } catch (const Error&) {
      }
    }
  }
  // Spare bits of the frame.
  EXPECT_LT(read, static_cast<int>(whole.size() * 8 / 100));
}

// Damage that zstd's checksum does not see: of the archive, before it was compressed.
TEST(BundleArchive, IsRefusedOrTheSameWithAnyByteOfItsArchiveFlipped) {
  const BundleMembers members = small_bundle();
  MadeTar made;
  for (const auto& [path, member] : members) {
    const int mode = member.executable ? 0755 : 0644;
    made.add(path, member.bytes,
             [&](archive_entry* entry) { archive_entry_set_perm(entry, mode); });
  }
  const std::string tar = made.bytes();
  BundleLimits limits;
  limits.expansion = 100'000;
  for (std::size_t at = 0; at < tar.size(); ++at) {
    for (const int flip : {0x01, 0x20}) {
      std::string damaged = tar;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      try {
        BundleMembers found = parse(frame_of_bytes(damaged), limits);
        verify_contents(found, kBundle);
        // It holds the hashes of all others; its own is for its signature to hold.
        found[kManifestPath] = members.at(kManifestPath);
        EXPECT_TRUE(is_same(found, members)) << at << " flipped by " << flip;
      } catch (const Error&) {
      }
    }
  }
}

TEST(BundleArchive, IsReadFromRegularFilesAlone) {
  const ScratchFolder scratch;
  const fs::path folder = scratch.path();
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  const std::pair<fs::path, std::string> cases[] = {{folder / "none", "no such file"},
                                                    {folder, "a folder"},
                                                    {folder / "fifo", "a pipe"},
                                                    {"/dev/zero", "a device"}};
  for (const auto& [file, got] : cases) {
    const Problem problem = bundle_problem([&, &file = file] { read_bundle(file); });
    EXPECT_EQ(problem.what, "the bundle cannot be read");
    EXPECT_EQ(problem.got, got);
    EXPECT_EQ(problem.where, file.string());
  }
  // A file that is larger than all that may be in it is not even read.
  write_file(folder / "large", "\x28\xB5\x2F\xFD");
  fs::resize_file(folder / "large", std::uintmax_t{1} << 40);
  EXPECT_EQ(bundle_problem([&] { read_bundle(folder / "large"); }).what, "the bundle is too large");
}

TEST(BundleArchive, IsNotWrittenWhereItCouldNotBeRead) {
  const ScratchFolder scratch;
  const fs::path file = scratch.path() / kBundle;
  write_file(file, "the old one");
  const std::pair<BundleMembers, std::string> cases[] = {
      {{{"../x", {}}}, "a file's name leads out of the bundle"},
      {{{"src/a", {}}, {"src/A", {}}}, "two names differ only in the case of letters"},
      {{{"src/a", {}}, {"src/a/b", {}}}, "a name is that of a file and of a folder"},
      {{{"src/zeros", {std::string(20 << 20, '\0'), false}}},
       "the bundle unpacks to far more than a plugin"}};
  for (const auto& [members, what] : cases) {
    const Problem problem =
        bundle_problem([&, &members = members] { write_bundle(members, file); });
    EXPECT_EQ(problem.what, what);
    EXPECT_EQ(problem.where, file.string());
    EXPECT_EQ(read_file(file), "the old one");
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path()), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace pressroom::bundle_archive_test
