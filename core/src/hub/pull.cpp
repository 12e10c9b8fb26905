#include "hub/pull.h"

#include <unistd.h>

#include <system_error>

#include "base/whole_file.h"
#include "hub/blob_download.h"
#include "hub/built_in_models.h"
#include "hub/cache_folder.h"
#include "hub/hub_api.h"
#include "hub/hub_listing.h"
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
  // A link is replaced when the download begins: what it leads to does not count.
  if (!fs::is_regular_file(fs::symlink_status(partial, missing))) return 0;
  const std::uintmax_t found = fs::file_size(partial, missing);
  // One that is longer than the file is of something else, and is begun anew.
  return missing || static_cast<std::int64_t>(found) > size ? 0 : static_cast<std::int64_t>(found);
}

// Sums of sizes fit into an int64 from here on.
void check_sizes(const std::vector<HubFile>& files, const std::string& endpoint) {
  constexpr std::int64_t kMost = std::int64_t{1} << 62;
  std::int64_t total = 0;
  for (const HubFile& file : files) {
    if (file.size.value_or(0) > kMost - total) {
      throw Error({"the hub's answer cannot be understood", shown_url(endpoint) + ": " + file.name,
                   "files that a disk could hold", std::to_string(*file.size) + " bytes",
                   "check HF_ENDPOINT: is it the hub, or a mirror of it?"});
    }
    total += file.size.value_or(0);
  }
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
  // Left by a process of the same number that was killed.
  fs::remove(fresh, failed);
  fs::create_symlink(places.blob(file).lexically_relative(link.parent_path()), fresh, failed);
  if (!failed) fs::rename(fresh, link, failed);
  if (failed) fail_to_write_cache(link, failed.value());
}

std::int64_t missing_bytes(const PullResult& plan) {
  std::int64_t missing = 0;
  for (const PullFile& file : plan.files) missing += file.size - file.done;
  return missing;
}

void check_token(const HubSettings& settings) {
  if (settings.token.value.empty() || !travels_in_clear(settings.endpoint)) return;
  const bool from_file = settings.token.source.find('/') != std::string::npos;
  throw Error({"the token would be sent where others can read it", "HF_ENDPOINT",
               "an https address, or one of this machine", shown_url(settings.endpoint),
               "use the mirror's https address; to download public models without the token of " +
                   settings.token.source +
                   (from_file ? ", set HF_TOKEN_PATH=/dev/null" : ", unset it")});
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
    check_sizes(files, settings_.endpoint);
    const Places places = places_of(request_.name, listing.commit, settings_.cache_root);
    PullResult result;
    result.commit = listing.commit;
    result.snapshot = places.snapshot;
    for (const HubFile& file : files) {
      result.files.push_back({file.name, file.size.value_or(0), bytes_there(places, file)});
    }
    observer_.on_plan(result);
    if (request_.dry_run) return result;
    check_room(missing_bytes(result), settings_.cache_root);
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (remove_damaged(files[i], places)) result.files[i].done = bytes_there(places, files[i]);
      if (!is_there(places, files[i])) fetch(files[i], result.files[i], places, listing.commit);
    }
    // Links when all blobs are there, the ref last: a download that breaks off leaves no snapshot
    // that find_snapshot would take for a whole one.
    for (const HubFile& file : files) make_link(places, file);
    if (request_.name.revision != listing.commit) {
      write_file_atomically(places.folder / "refs" / request_.name.revision, listing.commit);
    }
    return result;
  }

 private:
  // A file in the cache may have been damaged since, or be another of the same size.
  bool remove_damaged(const HubFile& file, const Places& places) {
    // At most twice: the blob, then a plain file that stands where its link would.
    for (bool removed = false;; removed = true) {
      const fs::path path =
          has_size(places.blob(file), file.size) ? places.blob(file) : places.link(file);
      if (!has_size(path, file.size)) return removed;
      if (is_as_named(file.etag, path, [&] { return observer_.stop_requested(); })) return removed;
      observer_.on_message(file.name + ": what the cache holds of it is damaged, and is removed");
      std::error_code failed;
      fs::remove(path, failed);
      if (failed) fail_to_write_cache(path, failed.value());
    }
  }

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
  const std::string& repository = request.name.repository;
  if (is_built_in_model(repository)) {
    throw Error({"the model is built in: there is nothing to download", repository,
                 "the name of a model on the hub, as EleutherAI/pythia-70m", request.name.text(),
                 "name it where a model is wanted: model: " + repository});
  }
  if (settings.offline) {
    throw Error({"nothing is downloaded while HF_HUB_OFFLINE is set", request.name.text(), "", "",
                 "unset it, or download where there is a network and copy the folder " +
                     hub_repository_folder(request.name.repository, settings.cache_root).string()});
  }
  check_token(settings);
  check_cache_folder(settings.cache_root, !request.dry_run);
  options.stop_requested = [&] { return observer.stop_requested(); };
  options.on_retry = [&](const std::string& reason) { observer.on_message(reason); };
  HttpClient client({settings.endpoint, settings.token.value}, options);
  return Pull(request, settings, observer, client).run();
}

}  // namespace pressroom
