#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file_kinds.h"
#include "pressroom/error.h"

namespace pressroom {

MappedFile::MappedFile(const std::filesystem::path& file, const char* what) : path_(file) {
  const auto refuse = [&](const std::string& got) {
    throw Error({std::string("cannot read ") + what, file.string(), "a file that can be read", got,
                 "check the path"});
  };
  const auto reason = [] { return std::error_code(errno, std::generic_category()).message(); };
  // A pipe is refused below, and not waited for.
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) refuse(reason());
  struct stat status = {};
  const bool regular = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  size_ = regular ? static_cast<std::size_t>(status.st_size) : 0;
  void* mapped =
      size_ > 0 ? ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0) : MAP_FAILED;
  // Before close(), which may set errno anew.
  const std::string failure = reason();
  ::close(descriptor);
  if (!regular) refuse("not a regular file");
  if (size_ == 0) refuse("an empty file");
  if (mapped == MAP_FAILED) refuse(failure);
  data_ = static_cast<const char*>(mapped);
  std::vector<Problem> other = stand_in(file.string(), bytes().substr(0, kStandInBytes));
  if (other.empty()) return;
  ::munmap(mapped, size_);  // no destructor runs behind a constructor that throws
  throw Error(std::move(other));
}

MappedFile::~MappedFile() { ::munmap(const_cast<char*>(data_), size_); }

void MappedFile::release(std::string_view part) const {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(part.data());
  // Only pages that lie wholly inside: the others belong to neighbours, too.
  const std::uintptr_t first = (begin + page - 1) / page * page;
  const std::uintptr_t last = (begin + part.size()) / page * page;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): pages are found by address.
  if (first < last) ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

}  // namespace pressroom
