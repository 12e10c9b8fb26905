#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "base/file_kinds.h"
#include "scratch_folder.h"

namespace pressroom::path_kind_test {
namespace {

void make_socket(const std::filesystem::path& path) {
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.string().size(), sizeof address.sun_path);
  std::strcpy(address.sun_path, path.c_str());
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(listener);
}

TEST(PathKind, IsOfWhatStandsThereAndHasWords) {
  const ScratchFolder scratch;
  const std::filesystem::path folder = scratch.path();
  std::ofstream(folder / "file") << "x";
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  make_socket(folder / "socket");
  std::filesystem::create_symlink("pipe", folder / "link");
  std::filesystem::create_symlink("nowhere", folder / "loose");
  const struct {
    std::filesystem::path path;
    PathKind kind;
    const char* words;
    bool waited_for;
  } cases[] = {{folder / "file", PathKind::kFile, "a regular file", false},
               {folder, PathKind::kFolder, "a folder", false},
               {folder / "pipe", PathKind::kPipe, "a pipe", true},
               {folder / "link", PathKind::kPipe, "a pipe", true},
               {folder / "socket", PathKind::kSocket, "a socket", true},
               {"/dev/zero", PathKind::kDevice, "a device", true},
               {folder / "nowhere", PathKind::kNothing, "nothing of that name", false},
               {folder / "loose", PathKind::kNothing, "nothing of that name", false},
               {folder / "file" / "in", PathKind::kNothing, "nothing of that name", false},
               {folder / std::string(300, 'n'), PathKind::kUnknown, "File name too long", false}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.path);
    std::error_code failed = std::make_error_code(std::errc::io_error);  // of an earlier call
    EXPECT_EQ(kind_at(c.path, failed), c.kind);
    EXPECT_EQ(static_cast<bool>(failed), c.kind == PathKind::kUnknown);
    EXPECT_EQ(words_of(c.kind, failed), c.words);
    EXPECT_EQ(is_waited_for(c.kind), c.waited_for);
  }
}

}  // namespace
}  // namespace pressroom::path_kind_test
