// Leases in a directory that any number of processes on any number of machines work on: who has a
// lease on a name is the only one that does what the name stands for.
//
//   LeaseFolder leases("results/x/leases", std::chrono::seconds(60));
//   if (std::optional<Lease> lease = leases.claim("h2o_s0.9_ctx512_seed42")) {
//     work();                                   // leases.renew() meanwhile
//     if (lease->is_held()) publish();          // by rename
//     lease->release();
//   }
//
// How it works, and what it relies on of a file system, which may be NFS:
//
// - A process writes one file that says who it is (holder.h). It claims a name by linking that file
//   to `<name>.<epoch>`: link(2) fails where the name is there, on every server, so that exactly
//   one process gets it. Locks are not used: they are per machine on some mounts, and missing on
//   others.
// - What link(2) answers may be lost on its way; whether the name is now this process's file is
//   looked up, and not believed.
// - All leases of a process are links of one file, so touching that file renews them all.
// - A lease has ended when its process is seen to be gone, which is seen at once on the same host;
//   or when its file was not touched for as long as it says. How long that is, is judged by the
//   file server's clock - the time it gives a file that is touched now - and, where clocks were
//   set, by watching the file for that long.
// - Who takes over a lease that has ended links the next epoch. Who finds a later epoch than its
//   own has lost its lease, and publishes nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lease/holder.h"

namespace pressroom {

class LeaseFolder;

// The right to a name. Not given back by itself: who dies keeps it until that is seen.
class Lease {
 public:
  const std::string& name() const { return name_; }
  std::int64_t epoch() const { return epoch_; }

  // False when another process has taken over, and what was done under the lease is to be dropped.
  bool is_held() const;
  // Gives the name back, together with what earlier holders left of it.
  void release();

 private:
  friend class LeaseFolder;
  Lease(const LeaseFolder& folder, std::string name, std::int64_t epoch)
      : folder_(&folder), name_(std::move(name)), epoch_(epoch) {}

  const LeaseFolder* folder_;  // outlives this
  std::string name_;
  std::int64_t epoch_;
};

// A process that works here, or did, as whoever looks into the folder sees it.
struct SeenHolder {
  std::optional<Holder> holder;  // nothing where its file cannot be read
  std::int64_t age_seconds = 0;  // since its leases were last renewed, by this machine's clock
  bool has_ended = false;
  std::vector<std::string> names;  // what it has leases on
  std::uint64_t inode = 0;         // of its file, which all its leases are links of
};

// The processes that have a file in `folder`, without creating or changing anything; none where
// there is no such folder.
std::vector<SeenHolder> holders_in(const std::filesystem::path& folder);

// Whether the process whose file is `holder_file` has the latest lease on `name`: for whoever looks
// after that process.
bool has_lease(const std::filesystem::path& holder_file, const std::string& name);

class LeaseFolder {
 public:
  // Creates `folder` where it is missing. Leases last for `length` after each renewal. Throws Error
  // where the folder cannot be written or its file system has no link(2).
  LeaseFolder(std::filesystem::path folder, std::chrono::seconds length);
  // Removes this process's file.
  ~LeaseFolder();
  LeaseFolder(const LeaseFolder&) = delete;
  LeaseFolder& operator=(const LeaseFolder&) = delete;

  // Claims `name`, which may be any file name; nothing where another process has it. Throws Error
  // when the folder cannot be used.
  std::optional<Lease> claim(const std::string& name);

  // Renews every lease of this process. Throws Error when that fails.
  void renew() const;
  // The file that renews them when it is touched, by whoever may.
  const std::filesystem::path& file() const { return file_; }

  // Whether a process that lives, but this one, has a lease on a name that begins like this. Judged
  // by this machine's clock where the process is not seen from here.
  bool others_have(const std::string& prefix) const;

  // Removes the files that processes left which have ended: their own and those of their leases.
  void sweep();

 private:
  friend class Lease;

  // What was seen of a lease that another process holds.
  struct Sighting {
    std::int64_t touched_ns = 0;
    std::chrono::steady_clock::time_point since;  // it has looked like this
  };

  std::filesystem::path path_of(const std::string& name, std::int64_t epoch) const;
  bool has_ended(const std::filesystem::path& lease);
  // 0, or the code of what went wrong; EEXIST where another process has that epoch.
  int link_to(const std::filesystem::path& lease) const;
  [[noreturn]] void fail(const std::filesystem::path& file, int code) const;

  std::filesystem::path folder_;
  std::filesystem::path file_;
  std::map<std::string, Sighting> sightings_;
};

}  // namespace pressroom
