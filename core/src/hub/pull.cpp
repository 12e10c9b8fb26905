#include "hub/pull.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "files/atomic_file.h"
#include "hub/blob_download.h"
#include "hub/choose_files.h"
#include "hub/file_lock.h"
#include "hub/hub_api.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// Where the parts of one repository are in the cache.
struct Places {
  fs::path folder;
  fs::path locks;
  fs::path snapshot;

  fs::path blob(const HubFile& file) const { return folder / "blobs" / file.etag; }
  fs::path link(const HubFile& file) const { return snapshot / file.name; }
  fs::path lock(const HubFile& file) const { return locks / (file.etag + ".lock"); }
};

Places places_of(const HubName& name, const std::string& commit, const fs::path& root) {
  const fs::path folder = hub_repository_folder(name.repository, root);
  return {folder, root / ".locks" / folder.filename(), folder / "snapshots" / commit};
}

bool is_there(const Places& places, const HubFile& file) {
  return has_size(places.link(file), file.size) || has_size(places.blob(file), file.size);
}

std::int64_t bytes_there(const Places& places, const HubFile& file) {
  const std::int64_t size = file.size.value_or(0);
  if (is_there(places, file)) return size;
  fs::path partial = places.blob(file);
  partial += ".incomplete";
  std::error_code missing;
  const std::uintmax_t found = fs::file_size(partial, missing);
  return missing ? 0 : std::min(static_cast<std::int64_t>(found), size);
}

// `root`, or the nearest folder above it that exists. Throws Error where no folder can be made.
fs::path existing_part(const fs::path& root) {
  std::error_code failed;
  fs::path path = fs::absolute(root, failed);
  for (;; path = path.parent_path()) {
    const fs::file_type type = fs::status(path, failed).type();
    if (type == fs::file_type::directory) return path;
    if (type == fs::file_type::none) fail_to_write_cache(path, failed.value());
    if (type != fs::file_type::not_found) fail_to_write_cache(path, ENOTDIR);
    if (!path.has_relative_path()) fail_to_write_cache(path, ENOENT);
  }
}

// Before anything is asked of the hub.
void check_cache(const HubSettings& settings, bool will_write) {
  const fs::path folder = existing_part(settings.cache_root);
  if (will_write && ::access(folder.c_str(), W_OK | X_OK) != 0) fail_to_write_cache(folder, errno);
}

void check_room(const PullResult& plan, const fs::path& root) {
  std::uintmax_t needed = 0;
  for (const PullFile& file : plan.files) {
    needed += static_cast<std::uintmax_t>(file.size - file.done);
  }
  std::error_code unknown;
  const fs::space_info room = fs::space(existing_part(root), unknown);
  if (unknown || room.available >= needed) return;
  const auto megabytes = [](std::uintmax_t bytes) {
    return std::to_string(bytes / 1000000) + " MB";
  };
  throw Error({"the disk has no room for the model", root.string(), megabytes(needed) + " free",
               megabytes(room.available),
               "make room, or set HF_HUB_CACHE to a folder on another disk"});
}

// Relative, so that the cache may be moved; made beside and renamed, so that it is never missing.
void make_link(const Places& places, const HubFile& file) {
  const fs::path link = places.link(file);
  std::error_code failed;
  const bool has_blob = fs::exists(places.blob(file), failed);
  if (!has_blob) return;  // a plain file, made where links cannot be
  make_cache_folder(link.parent_path());
  fs::path fresh = link;
  fresh += "." + std::to_string(::getpid()) + ".new";
  fs::remove(fresh, failed);
  fs::create_symlink(places.blob(file).lexically_relative(link.parent_path()), fresh, failed);
  if (!failed) fs::rename(fresh, link, failed);
  if (failed) fail_to_write_cache(link, failed.value());
}

class Pull {
 public:
  Pull(const PullRequest& request, const HubSettings& settings, PullObserver& observer,
       HttpClient& client)
      : request_(request),
        settings_(settings),
        observer_(observer),
        client_(client),
        api_(settings, client) {}

  PullResult run() {
    const HubListing listing = api_.list(request_.name);
    std::vector<HubFile> files = choose_files(listing, request_.name, request_.files);
    for (HubFile& file : files) {
      if (file.etag.empty()) api_.look_up(request_.name, listing.commit, file);
    }
    const Places places = places_of(request_.name, listing.commit, settings_.cache_root);
    PullResult result;
    result.commit = listing.commit;
    result.snapshot = places.snapshot;
    for (const HubFile& file : files) {
      result.files.push_back({file.name, file.size.value_or(0), bytes_there(places, file)});
    }
    observer_.on_plan(result);
    if (request_.dry_run) return result;
    check_room(result, settings_.cache_root);
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!is_there(places, files[i])) fetch(files[i], result.files[i], places, listing.commit);
    }
    for (const HubFile& file : files) make_link(places, file);
    if (request_.name.revision != listing.commit) {
      write_file_atomically(places.folder / "refs" / request_.name.revision, listing.commit);
    }
    return result;
  }

 private:
  void fetch(const HubFile& file, const PullFile& shown, const Places& places,
             const std::string& commit) {
    observer_.on_file_begin(shown);
    BlobDownload download;
    download.url = api_.file_url(request_.name, commit, file.name);
    download.file = file;
    download.blob = places.blob(file);
    download.lock = places.lock(file);
    download.on_bytes = [&](std::int64_t done) { observer_.on_bytes(shown, done); };
    download.on_message = [&](const std::string& text) { observer_.on_message(text); };
    download.stop_requested = [&] { return observer_.stop_requested(); };
    const HttpAnswer answer = download_blob(download, client_);
    if (answer.status != 200) throw api_.refused(request_.name, answer, file.name);
    observer_.on_file_end(shown);
  }

  const PullRequest& request_;
  const HubSettings& settings_;
  PullObserver& observer_;
  HttpClient& client_;
  HubApi api_;
};

}  // namespace

PullResult pull(const PullRequest& request, const HubSettings& settings, PullObserver& observer,
                HttpOptions options) {
  if (request.name.repository == kStarterModel) {
    throw Error({"the starter model is built in: there is nothing to download", kStarterModel,
                 "the name of a model on the hub, as EleutherAI/pythia-70m", request.name.text(),
                 std::string("name it where a model is wanted: model: ") + kStarterModel});
  }
  if (settings.offline) {
    throw Error({"nothing is downloaded while HF_HUB_OFFLINE is set", request.name.text(), "", "",
                 "unset it, or download where there is a network and copy the folder " +
                     hub_repository_folder(request.name.repository, settings.cache_root).string()});
  }
  check_cache(settings, !request.dry_run);
  options.stop_requested = [&] { return observer.stop_requested(); };
  options.on_retry = [&](const std::string& reason) { observer.on_message(reason); };
  HttpClient client({settings.endpoint, settings.token.value}, options);
  return Pull(request, settings, observer, client).run();
}

}  // namespace pressroom
