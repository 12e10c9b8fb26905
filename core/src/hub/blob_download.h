// One file of a repository, from the hub to blobs/<etag>: whole and checked, or not there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "hub/hub_api.h"

namespace pressroom {

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
