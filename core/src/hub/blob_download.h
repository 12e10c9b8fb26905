// One file of a repository, from the hub to blobs/<etag>: whole and checked, or not there.
//
// Large files are named by the SHA-256 of their bytes (64 hex digits); all others as git names
// them, by the SHA-1 of "blob SIZE\0" and the bytes (40). So a file's name says what is to be in
// it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "hub/http.h"
#include "hub/hub_listing.h"

namespace pressroom {

// Whether `etag` has the form of one of the two names. Mirrors may name files otherwise.
bool can_be_checked(const std::string& etag);

// The hash of `file` of the kind that `etag` is, in lower-case hex digits. Throws Error when the
// file cannot be read, TransferStopped when `stop_requested` between two pieces.
std::string hash_like(const std::string& etag, const std::filesystem::path& file,
                      const std::function<bool()>& stop_requested);

// Whether `file` is what `etag` names, as far as that can be checked. Throws as hash_like.
bool is_as_named(const std::string& etag, const std::filesystem::path& file,
                 const std::function<bool()>& stop_requested);

// A download that is not finished: <etag>.incomplete, which the next attempt, or the next run, goes
// on from. What is in it is known by its name to be a part of the same bytes.
class IncompleteFile final : public HttpSink {
 public:
  using OnBytes = std::function<void(std::int64_t done)>;

  // Opens `file`, or creates it. `size` is what it will have, where that is known; a file that is
  // longer starts anew, and so does a link, which is replaced. `name` is what messages call it.
  // Throws Error when it cannot be written.
  IncompleteFile(std::filesystem::path file, std::string name, std::optional<std::int64_t> size,
                 OnBytes on_bytes);
  ~IncompleteFile() override;
  IncompleteFile(const IncompleteFile&) = delete;
  IncompleteFile& operator=(const IncompleteFile&) = delete;

  std::int64_t offset() const override { return offset_; }
  // Throws Error when the server's file has another size, or another part was sent.
  void begin(const HttpAnswer& answer) override;
  void write(std::string_view bytes) override;
  bool complete() const override { return !size_ || offset_ == *size_; }

  // Starts anew.
  void clear();
  // Returns when the bytes are on the disk.
  void sync();

 private:
  void check_size(std::int64_t size) const;

  const std::filesystem::path file_;
  const std::string name_;
  std::optional<std::int64_t> size_;
  const OnBytes on_bytes_;
  int descriptor_ = -1;
  std::int64_t offset_ = 0;
};

struct BlobDownload {
  std::string url;
  HubFile file;                // its etag is known
  std::filesystem::path blob;  // <repository folder>/blobs/<etag>
  std::filesystem::path lock;
  std::function<void(std::int64_t done)> on_bytes;
  std::function<void(const std::string&)> on_message;
  std::function<bool()> stop_requested;
};

// Whether `file` is there, followed if it is a link, and has `size` bytes where that is known.
bool has_size(const std::filesystem::path& file, std::optional<std::int64_t> size);

// Goes on from <blob>.incomplete, which stays when the transfer breaks off or is stopped, and is
// removed when its hash is wrong. Does nothing when another process has made the blob meanwhile.
// Throws Error, NetworkFailure, TransferStopped. Returns the answer of a server that refuses
// (status 400 and above), otherwise one of status 200.
HttpAnswer download_blob(const BlobDownload& download, HttpClient& client);

}  // namespace pressroom
