#include "hub/blob_download.h"

#include <fcntl.h>
#include <unistd.h>

#include "hub/blob_hash.h"
#include "hub/file_lock.h"
#include "hub/incomplete_file.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr long kRangeNotSatisfiable = 416;

HttpAnswer nothing_to_do() {
  HttpAnswer answer;
  answer.status = 200;
  return answer;
}

HttpAnswer fetch(const BlobDownload& download, IncompleteFile& file, HttpClient& client) {
  if (file.offset() > 0 && file.offset() == download.file.size.value_or(-1)) return nothing_to_do();
  HttpAnswer answer = client.download(download.url, file);
  if (answer.status == kRangeNotSatisfiable) {
    file.clear();
    answer = client.download(download.url, file);
  }
  return answer;
}

void check_hash(const BlobDownload& download, const fs::path& partial) {
  const std::string& etag = download.file.etag;
  if (!can_be_checked(etag)) {
    return download.on_message(download.file.name +
                               ": the mirror gives no hash, so only its size was checked");
  }
  const std::string hash = hash_like(etag, partial, download.stop_requested);
  if (hash == etag) return;
  std::error_code ignored;
  fs::remove(partial, ignored);
  throw NetworkFailure({"the file is damaged: its hash is wrong", download.file.name, etag, hash,
                        "what was downloaded is removed; run the same command again, and if it "
                        "stays so, check HF_ENDPOINT"});
}

// A rename is on the disk when its folder is.
void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

bool has_size(const fs::path& file, std::optional<std::int64_t> size) {
  std::error_code missing;
  const std::uintmax_t found = fs::file_size(file, missing);
  return !missing && (!size || found == static_cast<std::uintmax_t>(*size));
}

HttpAnswer download_blob(const BlobDownload& download, HttpClient& client) {
  const FileLock lock(download.lock, download.stop_requested, [&] {
    download.on_message(download.file.name + ": waiting for another download of it");
  });
  if (has_size(download.blob, download.file.size)) return nothing_to_do();
  make_cache_folder(download.blob.parent_path());
  fs::path partial = download.blob;
  partial += ".incomplete";
  {
    IncompleteFile file(partial, download.file.name, download.file.size, download.on_bytes);
    HttpAnswer answer = fetch(download, file, client);
    if (answer.status >= 300) {
      std::error_code ignored;
      if (file.offset() == 0) fs::remove(partial, ignored);
      return answer;
    }
    file.sync();
  }
  check_hash(download, partial);
  std::error_code failed;
  fs::rename(partial, download.blob, failed);
  if (failed) fail_to_write_cache(download.blob, failed.value());
  sync_folder(download.blob.parent_path());
  return nothing_to_do();
}

}  // namespace pressroom
