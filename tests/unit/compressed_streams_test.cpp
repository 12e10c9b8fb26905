// Compressed files that are whole, cut, damaged or followed by something else. What may be read
// follows from how the file was put together, never from a decoder: members are read whole or not
// at all, and a change to one either leaves its text as it was or is refused.
#include <random>

#include "compressed_bytes.h"
#include "pressroom/data_file.h"
#include "pressroom/error.h"
#include "readers_test_support.h"

namespace pressroom::compressed_streams_test {
namespace {

class CompressedStreams : public testing::Test {
 protected:
  // The text of a file of these bytes; nothing where it is refused, which problem() then has.
  std::optional<std::string> read(const std::string& ending, const std::string& bytes) {
    const std::filesystem::path file = folder_.path() / ("file" + ending);
    write_file(file, bytes);
    try {
      return DataFile(file, Encoding::kUnchecked).rest();
    } catch (const Error& error) {
      problem_ = error.problems().at(0);
      return std::nullopt;
    }
  }
  const Problem& problem() const { return problem_; }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

 private:
  ScratchFolder folder_;
  Problem problem_;
};

const std::vector<std::string> kTexts = {"alpha beta gamma\nalpha beta gamma\n", "", "delta\n",
                                         "epsilon zeta eta\n"};

TEST_F(CompressedStreams, AreReadUpToTheEndOfAMemberAndCutNowhereElse) {
  for (const Compression& compression : compressions()) {
    std::string file, text;
    std::map<std::size_t, std::string> whole;  // the text by the size of a file that ends well
    for (const std::string& part : kTexts) {
      file += compression.of(part);
      text += part;
      whole[file.size()] = text;
    }
    for (std::size_t cut = 1; cut <= file.size(); ++cut) {
      SCOPED_TRACE(compression.ending + " of " + std::to_string(cut) + " bytes");
      const auto expected = whole.find(cut);
      const auto got = read(compression.ending, file.substr(0, cut));
      ASSERT_EQ(got.has_value(), expected != whole.end());
      if (got) {
        EXPECT_EQ(*got, expected->second);
      }
    }
  }
}

TEST_F(CompressedStreams, MayBeLargerThanThePiecesTheyAreReadIn) {
  std::mt19937 random(7);
  std::string noise(700000, '\0');  // which compresses to its own size
  for (char& c : noise) c = static_cast<char>(random());
  constexpr std::size_t kPiece = 1 << 18;
  for (const Compression& compression : compressions()) {
    const std::string one = compression.of(noise);
    const std::string file = one + compression.of("and more");
    EXPECT_EQ(read(compression.ending, file), noise + "and more");
    for (const std::size_t cut : {kPiece - 1, kPiece, kPiece + 1, 2 * kPiece, one.size() - 1,
                                  one.size() + 1, file.size() - 1}) {
      EXPECT_EQ(read(compression.ending, file.substr(0, cut)), std::nullopt)
          << compression.ending << " of " << cut << " bytes";
    }
    // A member that ends with a piece, so that the next read finds nothing.
    std::string exact = noise.substr(0, kPiece / 2);
    exact = compression.of(exact) + compression.of(exact);
    EXPECT_EQ(read(compression.ending, exact + compression.of("")),
              noise.substr(0, kPiece / 2) + noise.substr(0, kPiece / 2));
  }
}

TEST_F(CompressedStreams, WithAFlippedBitAreRefusedOrReadUnharmed) {
  for (const Compression& compression : compressions()) {
    std::string file, text;
    for (const std::string& part : {kTexts[0], kTexts[2], kTexts[3]}) {
      file += compression.of(part);
      text += part;
    }
    std::size_t unharmed = 0;
    for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
      std::string flipped = file;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
      const auto got = read(compression.ending, flipped);
      if (!got) continue;
      ++unharmed;
      EXPECT_EQ(*got, text) << compression.ending << ", bit " << bit;
    }
    // Times and names in headers, and bits that fill the last byte, are all that no checksum holds.
    EXPECT_LT(unharmed, file.size() * 8 / 4) << compression.ending;
  }
}

// Text that is stored as it is: nothing but the checksum can tell.
TEST_F(CompressedStreams, CompareTheChecksumOfEveryGzipMember) {
  const std::string good = gzip_of("a little cat\n", 0);
  for (int position : {0, 1, 2}) {
    for (const char* part : {"little", "checksum", "size"}) {
      std::string bad = good;
      const std::size_t at = part == std::string("little")     ? bad.find(part)
                             : part == std::string("checksum") ? bad.size() - 8
                                                               : bad.size() - 4;
      bad[at] = static_cast<char>(bad[at] ^ 1);
      std::string file;
      for (int i = 0; i < 3; ++i) file += i == position ? bad : good;
      for (const std::size_t zeros : {0, 512}) {
        EXPECT_EQ(read(".gz", file + std::string(zeros, '\0')), std::nullopt) << position << part;
        EXPECT_TRUE(has(problem().got, "the content is not what was compressed")) << problem().got;
      }
    }
  }
}

// What gzip, bzip2 and xz read of padded files: gzip and bzip2 any zeros, xz a multiple of four,
// zstd none. Zeros between members end a gzip or bzip2 file for its tool, which then leaves the
// rest out; that is refused. The xz format allows them.
TEST_F(CompressedStreams, MayEndInZerosWhereTheFormatPadsFiles) {
  const auto pads = [](const std::string& ending, std::size_t zeros) {
    return ending == ".xz" ? zeros % 4 == 0 : ending != ".zst";
  };
  for (const Compression& compression : compressions()) {
    const std::string one = compression.of("one "), two = compression.of("two");
    for (const std::size_t zeros : {1, 2, 3, 4, 5, 8, 12, 13, 511, 512, 513, 300000}) {
      SCOPED_TRACE(compression.ending + " and " + std::to_string(zeros) + " zeros");
      const std::string padding(zeros, '\0');
      const auto behind = read(compression.ending, one + two + padding);
      EXPECT_EQ(behind.has_value(), pads(compression.ending, zeros));
      if (behind) {
        EXPECT_EQ(*behind, "one two");
      }
      const auto between = read(compression.ending, one + padding + two);
      EXPECT_EQ(between.has_value(), compression.ending == ".xz" && zeros % 4 == 0);
      if (between) {
        EXPECT_EQ(*between, "one two");
      }
    }
  }
}

TEST_F(CompressedStreams, AreRefusedWithAnythingElseBehind) {
  const auto all = compressions();
  for (const Compression& compression : all) {
    const std::string good = compression.of("one\n") + compression.of("two\n");
    std::vector<std::string> behind = {"garbage", "<html>502 Bad Gateway</html>",
                                       std::string("\0x", 2), std::string("\0\0\0\0x", 5)};
    for (int byte = 1; byte < 256; ++byte) behind.emplace_back(1, static_cast<char>(byte));
    for (const Compression& other : all) {
      if (other.ending != compression.ending) behind.push_back(other.of("three\n"));
      behind.push_back(other.of("three\n").substr(0, 5));
    }
    for (const std::string& bytes : behind) {
      EXPECT_EQ(read(compression.ending, good + bytes), std::nullopt)
          << compression.ending << " and " << testing::PrintToString(bytes);
      EXPECT_EQ(problem().what, "the file ends early or is damaged");
    }
  }
}

// Few bytes and many, and zeros that are no padding: what follows is not taken for a member that is
// cut, unless it begins as one.
TEST_F(CompressedStreams, SayThatSomethingStandsBehindAndNotThatTheEndIsMissing) {
  const std::map<std::string, std::string> names = {
      {".gz", "gzip"}, {".zst", "zstd"}, {".xz", "xz"}, {".bz2", "bzip2"}};
  for (const Compression& compression : compressions()) {
    const std::string good = compression.of("one\n");
    std::vector<std::string> behind = {"x",
                                       "abc",
                                       "garbage",
                                       "<html>502 Bad Gateway</html>",
                                       std::string(300000, 'x'),
                                       std::string("\0\0\0\0x", 5)};
    if (compression.ending == ".xz") {
      behind.emplace_back("\0\0\0", 3);
      behind.emplace_back("\xFDxyz");
    }
    for (const std::string& bytes : behind) {
      EXPECT_EQ(read(compression.ending, good + bytes), std::nullopt);
      EXPECT_EQ(problem().got, "something else follows the " + names.at(compression.ending) +
                                   " data, after 4 bytes of text")
          << testing::PrintToString(bytes.substr(0, 30));
    }
    EXPECT_EQ(read(compression.ending, good + good.substr(0, 6)), std::nullopt);
    EXPECT_EQ(problem().got, "the end is missing, after 4 bytes of text") << compression.ending;
  }
}

TEST_F(CompressedStreams, MayHoldZstdFramesThatAreSkipped) {
  const std::string frame = std::string("\x53\x2A\x4D\x18", 4) + little_endian(5, 4) + "hello";
  const std::string one = zstd_of("one "), two = zstd_of("two");
  EXPECT_EQ(read(".zst", frame + one + two), "one two");
  EXPECT_EQ(read(".zst", one + frame + two), "one two");
  EXPECT_EQ(read("", frame + one + two + frame), "one two");
  for (std::size_t cut = 1; cut < frame.size(); ++cut) {
    EXPECT_EQ(read(".zst", one + frame.substr(0, cut)), std::nullopt) << cut;
  }
}

TEST_F(CompressedStreams, MayHaveEveryFieldOfAGzipHeader) {
  std::string name = "shard-2.jsonl", comment = "a comment", extra = "extra";
  gz_header header = {};
  header.name = reinterpret_cast<Bytef*>(name.data());
  header.comment = reinterpret_cast<Bytef*>(comment.data());
  header.extra = reinterpret_cast<Bytef*>(extra.data());
  header.extra_len = static_cast<uInt>(extra.size());
  header.hcrc = 1;
  const std::string first = gzip_of("one ");
  const std::string second = gzip_of("two", 6, &header);
  EXPECT_EQ(read(".gz", first + second), "one two");
  for (std::size_t cut = 1; cut < second.size(); ++cut) {
    EXPECT_EQ(read(".gz", first + second.substr(0, cut)), std::nullopt) << cut;
  }
  std::string renamed = second;
  renamed[renamed.find("shard")] = 'S';
  EXPECT_EQ(read(".gz", first + renamed), std::nullopt) << "the header's own checksum";
}

TEST_F(CompressedStreams, AreCheckedByEveryChecksumOfXz) {
  for (lzma_check check :
       {LZMA_CHECK_NONE, LZMA_CHECK_CRC32, LZMA_CHECK_CRC64, LZMA_CHECK_SHA256}) {
    EXPECT_EQ(read(".xz", xz_of("one", check)), "one") << check;
  }
  // The number of a checksum that is not yet given out, of the same size as CRC-32 (The .xz File
  // Format 1.1.0, 2.1.1.2): xz reads it with a warning, unverified.
  std::string unknown = xz_of("one", LZMA_CHECK_CRC32);
  const std::string flags = std::string("\0\x02", 2);
  unknown.replace(6, 6, flags + little_endian(crc32_of(flags), 4));
  const std::string footer = unknown.substr(unknown.size() - 8, 4) + flags;
  unknown.replace(unknown.size() - 12, 10, little_endian(crc32_of(footer), 4) + footer);
  EXPECT_EQ(read(".xz", unknown), std::nullopt);
  EXPECT_TRUE(has(problem().got, "a checksum that is not known here")) << problem().got;
}

// "hello" in a frame that asks for a window of 2^(10 + exponent) bytes (RFC 8878, 3.1.1): header
// without a size, and one last block as it is.
std::string zstd_with_window(int exponent) {
  return std::string("\x28\xB5\x2F\xFD\0", 5) + static_cast<char>(exponent << 3) +
         little_endian(1 | 5 << 3, 3) + "hello";
}

// "hello" with a dictionary of 2^(bits / 2 + 12) bytes for even bits (The .xz File Format, 5.3.1),
// written over that of the first block's header.
std::string xz_with_dictionary(int bits) {
  std::string bytes = xz_of("hello");
  const std::size_t size = (static_cast<unsigned char>(bytes[12]) + 1) * 4;
  std::string header = bytes.substr(12, size - 4);
  const std::size_t filter = header.find("\x21\x01");  // LZMA2, one byte of properties
  header.at(filter + 2) = static_cast<char>(bits);
  return bytes.replace(12, size, header + little_endian(crc32_of(header), 4));
}

TEST_F(CompressedStreams, ThatTakeMuchMemoryAreRefusedWithTheCommandThatUncompressesThem) {
  EXPECT_EQ(read(".zst", zstd_with_window(17)), "hello");
  EXPECT_EQ(read(".xz", xz_with_dictionary(30)), "hello");
  for (int exponent : {18, 21}) {
    EXPECT_EQ(read(".zst", zstd_with_window(exponent)), std::nullopt);
    EXPECT_EQ(problem().what, "the file cannot be uncompressed here");
    EXPECT_EQ(problem().fix,
              "zstd -d --long=31 " + path("file.zst") + ", then give what came out of it");
  }
  EXPECT_EQ(read(".xz", xz_with_dictionary(32)), std::nullopt);
  EXPECT_EQ(problem().fix, "xz -d " + path("file.xz") + ", then give what came out of it");
}

TEST_F(CompressedStreams, ThatBecomeHugeAreReadUpToALimit) {
  const std::string line(1000000, 'a');
  for (const Compression& compression : compressions()) {
    write_file(path("bomb" + compression.ending), compression.of(line + "\n" + line + line));
    const std::filesystem::path file = path("bomb" + compression.ending);
    DataFile lines(file, Encoding::kUtf8, 2);
    EXPECT_EQ(lines.line()->size(), line.size() + 1);
    EXPECT_EQ(lines.line()->size(), 2 * line.size());  // exactly the limit
    try {
      DataFile(file, Encoding::kUtf8, 2).rest();
      FAIL() << "no Error was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.problems()[0].what, "a line or document is too long");
      EXPECT_EQ(error.problems()[0].where, file.string());
      EXPECT_EQ(error.problems()[0].expected, "at most 2 MB, uncompressed (max_document_mb)");
    }
    DataFile shorter(file, Encoding::kUtf8, 1);
    try {
      shorter.line();
      FAIL() << "no Error was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.problems()[0].where, file.string() + ":1");
    }
  }
}

}  // namespace
}  // namespace pressroom::compressed_streams_test
