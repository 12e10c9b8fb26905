// Downloads of models from the hub into the user's cache.
//
//   PullRequest request;
//   request.name = parse_hub_name("EleutherAI/pythia-70m");
//   PullObserver quiet;
//   PullResult result = pull(request, hub_settings_from_environment(), quiet);
//   result.snapshot;   // .../models--EleutherAI--pythia-70m/snapshots/a39f36b1...
//
// Files that are there are hashed and, where whole, not asked for again; one that broke off goes on
// where it was. What is downloaded is checked (size and hash) before it gets its name; the
// snapshot's links are made when all files are there, and the name of the revision is written last.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "hub/http.h"
#include "hub/hub_cache.h"
#include "hub/hub_settings.h"

namespace pressroom {

struct PullRequest {
  HubName name;
  std::vector<std::string> files;  // of the repository; empty: those that make a model
  bool dry_run = false;            // ask what there is, and change nothing
};

struct PullFile {
  std::string name;
  std::int64_t size = 0;  // bytes; 0 where the hub does not say
  std::int64_t done = 0;  // bytes of it that are already there
};

struct PullResult {
  std::string commit;              // 40 hex digits
  std::filesystem::path snapshot;  // where the files are (with dry_run: would be)
  std::vector<PullFile> files;     // sorted by name, as they were found before the download
};

// How a download is seen and stopped. Called from the thread that pulls.
class PullObserver {
 public:
  virtual ~PullObserver() = default;
  virtual void on_plan(const PullResult& /*plan*/) {}
  virtual void on_file_begin(const PullFile& /*file*/) {}
  virtual void on_bytes(const PullFile& /*file*/, std::int64_t /*done*/) {}
  virtual void on_file_end(const PullFile& /*file*/) {}
  // A retry, a wait for another process: worth a line.
  virtual void on_message(const std::string& /*text*/) {}
  virtual bool stop_requested() { return false; }
};

// Throws NetworkFailure for what may work later, Error for a token that would be sent in clear to
// another machine, for what the hub refuses or the disk does not take (the folder is checked before
// anything is asked, room before the first byte), TransferStopped when the observer asks to stop.
// No message holds the token. `options` set the patience; their callbacks are replaced.
PullResult pull(const PullRequest& request, const HubSettings& settings, PullObserver& observer,
                HttpOptions options = {});

}  // namespace pressroom
